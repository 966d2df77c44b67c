#pragma once

#include "base/environment.h"
#include "gtest/gtest.h"

namespace muster::support {

// Where a missing part is a failure: CI=true promises that all of them are there.
inline bool IsCi() { return base::Environment::Process().Get("CI") == "true"; }

}  // namespace muster::support

// Leaves the test, or the SetUp of a fixture or an environment, when a real part that it needs is
// not `there`: a skip that says so, and a failure in CI.
//
//   MUSTER_NEED_PART(RedisServer::IsInstalled(), "redis-server");
#define MUSTER_NEED_PART(there, what)                         \
  if (there) {                                                \
  } else if (muster::support::IsCi()) {                       \
    FAIL() << (what) << " is missing, and CI has to have it"; \
  } else                                                      \
    GTEST_SKIP() << (what) << " is missing: nothing is tested here"
