#pragma once

#include <cstdio>
#include <cstdlib>

// Ends a fuzz run, so that libFuzzer keeps the input, when `condition` does not hold.
#define FUZZ_CHECK(condition)                                                        \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)
