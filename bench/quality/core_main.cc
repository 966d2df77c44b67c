#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "bench/quality/populations.h"
#include "bench/quality/tick.h"
#include "bench/statistics.h"
#include "lab/match_quality.h"

// The time of a tick of 1v1 beside that of sorting the ratings, in one process, in turn. The order
// within a pair changes from pair to pair, and the ratio is taken within a pair, so that a machine
// that drifts moves both.
namespace muster::bench {
namespace {

// Goals: a tick in so many sorts; one of a million tickets; the growth of the time a ticket.
constexpr int64_t kRatioGoalTickets = 10'000;
constexpr double kRatioGoal = 4;
constexpr int64_t kTimeGoalTickets = 1'000'000;
constexpr double kTimeGoalMs = 600;
constexpr double kGrowthGoal = 3;

struct Flags {
  std::vector<int64_t> tickets = {10'000, 100'000, 1'000'000};
  std::vector<std::string> strategies = {"oldest_first", "quality"};
  int pairs = 9;
  std::string logic = "alliance";
};

// What a matcher sorts at least.
struct Key {
  float rating;
  uint32_t index;
};

std::vector<Key> KeysOf(const std::vector<match::Ticket>& tickets) {
  std::vector<Key> keys;
  keys.reserve(tickets.size());
  for (const match::Ticket& ticket : tickets) {
    keys.push_back(
        {static_cast<float>(lab::MeanRating(ticket, "mmr")), static_cast<uint32_t>(keys.size())});
  }
  return keys;
}

double SortMs(std::vector<Key> keys) {
  const base::MonotonicTime start = base::Clock::System().MonotonicNow();
  std::sort(keys.begin(), keys.end(),
            [](const Key& a, const Key& b) { return a.rating < b.rating; });
  const std::chrono::duration<double, std::milli> time =
      base::Clock::System().MonotonicNow() - start;
  return time.count();
}

struct Pairs {
  std::vector<double> sort_ms;
  std::vector<double> tick_ms;

  std::vector<double> Ratios() const {
    std::vector<double> ratios;
    for (size_t i = 0; i < sort_ms.size(); ++i) ratios.push_back(tick_ms[i] / sort_ms[i]);
    return ratios;
  }
};

absl::StatusOr<Pairs> Measure(const match::MatchLogic& logic,
                              const std::vector<match::Ticket>& tickets, base::Timestamp now,
                              int pairs) {
  const std::vector<Key> keys = KeysOf(tickets);
  Pairs result;
  // The first pair warms the machine up and is forgotten.
  for (int pair = 0; pair <= pairs; ++pair) {
    double sort_ms = pair % 2 == 0 ? SortMs(keys) : 0;
    MUSTER_ASSIGN_OR_RETURN(const TickResult tick, RunTick(logic, tickets, now));
    if (pair % 2 == 1) sort_ms = SortMs(keys);
    if (pair == 0) continue;
    result.sort_ms.push_back(sort_ms);
    result.tick_ms.push_back(tick.time.count());
  }
  return result;
}

std::string Verdict(int64_t tickets, double ms, double ratio, double growth) {
  std::string verdict;
  const auto judge = [&verdict](bool met, const std::string& goal) {
    verdict +=
        absl::StrFormat("%s%s: %s", verdict.empty() ? "" : "; ", goal, met ? "met" : "missed");
  };
  if (tickets == kRatioGoalTickets) {
    judge(ratio <= kRatioGoal, absl::StrFormat("<= %g sorts", kRatioGoal));
  }
  if (tickets == kTimeGoalTickets) {
    judge(ms <= kTimeGoalMs, absl::StrFormat("<= %g ms", kTimeGoalMs));
    if (growth > 0) judge(growth <= kGrowthGoal, absl::StrFormat("growth <= %g", kGrowthGoal));
  }
  return verdict;
}

// Prints a row for each size; growth is that of the time a ticket since 10,000 tickets.
absl::Status PrintRows(const Flags& flags, const std::string& strategy) {
  const BenchPopulation duel = Populations().front();
  MUSTER_ASSIGN_OR_RETURN(const auto logic, MakeLogic(flags.logic, RulesJson(duel.game, strategy),
                                                      match::LogicOptions()));
  double base_ns = 0;
  for (const int64_t size : flags.tickets) {
    lab::SnapshotOptions crowd = duel.crowd;
    crowd.tickets = size;
    MUSTER_ASSIGN_OR_RETURN(const auto tickets, lab::MakeSnapshot(crowd));
    MUSTER_ASSIGN_OR_RETURN(const Pairs pairs, Measure(*logic, tickets, crowd.now, flags.pairs));
    const double ms = Median(pairs.tick_ms);
    const double ns = ms * 1e6 / static_cast<double>(size);
    if (size == kRatioGoalTickets) base_ns = ns;
    const double growth = base_ns > 0 ? ns / base_ns : 0;
    const std::vector<double> ratios = pairs.Ratios();
    std::cout << absl::StrFormat("%-13s %8d %9.2f %9.2f %7.2f (%.2f to %.2f) %9.0f %7.2f  %s\n",
                                 strategy, size, Median(pairs.sort_ms), ms, Median(ratios),
                                 SpreadOf(ratios).low, SpreadOf(ratios).high, ns, growth,
                                 Verdict(size, ms, Median(ratios), growth))
              << std::flush;
  }
  return absl::OkStatus();
}

int Main(const Flags& flags) {
  std::cout << absl::StrFormat("%-13s %8s %9s %9s %7s %-14s %9s %7s  %s\n", "strategy", "tickets",
                               "sort ms", "tick ms", "ratio", "(spread)", "ns/ticket", "growth",
                               "goals")
            << std::flush;
  for (const std::string& strategy : flags.strategies) {
    const absl::Status status = PrintRows(flags, strategy);
    if (status.ok()) continue;
    std::cerr << "bench_core: " << status.ToString() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Measures ticks of 1v1 beside sorting the ratings");
  app.option_defaults()->always_capture_default();
  app.add_option("--tickets", flags.tickets, "Sizes of crowds")->check(CLI::PositiveNumber);
  app.add_option("--strategy", flags.strategies, "Which to run")
      ->check(CLI::IsMember({"oldest_first", "quality"}));
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--logic", flags.logic, "The logic to measure");
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(flags);
}
