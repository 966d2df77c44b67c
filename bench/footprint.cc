#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/bench_tickets.h"
#include "bench/server_process.h"
#include "bench/statistics.h"
#include "rpc/client/health.h"
#include "rpc/client/load.h"

// Start-up time and memory of a server program, beside the goals.
namespace muster::bench {
namespace {

constexpr double kMib = 1024 * 1024;
constexpr double kStartGoalMs = 100;
constexpr double kIdleGoalMib = 30;
constexpr double kMemoryPerWireByte = 3;
constexpr size_t kStreamTickets = 100'000;

void PrintRow(const std::string& name, double value, double goal, const std::string& unit,
              const std::string& remark = "") {
  std::cout << absl::StrFormat("%-46s %9.1f  goal < %6.1f %s  %s\n", name, value, goal, unit,
                               remark)
            << std::flush;
}

absl::Status MeasureStart(const std::string& program, int starts) {
  std::vector<double> times_ms;
  for (int i = 0; i < starts; ++i) {
    MUSTER_ASSIGN_OR_RETURN(const auto server, ServerProcess::Start(program));
    times_ms.push_back(std::chrono::duration<double, std::milli>(server->start_to_ready()).count());
  }
  const Spread spread = SpreadOf(times_ms);
  PrintRow(absl::StrFormat("start to ready, median of %d", starts), Median(times_ms), kStartGoalMs,
           "ms", absl::StrFormat("(%.1f to %.1f)", spread.low, spread.high));
  return absl::OkStatus();
}

// Idle: it has answered one call and nothing else.
absl::Status MeasureIdle(const std::string& program) {
  MUSTER_ASSIGN_OR_RETURN(const auto server, ServerProcess::Start(program));
  rpc::client::ClientOptions client;
  client.target = server->address();
  MUSTER_RETURN_IF_ERROR(rpc::client::CheckHealth(client, "").status());
  MUSTER_ASSIGN_OR_RETURN(const int64_t kib, server->MemoryKib("VmRSS"));
  PrintRow("resident, idle", static_cast<double>(kib) * 1024 / kMib, kIdleGoalMib, "MiB");
  return absl::OkStatus();
}

// The most that a fresh server ever had resident while it took one stream of all tickets.
absl::Status MeasureStream(const std::string& program, const std::string& name,
                           const std::string& rules, int64_t expected_matches,
                           const std::vector<rpc::client::WireTicket>& tickets) {
  MUSTER_ASSIGN_OR_RETURN(const auto server, ServerProcess::Start(program));
  rpc::client::ClientOptions client;
  client.target = server->address();
  client.max_response_bytes = 1 << 30;
  rpc::client::LoadOptions load;
  load.method = rpc::client::LoadMethod::kMakeMatches;
  load.in_flight = 1;
  load.count = 1;
  load.rules = rules;
  load.tickets = tickets;
  MUSTER_ASSIGN_OR_RETURN(const rpc::client::LoadReport report, rpc::client::RunLoad(client, load));
  MUSTER_RETURN_IF_ERROR(report.first_error);
  if (report.matches_received != expected_matches) {
    return absl::InternalError(
        absl::StrFormat("%d matches instead of %d", report.matches_received, expected_matches));
  }
  MUSTER_ASSIGN_OR_RETURN(const int64_t kib, server->MemoryKib("VmHWM"));
  const double wire_mib = static_cast<double>(WireBytes(tickets)) / kMib;
  PrintRow(name, static_cast<double>(kib) * 1024 / kMib,
           kIdleGoalMib + kMemoryPerWireByte * wire_mib, "MiB",
           absl::StrFormat("(%.1f MiB on the wire)", wire_mib));
  return absl::OkStatus();
}

absl::Status Run(const std::string& program, int starts) {
  MUSTER_RETURN_IF_ERROR(MeasureStart(program, starts));
  MUSTER_RETURN_IF_ERROR(MeasureIdle(program));
  const std::vector<rpc::client::WireTicket> tickets = MakeTickets(kStreamTickets);
  MUSTER_RETURN_IF_ERROR(MeasureStream(program, "resident peak, 100,000 tickets, match at the end",
                                       R"({"shipCountMin":100000,"shipCountMax":100000})", 1,
                                       tickets));
  return MeasureStream(program, "resident peak, 100,000 tickets, no match",
                       R"({"shipCountMin":200000,"shipCountMax":200000})", 0, tickets);
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  std::string program;
  int starts = 20;
  CLI::App app("Measures start-up time and memory of a match function program");
  app.add_option("--server", program, "The program")->required();
  app.add_option("--starts", starts, "Starts to time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Run(program, starts);
  if (status.ok()) return 0;
  std::cerr << "bench_footprint: " << status.ToString() << "\n";
  return 1;
}
