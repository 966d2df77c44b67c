#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/quality/populations.h"
#include "bench/quality/quality_row.h"

// How fast ticks are and how good the matches, for kinds of crowds, sizes and both strategies;
// beside them what is possible at best. docs/quality.md says what is measured.
namespace muster::bench {
namespace {

struct Flags {
  std::vector<std::string> populations;
  std::vector<int64_t> tickets = {1000, 10'000, 100'000};
  QualityOptions options;
  // Where the figures go for machines; empty: nowhere.
  std::string json;
};

absl::StatusOr<std::vector<QualityRow>> PrintTable(const Flags& flags) {
  std::vector<QualityRow> rows;
  std::cout << QualityHeading() << std::flush;
  for (const BenchPopulation& population : Populations()) {
    const bool wanted = std::ranges::count(flags.populations, population.name) > 0;
    if (!flags.populations.empty() && !wanted) continue;
    for (const int64_t tickets : flags.tickets) {
      MUSTER_ASSIGN_OR_RETURN(const std::vector<QualityRow> both,
                              MeasureRows(population, tickets, flags.options));
      for (const QualityRow& row : both) std::cout << QualityLine(row) << std::flush;
      rows.insert(rows.end(), both.begin(), both.end());
    }
  }
  return rows;
}

absl::Status Run(const Flags& flags) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<QualityRow> rows, PrintTable(flags));
  if (flags.json.empty()) return absl::OkStatus();
  std::ofstream file(flags.json);
  file << QualityJson(rows) << std::flush;
  if (!file) return absl::UnavailableError(base::StrCat("cannot write ", flags.json));
  return absl::OkStatus();
}

std::vector<std::string> PopulationNames() {
  std::vector<std::string> names;
  for (const BenchPopulation& population : Populations()) names.push_back(population.name);
  return names;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Measures the speed of ticks and the quality of their matches");
  app.option_defaults()->always_capture_default();
  app.add_option("--population", flags.populations, "Only these crowds")
      ->check(CLI::IsMember(muster::bench::PopulationNames()));
  app.add_option("--tickets", flags.tickets, "Sizes of crowds")->check(CLI::PositiveNumber);
  app.add_option("--strategy", flags.options.strategies, "Which to run")
      ->check(CLI::IsMember({"oldest_first", "quality"}));
  app.add_option("--seeds", flags.options.seeds,
                 "Crowds to take the median of; 0: 20 of 1,000 tickets, 5 of 10,000, 3 of more")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--limit-ms", flags.options.limit_ms, "Time limit of a tick")
      ->check(CLI::PositiveNumber);
  app.add_option("--logic", flags.options.logic, "The logic to measure");
  app.add_option("--json", flags.json, "Writes the figures to this file too");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "bench_quality: " << status.ToString() << "\n";
  return 1;
}
