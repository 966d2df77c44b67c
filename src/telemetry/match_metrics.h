#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "telemetry/method.h"
#include "telemetry/metric_registry.h"

namespace muster::base {
class ByteBudget;
}

namespace muster::telemetry {

// What a call can run into, as values of the label `limit`.
enum class Limit {
  kMessageBytes,
  kStreamTickets,
  kStreamBytes,
  kStreams,
  kStreamSilence,
  kBufferedBytes,
  kWorkerQueue,
};
inline constexpr size_t kLimits = static_cast<size_t>(Limit::kWorkerQueue) + 1;

// For example "stream_tickets".
std::string_view LimitName(Limit limit);

// What happened to tickets; docs/metrics.md lists the series. Thread-safe; a call costs some tens
// of nanoseconds, one with a `reason` some hundreds.
class MatchMetrics {
 public:
  // `registry` outlives the object.
  explicit MatchMetrics(MetricRegistry& registry);
  ~MatchMetrics();
  MatchMetrics(const MatchMetrics&) = delete;
  MatchMetrics& operator=(const MatchMetrics&) = delete;

  void TicketReceived(Method method);
  void TicketLeftOut(Method method, std::string_view reason);
  // Tickets that were taken, but stood in no match when the stream ended.
  void TicketsLeftOver(Method method, int64_t count);
  // A tick ended because its time was up; so many tickets, or backfill tickets, had to be left
  // aside.
  void TickOutOfTime(Method method, int64_t not_looked_at);
  // ValidateTicket said no. Past 32 different reasons the label is `other`.
  void TicketInvalid(std::string_view reason);
  // From the creation of a ticket to the match it stands in.
  void TicketWaited(std::chrono::milliseconds wait);
  void MatchMade(int64_t players);
  void ProposalMade(int64_t players);
  void BadRequest(Method method);
  void LimitReached(Limit limit);
  void StreamsChanged(int64_t delta);
  // Streams that wait for a worker.
  void QueueChanged(int64_t delta);
  // From now on the gauge `buffered_bytes` tells, whenever it is read, what is used of `budget`.
  void ShowBuffered(std::shared_ptr<const base::ByteBudget> budget);

 private:
  struct Series;
  MetricRegistry& registry_;
  const std::unique_ptr<Series> series_;
};

}  // namespace muster::telemetry
