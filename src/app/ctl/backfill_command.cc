#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/flags.h"
#include "app/ctl/match_view.h"
#include "app/ctl/progress.h"
#include "app/ctl/table.h"
#include "app/ctl/ticket_account.h"
#include "app/ctl/ticket_file.h"
#include "nlohmann/json.hpp"
#include "rpc/client/match_function_client.h"

namespace muster::app::ctl {
namespace {

using rpc::client::ProposalResult;

constexpr char kName[] = "backfill";
// Names in one cell of the table.
constexpr size_t kNames = 4;

struct Flags {
  TicketFlags tickets;
  std::string backfill_tickets_path;
};

void PrintTotals(const TicketAccount::Totals& totals, int64_t sessions, bool json, const Io& io) {
  if (json) {
    const nlohmann::ordered_json summary = {{"backfillTickets", sessions},
                                            {"tickets", totals.tickets},
                                            {"proposals", totals.answers},
                                            {"added", totals.matched},
                                            {"leftOver", totals.left_over}};
    io.out << nlohmann::ordered_json{{"summary", summary}}.dump() << "\n";
    return;
  }
  io.out << WithCommas(sessions) << " backfill tickets, " << WithCommas(totals.tickets)
         << " tickets, " << WithCommas(totals.answers)
         << " proposals: " << WithCommas(totals.matched) << " tickets added, "
         << WithCommas(totals.left_over) << " left over\n";
}

// Hands out the tickets of `file`, each with a call of `count` before it.
rpc::client::TicketSource Counted(TicketFile& file,
                                  std::function<void(const std::string& id)> count) {
  return [&file, count = std::move(count)]() {
    auto ticket = file.Next();
    if (ticket.ok() && ticket->has_value()) count((*ticket)->id);
    return ticket;
  };
}

ExitCode Call(const Flags& flags, const std::string& rules, TicketFile& sessions,
              TicketFile& tickets, const Io& io) {
  const bool json = flags.tickets.call.json;
  TicketAccount account;
  int64_t session_count = 0;
  Table table({"SESSION", "BACKFILL TICKET", "ADDED", "TEAMS"}, flags.tickets.rows);
  absl::Status called;
  {
    Progress progress(io, "tickets sent", "proposals");
    rpc::client::BackfillCall call;
    call.rules = rules;
    call.want_json = json;
    call.backfill_tickets = Counted(sessions, [&](const std::string&) { ++session_count; });
    call.tickets = Counted(tickets, [&](const std::string& id) {
      account.CountSent(id);
      progress.CountSent();
    });
    call.on_proposal = [&](const ProposalResult& proposal) {
      account.CountAnswer(proposal.added_ticket_ids);
      progress.CountReceived();
      if (json) {
        io.out << proposal.json << "\n";
      } else {
        table.AddRow({proposal.session_id, proposal.backfill_ticket_id,
                      JoinSome(proposal.added_ticket_ids, kNames), TeamSizes(proposal.teams)});
      }
    };
    called = rpc::client::MatchFunctionClient(flags.tickets.call.ToOptions()).BackfillMatches(call);
  }
  for (const TicketFile* file : {&sessions, &tickets}) {
    if (!file->status().ok()) return FailInput(io, kName, file->status());
  }
  if (!json) table.Print(io.out);
  if (!called.ok()) return FailCall(io, kName, called);
  PrintTotals(account.totals(), session_count, json, io);
  const absl::Status accounted = account.Check();
  return accounted.ok() ? kOk : FailCall(io, kName, accounted);
}

ExitCode Run(const Flags& flags, const Io& io) {
  const absl::StatusOr<std::string> rules = ReadTextFile(flags.tickets.rules_path);
  if (!rules.ok()) return FailInput(io, kName, rules.status());
  auto sessions = TicketFile::Open(flags.backfill_tickets_path, TicketKind::kBackfillTicket, io);
  if (!sessions.ok()) return FailInput(io, kName, sessions.status());
  auto tickets = TicketFile::Open(flags.tickets.tickets_path, TicketKind::kTicket, io);
  if (!tickets.ok()) return FailInput(io, kName, tickets.status());
  return Call(flags, *rules, *sessions, *tickets, io);
}

}  // namespace

void AddBackfillCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command =
      app.add_subcommand(kName, "One backfill tick: which tickets join which running sessions");
  AddTicketFlags(command, &flags->tickets);
  command
      ->add_option("--backfill-tickets", flags->backfill_tickets_path,
                   "File with one backfill ticket in proto JSON a line; sent before the tickets")
      ->required();
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
