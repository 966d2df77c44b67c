#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/quality/populations.h"
#include "bench/quality/tick.h"

// The memory that a tick takes beside its tickets: the most bytes that were allocated at once from
// the first ticket handed in to the last match handed out. Every allocation of this program is
// counted, with what the allocator adds to round it up; one thread allocates.
namespace {

int64_t allocated = 0;
int64_t most_allocated = 0;

void* Counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  allocated += static_cast<int64_t>(malloc_usable_size(memory));
  most_allocated = std::max(most_allocated, allocated);
  return memory;
}

void Uncounted(void* memory) {
  allocated -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

// The other forms call these.
void* operator new(size_t size) { return Counted(std::malloc(size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  return Counted(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { Uncounted(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { Uncounted(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { Uncounted(memory); }
void operator delete(void* memory, size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  Uncounted(memory);
}

namespace muster::bench {
namespace {

constexpr double kGoalBytes = 300;

struct Flags {
  int64_t tickets = 1'000'000;
  std::vector<std::string> populations = {"1v1"};
  std::vector<std::string> strategies = {"oldest_first", "quality"};
  std::string logic = "alliance";
};

absl::Status PrintRow(const Flags& flags, const BenchPopulation& population,
                      const std::string& strategy) {
  match::LogicOptions options;
  options.profile = population.profile;
  options.tick_time_limit = std::chrono::minutes(10);
  MUSTER_ASSIGN_OR_RETURN(const auto logic,
                          MakeLogic(flags.logic, RulesJson(population.game, strategy), options));
  lab::SnapshotOptions crowd = population.crowd;
  crowd.tickets = flags.tickets;
  MUSTER_ASSIGN_OR_RETURN(const auto tickets, lab::MakeSnapshot(crowd));
  const int64_t before = allocated;
  most_allocated = before;
  MUSTER_ASSIGN_OR_RETURN(const TickResult tick,
                          RunTick(*logic, tickets, crowd.now, Keep::kNothing));
  const double bytes =
      static_cast<double>(most_allocated - before) / static_cast<double>(tickets.size());
  std::cout << absl::StrFormat("%-26s %8d %-13s %9d %7.0f  goal <= %g: %s\n", population.name,
                               tickets.size(), strategy, tick.match_count, bytes, kGoalBytes,
                               bytes <= kGoalBytes ? "met" : "missed")
            << std::flush;
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags) {
  std::cout << absl::StrFormat("%-26s %8s %-13s %9s %7s\n", "population", "tickets", "strategy",
                               "matches", "bytes a ticket");
  for (const BenchPopulation& population : Populations()) {
    if (std::ranges::count(flags.populations, population.name) == 0) continue;
    for (const std::string& strategy : flags.strategies) {
      MUSTER_RETURN_IF_ERROR(PrintRow(flags, population, strategy));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Measures the memory that a tick takes beside its tickets");
  app.option_defaults()->always_capture_default();
  app.add_option("--tickets", flags.tickets, "Size of the crowd")->check(CLI::PositiveNumber);
  app.add_option("--population", flags.populations, "Which crowds, as in bench_quality");
  app.add_option("--strategy", flags.strategies, "Which to run")
      ->check(CLI::IsMember({"oldest_first", "quality"}));
  app.add_option("--logic", flags.logic, "The logic to measure");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "bench_memory: " << status.ToString() << "\n";
  return 1;
}
