#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Registry;
}

namespace muster::base {
class ByteBudget;
}

namespace muster::telemetry {

// The calls of the match function, as values of the label `method`.
enum class Method { kGetStatCodes, kValidateTicket, kEnrichTicket, kMakeMatches, kBackfillMatches };
inline constexpr size_t kMethods = static_cast<size_t>(Method::kBackfillMatches) + 1;

// For example "MakeMatches".
std::string_view MethodName(Method method);

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

// What happened to calls and tickets, as Prometheus series whose names start with a prefix;
// docs/metrics.md lists them. Thread-safe; a call costs some tens of nanoseconds, one with
// a `reason` some hundreds.
class MatchMetrics {
 public:
  // `prefix` is a valid metric name without the joining `_`.
  MatchMetrics(const std::string& prefix, const std::string& version);
  ~MatchMetrics();
  MatchMetrics(const MatchMetrics&) = delete;
  MatchMetrics& operator=(const MatchMetrics&) = delete;

  void TicketReceived(Method method);
  void TicketLeftOut(Method method, std::string_view reason);
  // Tickets that were taken, but stood in no match when the stream ended.
  void TicketsLeftOver(Method method, int64_t count);
  // ValidateTicket said no. Past 32 different reasons the label is `other`.
  void TicketInvalid(std::string_view reason);
  void MatchMade(int64_t players);
  void ProposalMade(int64_t players);
  void BadRequest(Method method);
  void LimitReached(Limit limit);
  void StreamsChanged(int64_t delta);
  // From now on the gauge `buffered_bytes` tells, whenever it is read, what is used of `budget`.
  void ShowBuffered(std::shared_ptr<const base::ByteBudget> budget);

  // All series, for the endpoint that serves them.
  std::shared_ptr<prometheus::Registry> registry() const;

 private:
  struct Series;
  const std::unique_ptr<Series> series_;
};

}  // namespace muster::telemetry
