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

using rpc::client::MatchResult;

constexpr char kName[] = "make-matches";
struct Flags {
  TicketFlags tickets;
  bool teams = false;
  std::string rating_attribute = "mmr";
};

// Shows matches as they come: all of them as JSON, or the first ones for people.
class Display {
 public:
  Display(const Flags& flags, const Io& io)
      : flags_(flags), io_(io), table_(MatchRowTitles(), flags.tickets.rows) {}

  void Show(int64_t number, const MatchResult& match) {
    if (flags_.tickets.call.json) {
      io_.out << match.json << "\n";
    } else if (number > static_cast<int64_t>(flags_.tickets.rows)) {
      table_.CountRow();
    } else if (flags_.teams) {
      PrintTeams(number, match, flags_.rating_attribute, io_.out);
    } else {
      table_.AddRow(MatchRow(number, match));
    }
  }

  void End() { table_.Print(io_.out); }

 private:
  const Flags& flags_;
  const Io& io_;
  Table table_;
};

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

ExitCode Run(const Flags& all_flags, const Io& io) {
  const TicketFlags& flags = all_flags.tickets;
  absl::StatusOr<std::string> rules = ReadTextFile(flags.rules_path);
  if (!rules.ok()) return FailInput(io, kName, rules.status());
  absl::StatusOr<TicketFile> file = TicketFile::Open(flags.tickets_path, TicketKind::kTicket, io);
  if (!file.ok()) return FailInput(io, kName, file.status());

  TicketAccount account;
  Display display(all_flags, io);
  absl::Status called;
  {
    Progress progress(io, "tickets sent", "matches");
    rpc::client::MakeMatchesCall call;
    call.rules = *std::move(rules);
    call.want_json = flags.call.json;
    call.rating_attribute = all_flags.rating_attribute;
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
      display.Show(account.totals().answers, match);
    };
    called = rpc::client::MatchFunctionClient(flags.call.ToOptions()).MakeMatches(call);
  }
  if (!file->status().ok()) return FailInput(io, kName, file->status());
  display.End();
  if (!called.ok()) return FailCall(io, kName, called);
  PrintTotals(account.totals(), flags.call.json, io);
  const absl::Status accounted = account.Check();
  return accounted.ok() ? kOk : FailCall(io, kName, accounted);
}

}  // namespace

void AddMakeMatchesCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand(
      kName, "One tick: tickets in, matches out, and an account of every ticket");
  AddTicketFlags(command, &flags->tickets);
  command->add_flag("--teams", flags->teams, "Show each team instead of a table");
  command
      ->add_option("--rating-attribute", flags->rating_attribute,
                   "Player attribute whose spread and means are shown")
      ->capture_default_str();
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
