#pragma once

#include <cstddef>
#include <string>

#include "rpc/client/client_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace muster::app::ctl {

// What every command that calls a server takes.
struct CallFlags {
  std::string target = "127.0.0.1:6565";
  std::string token;
  // Of each call, a stream included.
  double timeout_s = 60;
  // One JSON object a line instead of text for people.
  bool json = false;

  rpc::client::ClientOptions ToOptions() const;
};

// --target, --token, --timeout, --json. `flags` outlives `command`.
void AddCallFlags(CLI::App* command, CallFlags* flags);

// What the commands that send tickets take beside it.
struct TicketFlags {
  CallFlags call;
  // Empty: no rules.
  std::string rules_path;
  // `-`: standard input.
  std::string tickets_path;
  // Rows of the table for people.
  size_t rows = 10;
};

// The flags of AddCallFlags and --rules, --tickets, --rows.
void AddTicketFlags(CLI::App* command, TicketFlags* flags);

}  // namespace muster::app::ctl
