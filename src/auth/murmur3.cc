#include "auth/murmur3.h"

#include <bit>
#include <cstring>

namespace muster::auth {
namespace {

static_assert(std::endian::native == std::endian::little, "the blocks are little-endian words");

constexpr uint64_t kFirst = 0x87c37b91114253d5;
constexpr uint64_t kSecond = 0x4cf5ad432745937f;
constexpr size_t kBlockBytes = 16;

uint64_t ScrambleFirst(uint64_t word) { return std::rotl(word * kFirst, 31) * kSecond; }
uint64_t ScrambleSecond(uint64_t word) { return std::rotl(word * kSecond, 33) * kFirst; }

uint64_t Finish(uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

struct Block {
  uint64_t first = 0;
  uint64_t second = 0;
};

// The first bytes of `text` as a block, filled up with zeros.
Block Load(std::string_view text) {
  Block block;
  std::memcpy(&block, text.data(), text.size() < kBlockBytes ? text.size() : kBlockBytes);
  return block;
}

}  // namespace

std::pair<uint64_t, uint64_t> Murmur3(std::string_view text) {
  const uint64_t length = text.size();
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  for (; text.size() >= kBlockBytes; text.remove_prefix(kBlockBytes)) {
    const Block block = Load(text);
    h1 = (std::rotl(h1 ^ ScrambleFirst(block.first), 27) + h2) * 5 + 0x52dce729;
    h2 = (std::rotl(h2 ^ ScrambleSecond(block.second), 31) + h1) * 5 + 0x38495ab5;
  }
  if (!text.empty()) {
    const Block rest = Load(text);
    h1 ^= ScrambleFirst(rest.first);
    h2 ^= ScrambleSecond(rest.second);
  }
  h1 ^= length;
  h2 ^= length;
  h1 += h2;
  h2 += h1;
  h1 = Finish(h1);
  h2 = Finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace muster::auth
