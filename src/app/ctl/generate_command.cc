#include <chrono>
#include <fstream>
#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/progress.h"
#include "app/ctl/ticket_json.h"
#include "base/strings.h"
#include "lab/population.h"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "generate";
constexpr int64_t kMaxAgeS = 365LL * 24 * 3600;

struct Flags {
  int64_t count = 1000;
  std::string output = "-";
  // Negative: as in PopulationOptions.
  int64_t oldest_age_s = -1;
  int64_t mean_gap_ms = lab::PopulationOptions().mean_gap.count();
  lab::PopulationOptions population;
};

ExitCode Write(const Flags& flags, lab::Population& population, const Io& io, std::ostream& out) {
  Progress progress(io, "tickets made", "written");
  for (int64_t i = 0; i < flags.count; ++i) {
    progress.CountSent();
    out << TicketToJson(population.Next()) << "\n";
    if (!out) break;
    progress.CountReceived();
  }
  out.flush();
  if (out) return kOk;
  return FailInput(io, kName, absl::DataLossError(base::StrCat("cannot write ", flags.output)));
}

ExitCode Run(Flags flags, const Io& io) {
  flags.population.mean_gap = std::chrono::milliseconds(flags.mean_gap_ms);
  if (flags.oldest_age_s >= 0) {
    flags.population.first_created_at = io.clock.Now() - std::chrono::seconds(flags.oldest_age_s);
  }
  if (flags.population.regions == std::vector<std::string>{"none"}) {
    flags.population.regions.clear();
  }
  absl::StatusOr<lab::Population> population = lab::Population::Create(flags.population);
  if (!population.ok()) return FailInput(io, kName, population.status());
  if (flags.output == "-") return Write(flags, *population, io, io.out);
  std::ofstream file(flags.output, std::ios::binary | std::ios::trunc);
  return Write(flags, *population, io, file);
}

}  // namespace

void AddGenerateCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  lab::PopulationOptions& population = flags->population;
  CLI::App* const command = app.add_subcommand(
      kName, "Made-up tickets, one in proto JSON a line; the same seed gives the same bytes");
  command->option_defaults()->always_capture_default();
  command->add_option("--count", flags->count, "Tickets to make")->check(CLI::NonNegativeNumber);
  command->add_option("--output", flags->output, "File to write; - is standard output");
  command->add_option("--seed", population.seed, "Seed of the random numbers");
  command->add_option("--id-prefix", population.id_prefix, "Put before every id");
  command->add_option("--pool", population.match_pool, "Match pool");
  command->add_option("--namespace", population.name_space, "Namespace");
  command
      ->add_option("--party-sizes", population.party_size_weights,
                   "How likely parties of 1, 2, 3, .. players are")
      ->delimiter(',');
  command
      ->add_option("--regions", population.regions,
                   "Where players live and what they measure latencies to; none: no latencies")
      ->delimiter(',');
  command->add_option("--rating-attribute", population.rating_attribute,
                      "Player attribute that holds the rating");
  command->add_option("--rating-mean", population.rating_mean, "Mean of the ratings");
  command->add_option("--rating-deviation", population.rating_deviation,
                      "Standard deviation of the ratings");
  command->add_option("--party-rating-deviation", population.party_rating_deviation,
                      "Standard deviation of ratings within a party");
  command->add_option("--mean-gap-ms", flags->mean_gap_ms,
                      "Milliseconds from one ticket to the next, on average");
  command
      ->add_option("--oldest-age-s", flags->oldest_age_s,
                   "Seconds since the first ticket was made; without it, that was at the start of "
                   "2026 whatever the clock says")
      ->default_str("")
      ->check(CLI::Range(int64_t{0}, kMaxAgeS));
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
