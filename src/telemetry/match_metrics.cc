#include "telemetry/match_metrics.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/byte_budget.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

constexpr size_t kMaxInvalidReasons = 32;

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// Seconds: up to twice the time after which AGS lets a ticket expire.
const Histogram::BucketBoundaries kWaits = {0.1, 0.5, 1,  2,   5,   10,  15,  20, 30,
                                            45,  60,  90, 120, 150, 180, 300, 600};

template <typename Index>
size_t At(Index index) {
  return static_cast<size_t>(index);
}

Method MethodAt(size_t index) { return static_cast<Method>(index); }

// A counter a method, from `first` on: the methods before it never count this. Reads from 0 at
// once.
std::array<Counter*, kMethods> ByMethod(Family<Counter>& family, Method first) {
  std::array<Counter*, kMethods> counters = {};
  for (size_t i = At(first); i < kMethods; ++i) {
    counters[i] = &family.Add({{"method", std::string(MethodName(MethodAt(i)))}});
  }
  return counters;
}

std::array<Counter*, kLimits> ByLimit(Family<Counter>& family) {
  std::array<Counter*, kLimits> counters = {};
  for (size_t i = 0; i < kLimits; ++i) {
    counters[i] = &family.Add({{"limit", std::string(LimitName(static_cast<Limit>(i)))}});
  }
  return counters;
}

}  // namespace

std::string_view LimitName(Limit limit) {
  constexpr std::array<std::string_view, kLimits> kNames = {
      "message_bytes",  "stream_tickets", "stream_bytes", "streams",
      "stream_silence", "buffered_bytes", "worker_queue"};
  return kNames.at(At(limit));
}

struct MatchMetrics::Series {
  explicit Series(MetricRegistry& registry)
      : received(ByMethod(registry.Counters("tickets_received_total", "Tickets that came in."),
                          Method::kValidateTicket)),
        left_out(
            registry.Counters("tickets_left_out_total", "Tickets that were not taken, by reason.")),
        left_over(ByMethod(registry.Counters("tickets_left_over_total",
                                             "Tickets in no match when their stream ended."),
                           Method::kMakeMatches)),
        out_of_time(ByMethod(registry.Counters("ticks_out_of_time_total",
                                               "Ticks that ended because their time was up."),
                             Method::kMakeMatches)),
        not_looked_at(ByMethod(registry.Counters("tickets_not_looked_at_total",
                                                 "Tickets that such a tick left aside."),
                               Method::kMakeMatches)),
        invalid(registry.Counters("tickets_invalid_total",
                                  "Tickets that ValidateTicket refused, by reason.")),
        wait(registry
                 .Histograms("ticket_wait_seconds",
                             "From the creation of a ticket to its match or proposal.")
                 .Add({}, kWaits)),
        matches(registry.OneCounter("matches_total", "Matches made.")),
        players(registry.OneCounter("players_matched_total", "Players in matches made.")),
        proposals(registry.OneCounter("proposals_total", "Backfill proposals made.")),
        players_added(
            registry.OneCounter("players_proposed_total", "Players in backfill proposals made.")),
        bad_requests(ByMethod(
            registry.Counters("bad_requests_total", "Calls ended by a message that was not valid."),
            Method::kGetStatCodes)),
        limits(ByLimit(
            registry.Counters("limits_reached_total", "Calls ended because a limit was reached."))),
        streams(registry.OneGauge("streams", "Streams open now.")),
        queued(registry.OneGauge("queued_matches", "Streams that wait for a match worker.")),
        buffered(registry.OneGauge("buffered_bytes", "Wire bytes held for open streams.")) {}

  const std::array<Counter*, kMethods> received;
  Family<Counter>& left_out;
  const std::array<Counter*, kMethods> left_over;
  const std::array<Counter*, kMethods> out_of_time;
  const std::array<Counter*, kMethods> not_looked_at;
  Family<Counter>& invalid;
  Histogram& wait;
  Counter& matches;
  Counter& players;
  Counter& proposals;
  Counter& players_added;
  const std::array<Counter*, kMethods> bad_requests;
  const std::array<Counter*, kLimits> limits;
  Gauge& streams;
  Gauge& queued;
  Gauge& buffered;

  base::Mutex mu;
  absl::flat_hash_set<std::string, base::StringHash, base::StringEq> invalid_reasons
      ABSL_GUARDED_BY(mu);
};

MatchMetrics::MatchMetrics(MetricRegistry& registry)
    : registry_(registry), series_(std::make_unique<Series>(registry)) {}

MatchMetrics::~MatchMetrics() = default;

void MatchMetrics::TicketReceived(Method method) { series_->received[At(method)]->Increment(); }

void MatchMetrics::TicketLeftOut(Method method, std::string_view reason) {
  series_->left_out
      .Add({{"method", std::string(MethodName(method))}, {"reason", std::string(reason)}})
      .Increment();
}

void MatchMetrics::TicketsLeftOver(Method method, int64_t count) {
  series_->left_over[At(method)]->Increment(static_cast<double>(count));
}

void MatchMetrics::TickOutOfTime(Method method, int64_t not_looked_at) {
  series_->out_of_time[At(method)]->Increment();
  series_->not_looked_at[At(method)]->Increment(static_cast<double>(not_looked_at));
}

void MatchMetrics::TicketInvalid(std::string_view reason) {
  std::string label(reason);
  {
    base::MutexLock lock(&series_->mu);
    auto& known = series_->invalid_reasons;
    if (known.size() >= kMaxInvalidReasons && !known.contains(reason)) label = "other";
    known.insert(label);
  }
  series_->invalid.Add({{"reason", label}}).Increment();
}

void MatchMetrics::TicketWaited(std::chrono::milliseconds wait) {
  series_->wait.Observe(std::chrono::duration<double>(wait).count());
}

void MatchMetrics::MatchMade(int64_t players) {
  series_->matches.Increment();
  series_->players.Increment(static_cast<double>(players));
}

void MatchMetrics::ProposalMade(int64_t players) {
  series_->proposals.Increment();
  series_->players_added.Increment(static_cast<double>(players));
}

void MatchMetrics::BadRequest(Method method) { series_->bad_requests[At(method)]->Increment(); }

void MatchMetrics::LimitReached(Limit limit) { series_->limits[At(limit)]->Increment(); }

void MatchMetrics::StreamsChanged(int64_t delta) {
  series_->streams.Increment(static_cast<double>(delta));
}

void MatchMetrics::QueueChanged(int64_t delta) {
  series_->queued.Increment(static_cast<double>(delta));
}

void MatchMetrics::ShowBuffered(std::shared_ptr<const base::ByteBudget> budget) {
  registry_.OnScrape([gauge = &series_->buffered, budget = std::move(budget)] {
    gauge->Set(static_cast<double>(budget->used_bytes()));
  });
}

}  // namespace muster::telemetry
