#include "telemetry/match_metrics.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/byte_budget.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

constexpr size_t kMaxInvalidReasons = 32;

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

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

// A registry with one gauge that is set when it is read: what uses the budget may end at any
// moment, on a thread that knows nothing of metrics.
class BudgetRegistry final : public prometheus::Registry {
 public:
  // Once, before the registry is read.
  void ShowIn(Gauge* gauge) { gauge_ = gauge; }

  void Show(std::shared_ptr<const base::ByteBudget> budget) {
    base::MutexLock lock(&mu_);
    budget_ = std::move(budget);
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    {
      base::MutexLock lock(&mu_);
      if (budget_ != nullptr) gauge_->Set(static_cast<double>(budget_->used_bytes()));
    }
    return Registry::Collect();
  }

 private:
  Gauge* gauge_ = nullptr;
  mutable base::Mutex mu_;
  std::shared_ptr<const base::ByteBudget> budget_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::string_view MethodName(Method method) {
  constexpr std::array<std::string_view, kMethods> kNames = {
      "GetStatCodes", "ValidateTicket", "EnrichTicket", "MakeMatches", "BackfillMatches"};
  return kNames.at(At(method));
}

std::string_view LimitName(Limit limit) {
  constexpr std::array<std::string_view, kLimits> kNames = {
      "message_bytes",  "stream_tickets", "stream_bytes", "streams",
      "stream_silence", "buffered_bytes", "worker_queue"};
  return kNames.at(At(limit));
}

struct MatchMetrics::Series {
  explicit Series(std::string name_prefix) : prefix(std::move(name_prefix)) {
    registry->ShowIn(&buffered);
  }

  Family<Counter>& Counters(std::string_view name, const std::string& help) {
    return prometheus::BuildCounter()
        .Name(base::StrCat(prefix, "_", name))
        .Help(help)
        .Register(*registry);
  }
  Gauge& OneGauge(std::string_view name, const std::string& help) {
    return prometheus::BuildGauge()
        .Name(base::StrCat(prefix, "_", name))
        .Help(help)
        .Register(*registry)
        .Add({});
  }

  const std::string prefix;
  const std::shared_ptr<BudgetRegistry> registry = std::make_shared<BudgetRegistry>();
  const std::array<Counter*, kMethods> received = ByMethod(
      Counters("tickets_received_total", "Tickets that came in."), Method::kValidateTicket);
  Family<Counter>& left_out =
      Counters("tickets_left_out_total", "Tickets that were not taken, by reason.");
  const std::array<Counter*, kMethods> left_over =
      ByMethod(Counters("tickets_left_over_total", "Tickets in no match when their stream ended."),
               Method::kMakeMatches);
  Family<Counter>& invalid =
      Counters("tickets_invalid_total", "Tickets that ValidateTicket refused, by reason.");
  Counter& matches = Counters("matches_total", "Matches made.").Add({});
  Counter& players = Counters("players_matched_total", "Players in matches made.").Add({});
  Counter& proposals = Counters("proposals_total", "Backfill proposals made.").Add({});
  Counter& players_added =
      Counters("players_proposed_total", "Players in backfill proposals made.").Add({});
  const std::array<Counter*, kMethods> bad_requests =
      ByMethod(Counters("bad_requests_total", "Calls ended by a message that was not valid."),
               Method::kGetStatCodes);
  const std::array<Counter*, kLimits> limits =
      ByLimit(Counters("limits_reached_total", "Calls ended because a limit was reached."));
  Gauge& streams = OneGauge("streams", "Streams open now.");
  Gauge& buffered = OneGauge("buffered_bytes", "Wire bytes held for open streams.");

  base::Mutex mu;
  absl::flat_hash_set<std::string, base::StringHash, base::StringEq> invalid_reasons
      ABSL_GUARDED_BY(mu);
};

MatchMetrics::MatchMetrics(const std::string& prefix, const std::string& version)
    : series_(std::make_unique<Series>(prefix)) {
  prometheus::BuildGauge()
      .Name(prefix + "_build_info")
      .Help("Always 1; the labels tell which build runs.")
      .Register(*series_->registry)
      .Add({{"version", version}})
      .Set(1);
}

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

void MatchMetrics::ShowBuffered(std::shared_ptr<const base::ByteBudget> budget) {
  series_->registry->Show(std::move(budget));
}

std::shared_ptr<prometheus::Registry> MatchMetrics::registry() const { return series_->registry; }

}  // namespace muster::telemetry
