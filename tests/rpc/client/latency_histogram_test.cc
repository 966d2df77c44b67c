#include "rpc/client/latency_histogram.h"

#include "gtest/gtest.h"

namespace muster::rpc::client {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;

  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.Quantile(0.5), microseconds(0));
}

TEST(LatencyHistogram, IsExactForShortTimes) {
  LatencyHistogram histogram;

  for (int us = 1; us <= 20; ++us) histogram.Add(microseconds(us));

  EXPECT_EQ(histogram.count(), 20u);
  EXPECT_EQ(histogram.Quantile(0.5), microseconds(10));
  EXPECT_EQ(histogram.Quantile(0.95), microseconds(19));
  EXPECT_EQ(histogram.Quantile(1), microseconds(20));
}

TEST(LatencyHistogram, IsWithinOneThirtySecondForLongTimes) {
  for (int64_t us = 32; us < 4'000'000'000; us = us * 3 / 2 + 1) {
    LatencyHistogram histogram;
    histogram.Add(microseconds(us));

    EXPECT_GE(histogram.Quantile(0.5).count(), us);
    EXPECT_LE(histogram.Quantile(0.5).count(), us + us / 32) << us;
  }
}

TEST(LatencyHistogram, TakesTimesOutOfItsRangeAsItsEnds) {
  LatencyHistogram histogram;

  histogram.Add(nanoseconds(-5));
  EXPECT_EQ(histogram.Quantile(1), microseconds(0));
  histogram.Add(hours(100));
  EXPECT_EQ(histogram.Quantile(1), microseconds(0xffffffff));
}

}  // namespace
}  // namespace muster::rpc::client
