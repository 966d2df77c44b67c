#include "base/ids.h"

#include <bit>
#include <cstring>

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

constexpr size_t kIdDigits = 32;
static_assert(std::endian::native == std::endian::little);

// Eight digits of a number, most significant first, worked out side by side in one register. A
// server makes two ids a match, so this is on its hottest path.
void WriteHex(uint32_t value, char* out) {
  uint64_t nibbles = __builtin_bswap32(value);
  nibbles = (nibbles | nibbles << 16) & 0x0000ffff0000ffffULL;
  nibbles = (nibbles | nibbles << 8) & 0x00ff00ff00ff00ffULL;
  nibbles = (nibbles >> 4 | nibbles << 8) & 0x0f0f0f0f0f0f0f0fULL;
  // 1 in every byte that holds a letter.
  const uint64_t letters = ((nibbles + 0x0606060606060606ULL) >> 4) & 0x0101010101010101ULL;
  const uint64_t digits = nibbles + 0x3030303030303030ULL + letters * ('a' - '0' - 10);
  std::memcpy(out, &digits, sizeof(digits));
}

void WriteHex(uint64_t value, char* out) {
  WriteHex(static_cast<uint32_t>(value >> 32), out);
  WriteHex(static_cast<uint32_t>(value), out + 8);
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
  std::string id(kIdDigits, '0');
  WriteHex(high, id.data());
  WriteHex(low, id.data() + kIdDigits / 2);
  return id;
}

}  // namespace muster::base
