#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "app/ctl/flags.h"
#include "app/ctl/io.h"
#include "rpc/client/match_function_client.h"

namespace muster::app::ctl {

// Makes one call for one ticket, with the rules of the command line.
using TicketCall =
    std::function<absl::Status(rpc::client::MatchFunctionClient& client,
                               const rpc::client::WireTicket& ticket, std::string_view rules)>;

// Reads the rules, then makes `call` for every ticket of the file in turn, with progress. Stops at
// the first call that fails or line that is no ticket, and says so in the name of `command`.
ExitCode ForEachTicket(std::string_view command, const TicketFlags& flags, const Io& io,
                       const TicketCall& call);

}  // namespace muster::app::ctl
