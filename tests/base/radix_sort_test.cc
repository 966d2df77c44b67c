#include "base/radix_sort.h"

#include <algorithm>
#include <limits>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

TEST(RadixSort, KeysOfNumbersKeepTheirOrder) {
  const double limit = std::numeric_limits<double>::max();
  const std::vector<double> ascending = {-limit, -2.5, -1, -1e-300, 0, 1e-300, 1, 2.5, limit};

  for (size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(RadixKey(ascending[i - 1]), RadixKey(ascending[i])) << ascending[i];
  }
  EXPECT_EQ(RadixKey(-0.0), RadixKey(0.0));
  EXPECT_LT(RadixKey(std::numeric_limits<int64_t>::min()), RadixKey(int64_t{-1}));
  EXPECT_LT(RadixKey(int64_t{-1}), RadixKey(int64_t{0}));
}

// Sizes on both sides of the one where the method changes, keys that differ in few and many bits.
TEST(RadixSort, SortsAsAStableSortDoes) {
  std::mt19937_64 random(7);
  for (const size_t size : {0u, 1u, 64u, 65u, 1000u}) {
    for (const uint64_t mask : {uint64_t{3}, uint64_t{0xff} << 40, ~uint64_t{0}}) {
      std::vector<RadixItem> items;
      for (uint32_t i = 0; i < size; ++i) items.push_back({random() & mask, i});
      std::vector<RadixItem> wanted = items;
      std::stable_sort(wanted.begin(), wanted.end(),
                       [](const auto& a, const auto& b) { return a.key < b.key; });
      std::vector<RadixItem> scratch;

      RadixSort(&items, &scratch);

      for (size_t i = 0; i < size; ++i) ASSERT_EQ(items[i].index, wanted[i].index) << size;
    }
  }
}

}  // namespace
}  // namespace muster::base
