#include <cmath>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/bare_tick.h"
#include "bench/bench_tickets.h"
#include "bench/process_cpu.h"
#include "bench/quality/populations.h"
#include "bench/quality/tick.h"
#include "bench/statistics.h"
#include "bench/tick_client.h"
#include "rpc/client/connection.h"
#include "rpc/client/load_shared.h"

// A tick of the alliance engine through gRPC: one stream with all tickets to a server of ours, and
// one to a bare server that reads them and then answers with as many messages of the same size, in
// turn; beside them the same tick without a server. The order within a pair changes from pair to
// pair, and the ratio is taken within a pair, so that a machine that drifts moves both.
namespace muster::bench {
namespace {

// What gRPC may cost beside a bare server.
constexpr double kGoal = 1.15;
// The two servers' answers may differ in size by this share.
constexpr double kMostDifference = 0.01;
constexpr const char* kStrategy = "oldest_first";

struct Flags {
  std::string reference;
  std::string ours;
  int reference_pid = 0;
  int ours_pid = 0;
  std::string population = "1v1";
  int64_t tickets = 10'000;
  int pairs = 25;
  std::string title;
  bool heading_only = false;
};

std::optional<BenchPopulation> Find(const std::string& name) {
  for (const BenchPopulation& population : Populations()) {
    if (population.name == name) return population;
  }
  return std::nullopt;
}

// A crowd that waits now, with what its stream sends.
struct Crowd {
  base::Timestamp now;
  std::vector<match::Ticket> tickets;
  std::vector<grpc::ByteBuffer> requests;
};

absl::StatusOr<Crowd> MakeCrowd(const BenchPopulation& population, int64_t tickets) {
  lab::SnapshotOptions options = population.crowd;
  options.tickets = tickets;
  options.now = base::Clock::System().Now();
  Crowd crowd{.now = options.now};
  MUSTER_ASSIGN_OR_RETURN(crowd.tickets, lab::MakeSnapshot(options));
  rpc::client::LoadOptions load;
  load.method = rpc::client::LoadMethod::kMakeMatches;
  load.rules = RulesJson(population.game, kStrategy);
  for (const match::Ticket& ticket : crowd.tickets) load.tickets.push_back(ToWire(ticket));
  crowd.requests = rpc::client::SerializeRequests(load);
  return crowd;
}

// One of the two servers.
class Server {
 public:
  Server(const std::string& target, int pid) : pid_(pid) {
    options_.target = target;
    channel_ = rpc::client::OpenChannel(options_);
  }

  absl::Status Send(const Crowd& crowd, const AnswerPlan* plan) {
    rpc::client::ClientOptions options = options_;
    if (plan != nullptr) options.headers = ToHeaders(*plan);
    MUSTER_ASSIGN_OR_RETURN(const auto before, CpuTime(pid_));
    MUSTER_ASSIGN_OR_RETURN(seen_, RunTickStream(channel_, options, crowd.requests));
    MUSTER_ASSIGN_OR_RETURN(const auto after, CpuTime(pid_));
    ms_.push_back(seen_.time.count());
    cpu_ += after - before;
    return absl::OkStatus();
  }

  void Forget() {
    ms_.clear();
    cpu_ = {};
  }

  // The latest stream.
  const TickSeen& seen() const { return seen_; }
  const std::vector<double>& ms() const { return ms_; }
  // The process's own time for a stream.
  double CpuMs() const { return cpu_.count() * 1000 / static_cast<double>(ms_.size()); }

 private:
  const int pid_;
  rpc::client::ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  TickSeen seen_;
  std::vector<double> ms_;
  std::chrono::duration<double> cpu_{0};
};

class Comparison {
 public:
  Comparison(const Flags& flags, BenchPopulation population)
      : flags_(flags),
        population_(std::move(population)),
        reference_(flags.reference, flags.reference_pid),
        ours_(flags.ours, flags.ours_pid) {}

  absl::Status Run() {
    MUSTER_ASSIGN_OR_RETURN(logic_, MakeLogic("alliance", RulesJson(population_.game, kStrategy),
                                              {.profile = population_.profile}));
    MUSTER_RETURN_IF_ERROR(WarmUp());
    for (int pair = 0; pair < flags_.pairs; ++pair) {
      MUSTER_RETURN_IF_ERROR(RunPair(pair % 2 == 0));
    }
    Print();
    return absl::OkStatus();
  }

 private:
  // Brings both up to speed, and learns what ours answers.
  absl::Status WarmUp() {
    MUSTER_ASSIGN_OR_RETURN(const Crowd crowd, MakeCrowd(population_, flags_.tickets));
    MUSTER_RETURN_IF_ERROR(ours_.Send(crowd, nullptr));
    plan_ = {ours_.seen().answers, ours_.seen().bytes};
    if (plan_.answers == 0) return absl::InternalError("no answers");
    for (const bool reference_first : {true, false}) {
      MUSTER_RETURN_IF_ERROR(RunPair(reference_first));
    }
    reference_.Forget();
    ours_.Forget();
    core_ms_.clear();
    return absl::OkStatus();
  }

  absl::Status RunPair(bool reference_first) {
    // Made anew, so that tickets are as old in the last pair as in the first.
    MUSTER_ASSIGN_OR_RETURN(const Crowd crowd, MakeCrowd(population_, flags_.tickets));
    for (const bool is_reference : {reference_first, !reference_first}) {
      MUSTER_RETURN_IF_ERROR(is_reference ? reference_.Send(crowd, &plan_)
                                          : ours_.Send(crowd, nullptr));
    }
    MUSTER_ASSIGN_OR_RETURN(const TickResult tick,
                            RunTick(*logic_, crowd.tickets, crowd.now, Keep::kNothing));
    core_ms_.push_back(tick.time.count());
    return CheckAlike();
  }

  absl::Status CheckAlike() const {
    const auto bare = static_cast<double>(reference_.seen().bytes);
    const auto ours = static_cast<double>(ours_.seen().bytes);
    const int64_t off = std::abs(reference_.seen().answers - ours_.seen().answers);
    if (std::abs(bare - ours) <= kMostDifference * bare &&
        static_cast<double>(off) <= kMostDifference * static_cast<double>(plan_.answers)) {
      return absl::OkStatus();
    }
    return absl::InternalError(base::StrCat("the bare server answered with ",
                                            reference_.seen().answers, " messages of ",
                                            reference_.seen().bytes, " bytes, ours with ",
                                            ours_.seen().answers, " of ", ours_.seen().bytes));
  }

  void Print() const {
    std::vector<double> ratios;
    std::vector<double> differences;
    for (size_t i = 0; i < ours_.ms().size(); ++i) {
      ratios.push_back(ours_.ms()[i] / reference_.ms()[i]);
      differences.push_back(ours_.ms()[i] - reference_.ms()[i]);
    }
    const Spread spread = SpreadOf(ratios);
    const double bare_ms = Median(reference_.ms());
    const double ours_ms = Median(ours_.ms());
    const double core_ms = Median(core_ms_);
    // Beyond 1v1 the goal allows the engine's own time too.
    const double goal_ms = kGoal * bare_ms + (population_.name == "1v1" ? 0 : core_ms);
    std::cout << absl::StrFormat(
        "%-36s %9.0f %7d %5.2f %7.1f %7.1f %6.3f (%.3f to %.3f) %7.1f %7.1f %7.1f %8.1f %8.1f\n",
        flags_.title, static_cast<double>(flags_.tickets) * 1000 / ours_ms, plan_.answers,
        static_cast<double>(plan_.bytes) / 1e6, bare_ms, ours_ms, Median(ratios), spread.low,
        spread.high, Median(differences), core_ms, goal_ms, reference_.CpuMs(), ours_.CpuMs());
  }

  const Flags& flags_;
  const BenchPopulation population_;
  Server reference_;
  Server ours_;
  std::shared_ptr<const match::MatchLogic> logic_;
  AnswerPlan plan_;
  std::vector<double> core_ms_;
};

// What stands above the rows. `more`: how much longer ours took; `core`: how long the engine takes
// without a server; `cpu`: milliseconds of the server's own time for a stream.
void PrintHeading() {
  std::cout << absl::StrFormat("%-36s %9s %7s %5s %7s %7s %6s %-16s %7s %7s %7s %8s %8s\n",
                               "a tick of 10,000 tickets", "tickets/s", "answers", "MB", "bare ms",
                               "ours ms", "ratio", "(spread)", "more ms", "core ms", "goal ms",
                               "bare cpu", "ours cpu");
}

int Main(const Flags& flags) {
  if (flags.heading_only) {
    PrintHeading();
    return 0;
  }
  const std::optional<BenchPopulation> population = Find(flags.population);
  const absl::Status status = population
                                  ? Comparison(flags, *population).Run()
                                  : absl::InvalidArgumentError("there is no such population");
  if (status.ok()) return 0;
  std::cerr << "bench_ticks: " << flags.population << ": " << status.ToString() << "\n";
  return 1;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Compares a tick of the alliance engine through gRPC with a bare server");
  app.option_defaults()->always_capture_default();
  app.add_option("--reference", flags.reference, "host:port of the reference");
  app.add_option("--ours", flags.ours, "host:port of ours, with MATCH_LOGIC=alliance");
  app.add_option("--reference-pid", flags.reference_pid, "Its process, to tell its processor time");
  app.add_option("--ours-pid", flags.ours_pid, "As --reference-pid");
  app.add_option("--population", flags.population, "As in bench_quality");
  app.add_option("--tickets", flags.tickets, "Of the stream")->check(CLI::PositiveNumber);
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--title", flags.title, "First column");
  app.add_flag("--heading", flags.heading_only, "Print what stands above the rows, and end");
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(flags);
}
