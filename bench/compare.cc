#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/bench_tickets.h"
#include "bench/statistics.h"
#include "rpc/client/load.h"

// Drives the same client load against two running servers in turn, the reference and ours, and
// prints both and their ratio. The order within a pair changes from pair to pair, so that neither
// gains from going first; the ratio is taken within a pair, so that a machine that drifts moves
// both.
namespace muster::bench {
namespace {

using rpc::client::ClientOptions;
using rpc::client::LoadMethod;
using rpc::client::LoadOptions;
using rpc::client::LoadReport;

struct Flags {
  std::string reference;
  std::string ours;
  // The goals ask for nine at least.
  int pairs = 9;
  double unary_seconds = 2;
  // Streams a run, each of 10,000 tickets, four at once.
  int64_t streams = 24;
};

struct Benchmark {
  std::string name;
  std::string unit;
  LoadOptions load;
};

std::vector<Benchmark> Benchmarks(const Flags& flags) {
  LoadOptions unary;
  unary.method = LoadMethod::kValidate;
  unary.in_flight = 64;
  unary.duration = std::chrono::milliseconds(static_cast<int64_t>(flags.unary_seconds * 1000));
  unary.tickets = MakeTickets(1000);

  LoadOptions stream;
  stream.method = LoadMethod::kMakeMatches;
  stream.in_flight = 4;
  stream.duration = std::chrono::milliseconds(0);
  stream.count = flags.streams;
  stream.tickets = MakeTickets(10'000);
  return {{"ValidateTicket, 64 in flight", "calls/s", unary},
          {"MakeMatches pairs, 4 streams", "tickets/s", stream}};
}

absl::StatusOr<double> Measure(const std::string& target, const LoadOptions& load) {
  ClientOptions client;
  client.target = target;
  MUSTER_ASSIGN_OR_RETURN(const LoadReport report, rpc::client::RunLoad(client, load));
  if (report.errors > 0) return report.first_error;
  if (load.method != LoadMethod::kMakeMatches) return report.PerSecond(report.calls);
  if (report.matches_received * 2 != report.tickets_sent) {
    return absl::InternalError("not every two tickets came back as a match");
  }
  return report.PerSecond(report.tickets_sent);
}

absl::Status Run(const Flags& flags, const Benchmark& benchmark) {
  LoadOptions warm_up = benchmark.load;
  warm_up.count = warm_up.count > 0 ? 4 : 2000;
  for (const std::string& target : {flags.reference, flags.ours}) {
    MUSTER_RETURN_IF_ERROR(Measure(target, warm_up).status());
  }
  std::vector<double> reference;
  std::vector<double> ours;
  std::vector<double> ratios;
  for (int pair = 0; pair < flags.pairs; ++pair) {
    const bool reference_first = pair % 2 == 0;
    for (const bool is_reference : {reference_first, !reference_first}) {
      MUSTER_ASSIGN_OR_RETURN(const double rate,
                              Measure(is_reference ? flags.reference : flags.ours, benchmark.load));
      (is_reference ? reference : ours).push_back(rate);
    }
    ratios.push_back(ours.back() / reference.back());
  }
  const Spread spread = SpreadOf(ratios);
  std::cout << absl::StrFormat("%-30s %12.0f %12.0f   %.3f  (%.3f to %.3f)  %s\n", benchmark.name,
                               Median(reference), Median(ours), Median(ratios), spread.low,
                               spread.high, benchmark.unit)
            << std::flush;
  return absl::OkStatus();
}

int Main(const Flags& flags) {
  std::cout << absl::StrFormat("%-30s %12s %12s   %-5s  %s\n", "benchmark", "reference", "ours",
                               "ratio", "(lowest to highest pair)");
  for (const Benchmark& benchmark : Benchmarks(flags)) {
    const absl::Status status = Run(flags, benchmark);
    if (status.ok()) continue;
    std::cerr << "bench_compare: " << benchmark.name << ": " << status.ToString() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Compares two running match functions");
  app.option_defaults()->always_capture_default();
  app.add_option("--reference", flags.reference, "host:port of the reference")->required();
  app.add_option("--ours", flags.ours, "host:port of ours")->required();
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--unary-seconds", flags.unary_seconds, "Seconds a unary run takes")
      ->check(CLI::PositiveNumber);
  app.add_option("--streams", flags.streams, "Streams of 10,000 tickets a run")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(flags);
}
