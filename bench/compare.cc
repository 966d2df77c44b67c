#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/bench_tickets.h"
#include "bench/process_cpu.h"
#include "bench/statistics.h"
#include "rpc/client/load.h"

// Drives the same client load, token and headers included, against two running servers in turn, the
// reference and ours, and prints both and their ratio. The order within a pair changes from pair to
// pair, so that neither gains from going first; the ratio is taken within a pair, so that a machine
// that drifts moves both.
namespace muster::bench {
namespace {

using rpc::client::ClientOptions;
using rpc::client::LoadMethod;
using rpc::client::LoadOptions;
using rpc::client::LoadReport;

struct Flags {
  std::string reference;
  std::string ours;
  // Their processes, to tell what a call costs them; 0: not told.
  int reference_pid = 0;
  int ours_pid = 0;
  // The goals ask for nine at least. Many short ones find the ratio sooner than few long ones, as
  // what else the machine does changes less within a pair.
  int pairs = 25;
  double unary_seconds = 0.75;
  // Streams a run, each of 10,000 tickets, four at once.
  int64_t streams = 8;
  std::vector<std::string> benchmarks = {"unary", "stream"};
  std::string token;
  // Each NAME:VALUE.
  std::vector<std::string> headers;
  // Above 0: both get this share of the calls that the reference manages, which is measured first.
  double rate_share = 0;
  // Of the rows.
  std::string title;
  double goal = 0;
  bool heading_only = false;
};

struct Benchmark {
  std::string flag;
  std::string name;
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
  std::vector<Benchmark> chosen;
  for (const Benchmark& benchmark :
       {Benchmark{"unary", "ValidateTicket calls, 64 at once", unary},
        Benchmark{"stream", "MakeMatches tickets, 4 streams", stream}}) {
    if (std::ranges::count(flags.benchmarks, benchmark.flag) > 0) chosen.push_back(benchmark);
  }
  return chosen;
}

ClientOptions ClientOf(const Flags& flags, const std::string& target) {
  ClientOptions client;
  client.target = target;
  client.token = flags.token;
  for (const std::string& header : flags.headers) {
    const size_t colon = std::min(header.find(':'), header.size());
    client.headers.emplace_back(header.substr(0, colon),
                                header.substr(std::min(colon + 1, header.size())));
  }
  return client;
}

// What one side did in one run.
struct Rate {
  double per_second = 0;
  // The server's processor time for a call or a ticket.
  double cpu_us = 0;
};

absl::StatusOr<std::chrono::duration<double>> CpuOf(int pid) {
  return pid == 0 ? std::chrono::duration<double>(0) : CpuTime(pid);
}

absl::StatusOr<Rate> Measure(const Flags& flags, bool reference, const LoadOptions& load) {
  const int pid = reference ? flags.reference_pid : flags.ours_pid;
  const ClientOptions client = ClientOf(flags, reference ? flags.reference : flags.ours);
  MUSTER_ASSIGN_OR_RETURN(const auto cpu_before, CpuOf(pid));
  MUSTER_ASSIGN_OR_RETURN(const LoadReport report, rpc::client::RunLoad(client, load));
  MUSTER_ASSIGN_OR_RETURN(const auto cpu_after, CpuOf(pid));
  if (report.errors > 0) return report.first_error;
  const bool stream = load.method == LoadMethod::kMakeMatches;
  if (stream && report.matches_received * 2 != report.tickets_sent) {
    return absl::InternalError("not every two tickets came back as a match");
  }
  const int64_t events = stream ? report.tickets_sent : report.calls;
  const std::chrono::duration<double, std::micro> cpu = cpu_after - cpu_before;
  return Rate{report.PerSecond(events), cpu.count() / static_cast<double>(events)};
}

// Brings both servers up to speed, and sets the pace if there is to be one.
absl::Status Prepare(const Flags& flags, LoadOptions* load) {
  LoadOptions warm_up = *load;
  warm_up.count = warm_up.count > 0 ? 4 : 2000;
  for (const bool reference : {true, false}) {
    MUSTER_RETURN_IF_ERROR(Measure(flags, reference, warm_up).status());
  }
  if (flags.rate_share == 0) return absl::OkStatus();
  MUSTER_ASSIGN_OR_RETURN(const Rate bare, Measure(flags, true, *load));
  const double units =
      load->method == LoadMethod::kMakeMatches ? static_cast<double>(load->tickets.size()) : 1;
  load->calls_per_second = bare.per_second / units * flags.rate_share;
  return absl::OkStatus();
}

// All runs of a benchmark.
struct Outcome {
  std::vector<Rate> reference;
  std::vector<Rate> ours;

  // Ours divided by the reference, within each pair.
  std::vector<double> Ratios(double Rate::*figure) const {
    std::vector<double> ratios;
    for (size_t i = 0; i < ours.size(); ++i) {
      ratios.push_back(ours[i].*figure / reference[i].*figure);
    }
    return ratios;
  }
};

double MedianOf(const std::vector<Rate>& rates, double Rate::*figure) {
  std::vector<double> values;
  values.reserve(rates.size());
  for (const Rate& rate : rates) values.push_back(rate.*figure);
  return Median(std::move(values));
}

void PrintRow(const Flags& flags, const Benchmark& benchmark, const Outcome& outcome) {
  const std::vector<double> ratios = outcome.Ratios(&Rate::per_second);
  const Spread spread = SpreadOf(ratios);
  std::cout << absl::StrFormat("%-13s %-32s %7.0f %7.0f %6.3f (%.3f to %.3f) %5.2f", flags.title,
                               benchmark.name, MedianOf(outcome.reference, &Rate::per_second),
                               MedianOf(outcome.ours, &Rate::per_second), Median(ratios),
                               spread.low, spread.high, flags.goal);
  if (flags.reference_pid != 0 && flags.ours_pid != 0) {
    std::cout << absl::StrFormat(" %6.1f %6.1f %6.2f", MedianOf(outcome.reference, &Rate::cpu_us),
                                 MedianOf(outcome.ours, &Rate::cpu_us),
                                 Median(outcome.Ratios(&Rate::cpu_us)));
  }
  std::cout << "\n" << std::flush;
}

absl::Status Run(const Flags& flags, const Benchmark& benchmark) {
  LoadOptions load = benchmark.load;
  MUSTER_RETURN_IF_ERROR(Prepare(flags, &load));
  Outcome outcome;
  for (int pair = 0; pair < flags.pairs; ++pair) {
    const bool reference_first = pair % 2 == 0;
    for (const bool is_reference : {reference_first, !reference_first}) {
      MUSTER_ASSIGN_OR_RETURN(const Rate rate, Measure(flags, is_reference, load));
      (is_reference ? outcome.reference : outcome.ours).push_back(rate);
    }
  }
  PrintRow(flags, benchmark, outcome);
  return absl::OkStatus();
}

// What stands above the rows; the last three columns are the server's processor time for a call or
// a ticket.
void PrintHeading() {
  std::cout << absl::StrFormat("%-13s %-32s %7s %7s %6s %-16s %5s %6s %6s %6s\n", "features",
                               "a second", "bare", "ours", "ratio", "(spread)", "goal", "us", "us",
                               "ratio");
}

int Main(const Flags& flags) {
  if (flags.heading_only) {
    PrintHeading();
    return 0;
  }
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
  app.add_option("--reference", flags.reference, "host:port of the reference");
  app.add_option("--ours", flags.ours, "host:port of ours");
  app.add_option("--reference-pid", flags.reference_pid, "Its process, to tell its processor time");
  app.add_option("--ours-pid", flags.ours_pid, "As --reference-pid");
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--unary-seconds", flags.unary_seconds, "Seconds a unary run takes")
      ->check(CLI::PositiveNumber);
  app.add_option("--streams", flags.streams, "Streams of 10,000 tickets a run")
      ->check(CLI::PositiveNumber);
  app.add_option("--benchmark", flags.benchmarks, "Which to run")
      ->check(CLI::IsMember({"unary", "stream"}));
  app.add_option("--token", flags.token, "Sent by the client, as `authorization: Bearer`");
  app.add_option("--header", flags.headers, "NAME:VALUE, sent with each call");
  app.add_option("--rate-share", flags.rate_share,
                 "Both get this share of what the reference manages; 0: all they can take")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--title", flags.title, "First column");
  app.add_option("--goal", flags.goal, "Printed beside the ratio");
  app.add_flag("--heading", flags.heading_only, "Print what stands above the rows, and end");
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(flags);
}
