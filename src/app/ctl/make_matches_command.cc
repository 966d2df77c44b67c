#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "app/ctl/progress.h"
#include "app/ctl/table.h"
#include "app/ctl/ticket_account.h"
#include "app/ctl/ticket_file.h"
#include "nlohmann/json.hpp"
#include "rpc/client/match_function_client.h"

namespace muster::app::ctl {
namespace {

using rpc::client::MatchResult;

constexpr char kName[] = "make-matches";
// Names in one cell of the table.
constexpr size_t kTickets = 4;
constexpr size_t kRegions = 2;

std::vector<std::string> ToRow(int64_t number, const MatchResult& match) {
  size_t players = 0;
  for (const rpc::client::TeamResult& team : match.teams) players += team.user_ids.size();
  return {std::to_string(number),
          JoinSome(match.ticket_ids, kTickets),
          std::to_string(players),
          std::to_string(match.teams.size()),
          JoinSome(match.regions, kRegions),
          match.backfill ? "wanted" : ""};
}

void PrintTotals(const TicketAccount::Totals& totals, bool json, const Io& io) {
  if (json) {
    const nlohmann::ordered_json summary = {{"tickets", totals.tickets},
                                            {"matches", totals.answers},
                                            {"matched", totals.matched},
                                            {"leftOver", totals.left_over}};
    io.out << nlohmann::ordered_json{{"summary", summary}}.dump() << "\n";
    return;
  }
  io.out << WithCommas(totals.tickets) << " tickets, " << WithCommas(totals.answers)
         << " matches: " << WithCommas(totals.matched) << " matched, "
         << WithCommas(totals.left_over) << " left over\n";
}

ExitCode Run(const TicketFlags& flags, const Io& io) {
  absl::StatusOr<std::string> rules = ReadTextFile(flags.rules_path);
  if (!rules.ok()) return FailInput(io, kName, rules.status());
  absl::StatusOr<TicketFile> file = TicketFile::Open(flags.tickets_path, TicketKind::kTicket, io);
  if (!file.ok()) return FailInput(io, kName, file.status());

  TicketAccount account;
  Table table({"MATCH", "TICKETS", "PLAYERS", "TEAMS", "REGIONS", "BACKFILL"}, flags.rows);
  absl::Status called;
  {
    Progress progress(io, "tickets sent", "matches");
    rpc::client::MakeMatchesCall call;
    call.rules = *std::move(rules);
    call.want_json = flags.call.json;
    call.tickets = [&]() -> absl::StatusOr<std::optional<rpc::client::WireTicket>> {
      auto ticket = file->Next();
      if (ticket.ok() && ticket->has_value()) {
        account.CountSent((*ticket)->id);
        progress.CountSent();
      }
      return ticket;
    };
    call.on_match = [&](const MatchResult& match) {
      account.CountAnswer(match.ticket_ids);
      progress.CountReceived();
      if (flags.call.json) io.out << match.json << "\n";
      if (flags.call.json || !table.HasRoom()) {
        table.CountRow();
      } else {
        table.AddRow(ToRow(account.totals().answers, match));
      }
    };
    called = rpc::client::MatchFunctionClient(flags.call.ToOptions()).MakeMatches(call);
  }
  if (!file->status().ok()) return FailInput(io, kName, file->status());
  if (!flags.call.json) table.Print(io.out);
  if (!called.ok()) return FailCall(io, kName, called);
  PrintTotals(account.totals(), flags.call.json, io);
  const absl::Status accounted = account.Check();
  return accounted.ok() ? kOk : FailCall(io, kName, accounted);
}

}  // namespace

void AddMakeMatchesCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<TicketFlags>();
  CLI::App* const command = app.add_subcommand(
      kName, "One tick: tickets in, matches out, and an account of every ticket");
  AddTicketFlags(command, flags.get());
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
