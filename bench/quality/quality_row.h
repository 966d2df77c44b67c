#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/quality/populations.h"
#include "lab/match_quality.h"

namespace muster::bench {

struct QualityOptions {
  std::string logic = "alliance";
  std::vector<std::string> strategies = {"oldest_first", "quality"};
  // Crowds to take the median of; 0: as many as the size allows, see SeedsFor.
  int64_t seeds = 0;
  // Of a tick; far above what a run takes, so that figures are those of the whole work.
  int64_t limit_ms = 60'000;
};

// 20 crowds up to 1,000 tickets, 5 up to 10,000, else 3.
int64_t SeedsFor(int64_t tickets);

// What one strategy did with one kind of crowd: medians over the seeds.
struct QualityRow {
  std::string population;
  int64_t tickets = 0;
  std::string strategy;
  int64_t seeds = 0;
  double ms = 0;
  double low_ms = 0;
  double high_ms = 0;
  // Of the players, and of those that lab::MostPlayers allows.
  double matched_percent = 0;
  double of_bound_percent = 0;
  // Of the players: what lab::MostPlayers allows.
  double bound_percent = 0;
  double spread_p50 = 0;
  double spread_p95 = 0;
  double imbalance_p50 = 0;
  double imbalance_p95 = 0;
  double oldest_waiting_s = 0;
  // Of all seeds: tickets that the time limit kept from being looked at.
  int64_t out_of_time = 0;
  // Empty where there is no goal; `met`; or what was missed.
  std::string verdict;
};

// One row for each strategy. All strategies get the same crowds, in turn. INTERNAL when matches are
// unsound, or more players are matched than the bound allows.
absl::StatusOr<std::vector<QualityRow>> MeasureRows(const BenchPopulation& population,
                                                    int64_t tickets, const QualityOptions& options);

// The table's head, and a line of it.
std::string QualityHeading();
std::string QualityLine(const QualityRow& row);
// All rows, as a list of objects with the names of the fields.
std::string QualityJson(const std::vector<QualityRow>& rows);

}  // namespace muster::bench
