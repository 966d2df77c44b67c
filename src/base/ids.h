#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace muster::base {

// Seeds for IdGenerator. The same seed gives the same ids.
using IdSeed = std::array<uint64_t, 2>;

// A seed from the machine's entropy source.
IdSeed RandomIdSeed();

// Makes version 4 UUIDs (RFC 9562) as 32 lower-case hex digits without hyphens. Not thread-safe;
// meant to be one a run. std::mt19937_64 is specified to the bit by the C++ standard, so a seed
// gives the same ids on every machine. The ids name things; they are no secrets.
class IdGenerator {
 public:
  explicit IdGenerator(IdSeed seed);

  std::string Next();

 private:
  std::mt19937_64 random_;
};

}  // namespace muster::base
