#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "telemetry/match_metrics.h"

namespace muster::rpc {

// How many streams may be open at once. Thread-safe.
class StreamSlots {
 public:
  // The right to be open; given back by its destructor.
  class Slot {
   public:
    explicit Slot(StreamSlots& slots) : slots_(slots) {}
    ~Slot() { slots_.Return(); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    StreamSlots& slots_;
  };

  // `metrics` outlives the slots.
  StreamSlots(int64_t max_streams, telemetry::MatchMetrics& metrics)
      : max_streams_(max_streams), metrics_(metrics) {}

  // Null, and counted, when there is none.
  std::unique_ptr<Slot> Take() {
    if (open_.fetch_add(1, std::memory_order_relaxed) >= max_streams_) {
      open_.fetch_sub(1, std::memory_order_relaxed);
      metrics_.LimitReached(telemetry::Limit::kStreams);
      return nullptr;
    }
    metrics_.StreamsChanged(1);
    return std::make_unique<Slot>(*this);
  }

 private:
  void Return() {
    open_.fetch_sub(1, std::memory_order_relaxed);
    metrics_.StreamsChanged(-1);
  }

  const int64_t max_streams_;
  telemetry::MatchMetrics& metrics_;
  std::atomic<int64_t> open_{0};
};

}  // namespace muster::rpc
