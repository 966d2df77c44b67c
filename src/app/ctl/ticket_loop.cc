#include "app/ctl/ticket_loop.h"

#include "app/ctl/progress.h"
#include "app/ctl/ticket_file.h"

namespace muster::app::ctl {

ExitCode ForEachTicket(std::string_view command, const TicketFlags& flags, const Io& io,
                       const TicketCall& call) {
  const absl::StatusOr<std::string> rules = ReadTextFile(flags.rules_path);
  if (!rules.ok()) return FailInput(io, command, rules.status());
  absl::StatusOr<TicketFile> tickets =
      TicketFile::Open(flags.tickets_path, TicketKind::kTicket, io);
  if (!tickets.ok()) return FailInput(io, command, tickets.status());

  rpc::client::MatchFunctionClient client(flags.call.ToOptions());
  Progress progress(io, "tickets sent", "answers");
  for (;;) {
    const auto ticket = tickets->Next();
    if (!ticket.ok()) return FailInput(io, command, ticket.status());
    if (!ticket->has_value()) return kOk;
    progress.CountSent();
    const absl::Status status = call(client, **ticket, *rules);
    if (!status.ok()) return FailCall(io, command, status);
    progress.CountReceived();
  }
}

}  // namespace muster::app::ctl
