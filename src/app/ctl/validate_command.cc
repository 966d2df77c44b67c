#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/table.h"
#include "app/ctl/ticket_loop.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "validate";

std::string ToJsonLine(const std::string& ticket_id, bool valid) {
  return nlohmann::ordered_json{{"ticketId", ticket_id}, {"validTicket", valid}}.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

ExitCode Run(const TicketFlags& flags, const Io& io) {
  Table table({"TICKET", "ANSWER"}, flags.rows);
  int64_t valid_tickets = 0;
  int64_t invalid_tickets = 0;
  const ExitCode code = ForEachTicket(
      kName, flags, io,
      [&](rpc::client::MatchFunctionClient& client, const rpc::client::WireTicket& ticket,
          std::string_view rules) -> absl::Status {
        MUSTER_ASSIGN_OR_RETURN(const bool valid, client.ValidateTicket(ticket, rules));
        ++(valid ? valid_tickets : invalid_tickets);
        if (flags.call.json) {
          io.out << ToJsonLine(ticket.id, valid) << "\n";
        } else {
          table.AddRow({ticket.id, valid ? "valid" : "not valid"});
        }
        return absl::OkStatus();
      });
  // A file that does not open needs no table.
  const bool answered = valid_tickets + invalid_tickets > 0;
  if (flags.call.json || (code != kOk && !answered)) return code;
  table.Print(io.out);
  io.out << WithCommas(valid_tickets + invalid_tickets) << " tickets: " << WithCommas(valid_tickets)
         << " valid, " << WithCommas(invalid_tickets) << " not valid\n";
  return code;
}

}  // namespace

void AddValidateCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<TicketFlags>();
  CLI::App* const command =
      app.add_subcommand(kName, "Whether tickets can ever be matched under the rules");
  AddTicketFlags(command, flags.get());
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
