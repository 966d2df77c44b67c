#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/table.h"
#include "app/ctl/ticket_loop.h"
#include "base/status_macros.h"

namespace muster::app::ctl {
namespace {

constexpr char kName[] = "enrich";

ExitCode Run(const TicketFlags& flags, const Io& io) {
  Table table({"TICKET", "ATTRIBUTES"}, flags.rows);
  const ExitCode code = ForEachTicket(
      kName, flags, io,
      [&](rpc::client::MatchFunctionClient& client, const rpc::client::WireTicket& ticket,
          std::string_view rules) -> absl::Status {
        MUSTER_ASSIGN_OR_RETURN(const rpc::client::EnrichedTicket enriched,
                                client.EnrichTicket(ticket, rules));
        if (flags.call.json) {
          io.out << enriched.json << "\n";
        } else {
          table.AddRow({enriched.id, enriched.attributes_json});
        }
        return absl::OkStatus();
      });
  if (!flags.call.json) table.Print(io.out);
  return code;
}

}  // namespace

void AddEnrichCommand(CLI::App& app, const Io& io, int* exit_code) {
  const auto flags = std::make_shared<TicketFlags>();
  CLI::App* const command = app.add_subcommand(
      kName, "Tickets with the attributes that the server adds; --json gives whole tickets");
  AddTicketFlags(command, flags.get());
  command->callback([flags, &io, exit_code] { *exit_code = Run(*flags, io); });
}

}  // namespace muster::app::ctl
