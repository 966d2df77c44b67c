#include "base/radix_sort.h"

#include <algorithm>
#include <array>
#include <bit>

namespace muster::base {
namespace {

constexpr int kDigitBits = 11;
constexpr size_t kBuckets = size_t{1} << kDigitBits;
constexpr int kKeyBits = 64;
constexpr uint64_t kSignBit = uint64_t{1} << 63;
// Fewer items are sorted faster by comparing them.
constexpr size_t kFew = 64;

size_t Digit(uint64_t key, int shift) { return (key >> shift) & (kBuckets - 1); }

// The bits in which any two keys differ.
uint64_t VaryingBits(const std::vector<RadixItem>& items) {
  uint64_t varying = 0;
  for (const RadixItem& item : items) varying |= item.key ^ items.front().key;
  return varying;
}

void SortByDigit(const std::vector<RadixItem>& from, int shift, std::vector<RadixItem>* to) {
  std::array<uint32_t, kBuckets> starts{};
  for (const RadixItem& item : from) ++starts[Digit(item.key, shift)];
  uint32_t next = 0;
  for (uint32_t& start : starts) {
    const uint32_t count = start;
    start = next;
    next += count;
  }
  for (const RadixItem& item : from) (*to)[starts[Digit(item.key, shift)]++] = item;
}

}  // namespace

uint64_t RadixKey(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

uint64_t RadixKey(int64_t value) { return static_cast<uint64_t>(value) ^ kSignBit; }

void RadixSort(std::vector<RadixItem>* items, std::vector<RadixItem>* scratch) {
  if (items->size() <= kFew) {
    std::stable_sort(items->begin(), items->end(),
                     [](const RadixItem& a, const RadixItem& b) { return a.key < b.key; });
    return;
  }
  const uint64_t varying = VaryingBits(*items);
  scratch->resize(items->size());
  for (int shift = 0; shift < kKeyBits; shift += kDigitBits) {
    if (Digit(varying, shift) == 0) continue;
    SortByDigit(*items, shift, scratch);
    items->swap(*scratch);
  }
}

}  // namespace muster::base
