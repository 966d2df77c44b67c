#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::rpc::client {

// Counts durations in fixed memory (7 KiB): exact below 32 us, above it to within 1/32 of the
// value, up to 71 minutes; longer ones count as that. Thread-safe; Add takes no lock.
class LatencyHistogram {
 public:
  void Add(std::chrono::nanoseconds latency);

  // The smallest recorded duration, rounded up to the end of its step, that at least `quantile` of
  // all are not above; 0 when there are none. `quantile` is from 0 to 1.
  std::chrono::microseconds Quantile(double quantile) const;

  uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  // Each power of two has 32 steps of equal width.
  static constexpr size_t kSteps = 32;
  static constexpr size_t kBuckets = 28 * kSteps;

  static size_t BucketOf(uint64_t us);
  static uint64_t UpperBoundUs(size_t bucket);

  std::array<std::atomic<uint64_t>, kBuckets> buckets_ = {};
  std::atomic<uint64_t> count_ = 0;
};

}  // namespace muster::rpc::client
