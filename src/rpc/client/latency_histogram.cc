#include "rpc/client/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace muster::rpc::client {

void LatencyHistogram::Add(std::chrono::nanoseconds latency) {
  const int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  constexpr int64_t kMaxUs = std::numeric_limits<uint32_t>::max();
  const size_t bucket = BucketOf(static_cast<uint64_t>(std::clamp<int64_t>(us, 0, kMaxUs)));
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
}

std::chrono::microseconds LatencyHistogram::Quantile(double quantile) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(count())));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    const uint64_t here = buckets_[bucket].load(std::memory_order_relaxed);
    seen += here;
    if (here > 0 && seen >= wanted) return std::chrono::microseconds(UpperBoundUs(bucket));
  }
  return std::chrono::microseconds(0);
}

// Values below 32 are their own bucket; the value 2^(5+n) + r has its top five bits after the
// leading one as the step in the n-th power of two above.
size_t LatencyHistogram::BucketOf(uint64_t us) {
  if (us < kSteps) return us;
  const size_t shift = static_cast<size_t>(std::bit_width(us)) - 6;
  return (shift + 1) * kSteps + ((us >> shift) - kSteps);
}

uint64_t LatencyHistogram::UpperBoundUs(size_t bucket) {
  if (bucket < kSteps) return bucket;
  const size_t shift = bucket / kSteps - 1;
  const uint64_t step = bucket % kSteps + kSteps;
  return ((step + 1) << shift) - 1;
}

}  // namespace muster::rpc::client
