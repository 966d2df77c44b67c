#include "base/ids.h"

#include "absl/strings/str_cat.h"

namespace muster::base {
namespace {

std::seed_seq SeedSequence(const IdSeed& seed) {
  return std::seed_seq{static_cast<uint32_t>(seed[0]), static_cast<uint32_t>(seed[0] >> 32),
                       static_cast<uint32_t>(seed[1]), static_cast<uint32_t>(seed[1] >> 32)};
}

std::mt19937_64 MakeEngine(const IdSeed& seed) {
  std::seed_seq sequence = SeedSequence(seed);
  return std::mt19937_64(sequence);
}

}  // namespace

IdSeed RandomIdSeed() {
  std::random_device device;
  const auto word = [&device] { return (static_cast<uint64_t>(device()) << 32) | device(); };
  return {word(), word()};
}

IdGenerator::IdGenerator(IdSeed seed) : random_(MakeEngine(seed)) {}

std::string IdGenerator::Next() {
  constexpr uint64_t kVersionMask = 0xffffffffffff0fffULL;
  constexpr uint64_t kVersion4 = 0x0000000000004000ULL;
  constexpr uint64_t kVariantMask = 0x3fffffffffffffffULL;
  constexpr uint64_t kVariant1 = 0x8000000000000000ULL;
  const uint64_t high = (random_() & kVersionMask) | kVersion4;
  const uint64_t low = (random_() & kVariantMask) | kVariant1;
  return absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
}

}  // namespace muster::base
