#include "bench/quality/quality_row.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/quality/tick.h"
#include "bench/statistics.h"
#include "nlohmann/json.hpp"

namespace muster::bench {
namespace {

// One tick over one crowd.
struct Sample {
  double ms = 0;
  lab::MatchQuality quality;
  double of_bound_percent = 0;
  double bound_percent = 0;
  int64_t out_of_time = 0;
};

using Samples = std::vector<Sample>;

template <typename Figure>
double MedianOf(const Samples& samples, Figure figure) {
  std::vector<double> values;
  values.reserve(samples.size());
  for (const Sample& sample : samples) values.push_back(figure(sample));
  return Median(std::move(values));
}

double MedianOf(const Samples& samples, double lab::MatchQuality::*figure) {
  return MedianOf(samples, [figure](const Sample& sample) { return sample.quality.*figure; });
}

absl::StatusOr<Sample> Measure(const match::MatchLogic& logic,
                               const std::vector<match::Ticket>& tickets,
                               const BenchPopulation& population, int64_t bound) {
  Sample sample;
  const base::Timestamp now = population.crowd.now;
  MUSTER_ASSIGN_OR_RETURN(const TickResult tick, RunTick(logic, tickets, now));
  sample.ms = tick.time.count();
  sample.out_of_time = tick.out_of_time;
  MUSTER_ASSIGN_OR_RETURN(
      sample.quality,
      lab::MeasureQuality(tickets, tick.matches, population.game.rating_attribute, now));
  const int64_t matched = sample.quality.matched_players;
  if (matched > bound) {
    return absl::InternalError(
        base::StrCat(matched, " players are matched, more than the ", bound, " that can be"));
  }
  sample.of_bound_percent =
      bound == 0 ? 100 : 100 * static_cast<double>(matched) / static_cast<double>(bound);
  const auto players = static_cast<double>(std::max<int64_t>(sample.quality.players, 1));
  sample.bound_percent = 100 * static_cast<double>(bound) / players;
  return sample;
}

// What the row missed, with commas between; empty: nothing.
std::string Missed(const Goal& goal, const QualityRow& row) {
  std::vector<std::string> missed;
  if (goal.most_ms > 0 && row.ms > goal.most_ms) {
    missed.push_back(absl::StrFormat("> %g ms", goal.most_ms));
  }
  const bool quality = row.strategy == "quality";
  const bool near_bound =
      quality && goal.of_bound_percent > 0 && row.of_bound_percent >= goal.of_bound_percent;
  const double percent = quality ? goal.matched_percent : goal.oldest_first_percent;
  if (row.matched_percent < percent && !near_bound) {
    missed.push_back(absl::StrFormat("< %g %%", percent));
  }
  if (quality && goal.imbalance_p95 > 0 && row.imbalance_p95 > goal.imbalance_p95) {
    missed.push_back(absl::StrFormat("imbalance > %g", goal.imbalance_p95));
  }
  return absl::StrJoin(missed, ", ");
}

std::string Verdict(const Goal* goal, const QualityRow& row) {
  if (row.out_of_time > 0) return absl::StrFormat("out of time: %d tickets", row.out_of_time);
  if (goal == nullptr) return "";
  const std::string missed = Missed(*goal, row);
  return missed.empty() ? "met" : "missed: " + missed;
}

QualityRow Summary(const BenchPopulation& population, int64_t tickets, const std::string& strategy,
                   const Samples& samples) {
  std::vector<double> times;
  QualityRow row;
  for (const Sample& sample : samples) {
    times.push_back(sample.ms);
    row.out_of_time += sample.out_of_time;
  }
  row.population = population.name;
  row.tickets = tickets;
  row.strategy = strategy;
  row.seeds = static_cast<int64_t>(samples.size());
  row.ms = Median(times);
  row.low_ms = SpreadOf(times).low;
  row.high_ms = SpreadOf(times).high;
  row.matched_percent =
      MedianOf(samples, [](const Sample& s) { return s.quality.MatchedPercent(); });
  row.of_bound_percent = MedianOf(samples, [](const Sample& s) { return s.of_bound_percent; });
  row.bound_percent = MedianOf(samples, [](const Sample& s) { return s.bound_percent; });
  row.spread_p50 = MedianOf(samples, &lab::MatchQuality::spread_p50);
  row.spread_p95 = MedianOf(samples, &lab::MatchQuality::spread_p95);
  row.imbalance_p50 = MedianOf(samples, &lab::MatchQuality::imbalance_p50);
  row.imbalance_p95 = MedianOf(samples, &lab::MatchQuality::imbalance_p95);
  row.oldest_waiting_s = MedianOf(samples, [](const Sample& s) {
    return std::chrono::duration<double>(s.quality.oldest_waiting).count();
  });
  row.verdict = Verdict(population.GoalFor(tickets), row);
  return row;
}

}  // namespace

int64_t SeedsFor(int64_t tickets) {
  if (tickets <= 1000) return 20;
  return tickets <= 10'000 ? 5 : 3;
}

absl::StatusOr<std::vector<QualityRow>> MeasureRows(const BenchPopulation& population,
                                                    int64_t tickets,
                                                    const QualityOptions& options) {
  match::LogicOptions logic_options;
  logic_options.profile = population.profile;
  logic_options.tick_time_limit = std::chrono::milliseconds(options.limit_ms);
  std::vector<std::shared_ptr<const match::MatchLogic>> logics;
  for (const std::string& strategy : options.strategies) {
    MUSTER_ASSIGN_OR_RETURN(
        logics.emplace_back(),
        MakeLogic(options.logic, RulesJson(population.game, strategy), logic_options));
  }
  std::vector<Samples> samples(logics.size());
  const int64_t seeds = options.seeds > 0 ? options.seeds : SeedsFor(tickets);
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    lab::SnapshotOptions crowd = population.crowd;
    crowd.tickets = tickets;
    crowd.seed = static_cast<uint64_t>(seed);
    MUSTER_ASSIGN_OR_RETURN(const std::vector<match::Ticket> made, lab::MakeSnapshot(crowd));
    const int64_t bound = lab::MostPlayers(made, population.game, crowd.now);
    // Who goes first changes, so that nobody always finds a warm machine.
    for (size_t turn = 0; turn < logics.size(); ++turn) {
      const size_t which = (turn + static_cast<size_t>(seed)) % logics.size();
      MUSTER_ASSIGN_OR_RETURN(samples[which].emplace_back(),
                              Measure(*logics[which], made, population, bound));
    }
  }
  std::vector<QualityRow> rows;
  for (size_t i = 0; i < logics.size(); ++i) {
    rows.push_back(Summary(population, tickets, options.strategies[i], samples[i]));
  }
  return rows;
}

std::string QualityHeading() {
  return absl::StrFormat(
      "%-26s %7s %-12s %5s %9s %9s %8s %13s %15s %7s  %s\n%-26s %7s %-12s %5s %9s "
      "%9s %8s %6s %6s %7s %7s %7s  %s\n",
      "population", "tickets", "strategy", "seeds", "ms", "matched", "of", "spread", "imbalance",
      "oldest", "goals", "", "", "", "", "", "%", "bound %", "p50", "p95", "p50", "p95", "s", "");
}

std::string QualityLine(const QualityRow& row) {
  return absl::StrFormat(
      "%-26s %7d %-12s %5d %9.2f %9.2f %8.2f %6.1f %6.1f %7.2f %7.2f %7.1f  %s\n", row.population,
      row.tickets, row.strategy, row.seeds, row.ms, row.matched_percent, row.of_bound_percent,
      row.spread_p50, row.spread_p95, row.imbalance_p50, row.imbalance_p95, row.oldest_waiting_s,
      row.verdict);
}

std::string QualityJson(const std::vector<QualityRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const QualityRow& row : rows) {
    list.push_back({{"population", row.population},
                    {"tickets", row.tickets},
                    {"strategy", row.strategy},
                    {"seeds", row.seeds},
                    {"ms", row.ms},
                    {"low_ms", row.low_ms},
                    {"high_ms", row.high_ms},
                    {"matched_percent", row.matched_percent},
                    {"of_bound_percent", row.of_bound_percent},
                    {"bound_percent", row.bound_percent},
                    {"spread_p50", row.spread_p50},
                    {"spread_p95", row.spread_p95},
                    {"imbalance_p50", row.imbalance_p50},
                    {"imbalance_p95", row.imbalance_p95},
                    {"oldest_waiting_s", row.oldest_waiting_s},
                    {"out_of_time", row.out_of_time},
                    {"verdict", row.verdict}});
  }
  return list.dump(1) + "\n";
}

}  // namespace muster::bench
