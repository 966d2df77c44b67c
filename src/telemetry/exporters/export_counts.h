#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace muster::telemetry::exporters {

// Why records did not reach their backend.
enum class DropReason {
  // The queue was full.
  kQueueFull,
  // The backend said that it will never take them (4xx).
  kRefused,
  // It failed too often, or the program ended first.
  kGaveUp,
};
inline constexpr size_t kDropReasons = static_cast<size_t>(DropReason::kGaveUp) + 1;

// For example "queue_full".
std::string_view DropReasonName(DropReason reason);

// The account of one exporter: records added = sent + dropped + still queued. Thread-safe.
struct ExportCounts {
  std::atomic<int64_t> sent{0};
  std::array<std::atomic<int64_t>, kDropReasons> dropped{};
  // Attempts to send a batch that failed, whether it was sent later or not.
  std::atomic<int64_t> failed_attempts{0};
  std::atomic<int64_t> queued_bytes{0};

  void Drop(DropReason reason, int64_t records) {
    dropped[static_cast<size_t>(reason)].fetch_add(records, std::memory_order_relaxed);
  }
};

}  // namespace muster::telemetry::exporters
