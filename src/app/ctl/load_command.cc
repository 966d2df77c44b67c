#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "app/ctl/ticket_file.h"
#include "app/ctl/ticket_json.h"
#include "base/status_macros.h"
#include "lab/population.h"
#include "nlohmann/json.hpp"
#include "rpc/client/load.h"

namespace muster::app::ctl {
namespace {

using rpc::client::LoadMethod;
using rpc::client::LoadReport;
using rpc::client::WireTicket;

constexpr char kName[] = "load";
// A day: more than any load test, and far from where milliseconds overflow.
constexpr double kMaxDurationS = 24 * 3600;

struct Flags {
  CallFlags call;
  std::string method = "validate";
  int in_flight = 64;
  double duration_s = 10;
  int64_t count = 0;
  std::string rules_path;
  // Empty: generated ones.
  std::string tickets_path;
  int64_t generate = 1000;
};

const std::map<std::string, LoadMethod>& Methods() {
  static const std::map<std::string, LoadMethod> methods = {
      {"enrich", LoadMethod::kEnrich},
      {"make-matches", LoadMethod::kMakeMatches},
      {"stat-codes", LoadMethod::kStatCodes},
      {"validate", LoadMethod::kValidate},
  };
  return methods;
}

absl::StatusOr<std::vector<WireTicket>> GenerateTickets(int64_t count) {
  MUSTER_ASSIGN_OR_RETURN(lab::Population population, lab::Population::Create({}));
  std::vector<WireTicket> tickets;
  for (int64_t i = 0; i < count; ++i) {
    MUSTER_ASSIGN_OR_RETURN(WireTicket ticket,
                            rpc::client::TicketFromJson(TicketToJson(population.Next())));
    tickets.push_back(std::move(ticket));
  }
  return tickets;
}

absl::StatusOr<std::vector<WireTicket>> ReadTickets(const std::string& path, const Io& io) {
  MUSTER_ASSIGN_OR_RETURN(TicketFile file, TicketFile::Open(path, TicketKind::kTicket, io));
  std::vector<WireTicket> tickets;
  for (;;) {
    MUSTER_ASSIGN_OR_RETURN(std::optional<WireTicket> ticket, file.Next());
    if (!ticket.has_value()) return tickets;
    tickets.push_back(*std::move(ticket));
  }
}

absl::StatusOr<rpc::client::LoadOptions> ToOptions(const Flags& flags, const Io& io) {
  rpc::client::LoadOptions options;
  options.method = Methods().at(flags.method);
  options.in_flight = flags.in_flight;
  options.count = flags.count;
  options.duration = std::chrono::milliseconds(static_cast<int64_t>(flags.duration_s * 1000));
  MUSTER_ASSIGN_OR_RETURN(options.rules, ReadTextFile(flags.rules_path));
  MUSTER_ASSIGN_OR_RETURN(options.tickets, flags.tickets_path.empty()
                                               ? GenerateTickets(flags.generate)
                                               : ReadTickets(flags.tickets_path, io));
  return options;
}

double Ms(std::chrono::microseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void PrintJson(const Flags& flags, const LoadReport& report, const Io& io) {
  nlohmann::ordered_json json = {
      {"method", flags.method},
      {"inFlight", flags.in_flight},
      {"seconds", std::chrono::duration<double>(report.elapsed).count()},
      {"calls", report.calls},
      {"errors", report.errors},
      {"callsPerSecond", report.PerSecond(report.calls)},
      {"p50Ms", Ms(report.p50)},
      {"p95Ms", Ms(report.p95)},
      {"p99Ms", Ms(report.p99)},
  };
  if (flags.method == "make-matches") {
    json["ticketsSent"] = report.tickets_sent;
    json["ticketsPerSecond"] = report.PerSecond(report.tickets_sent);
    json["matchesReceived"] = report.matches_received;
  }
  io.out << json.dump() << "\n";
}

void PrintText(const Flags& flags, const LoadReport& report, const Io& io) {
  io.out << absl::StrFormat(
      "%s, %d in flight, %.1f s: %s calls, %s/s, %s errors\n", flags.method, flags.in_flight,
      std::chrono::duration<double>(report.elapsed).count(), WithCommas(report.calls),
      WithCommas(std::llround(report.PerSecond(report.calls))), WithCommas(report.errors));
  if (flags.method == "make-matches") {
    io.out << absl::StrFormat("tickets %s sent, %s/s; matches %s received\n",
                              WithCommas(report.tickets_sent),
                              WithCommas(std::llround(report.PerSecond(report.tickets_sent))),
                              WithCommas(report.matches_received));
  }
  io.out << absl::StrFormat("latency p50 %.2f ms, p95 %.2f ms, p99 %.2f ms\n", Ms(report.p50),
                            Ms(report.p95), Ms(report.p99));
}

ExitCode Run(const Flags& flags, const Io& io) {
  const absl::StatusOr<rpc::client::LoadOptions> options = ToOptions(flags, io);
  if (!options.ok()) return FailInput(io, kName, options.status());
  const absl::StatusOr<LoadReport> report = rpc::client::RunLoad(flags.call.ToOptions(), *options);
  if (absl::IsInvalidArgument(report.status())) return FailInput(io, kName, report.status());
  if (!report.ok()) return FailCall(io, kName, report.status());
  if (flags.call.json) {
    PrintJson(flags, *report, io);
  } else {
    PrintText(flags, *report, io);
  }
  return report->errors == 0 ? kOk : FailCall(io, kName, report->first_error);
}

}  // namespace

void AddLoadCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command =
      app.add_subcommand(kName, "Calls as fast as the server answers; throughput and latencies");
  AddCallFlags(command, &flags->call);
  command->option_defaults()->always_capture_default();
  command->add_option("--method", flags->method, "What to call")->check(CLI::IsMember(&Methods()));
  command->add_option("--in-flight", flags->in_flight,
                      "Calls at once; for make-matches streams that carry all tickets");
  CLI::Option* const duration =
      command
          ->add_option("--duration", flags->duration_s,
                       "Seconds after which no call starts; with --count none by default")
          ->check(CLI::Range(0.0, kMaxDurationS));
  command->add_option("--count", flags->count, "Calls to make; 0: as many as the time allows")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--rules", flags->rules_path, "File with the ruleset, JSON");
  command->add_option("--tickets", flags->tickets_path,
                      "File with one ticket in proto JSON a line; by default generated ones");
  command->add_option("--generate", flags->generate, "Tickets to generate without --tickets")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  command->callback([flags, duration, &io, exit_code] {
    if (flags->count > 0 && duration->count() == 0) flags->duration_s = 0;
    *exit_code = Run(*flags, io);
  });
}

}  // namespace muster::app::ctl
