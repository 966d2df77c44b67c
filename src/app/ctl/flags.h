#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rpc/client/client_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace muster::app::ctl {

// What every command that calls a server takes.
struct CallFlags {
  std::string target = "127.0.0.1:6565";
  std::string token;
  // NAME=VALUE, each of them checked.
  std::vector<std::string> headers;
  // What the named files hold.
  rpc::client::ClientOptions::Tls tls;
  // Of each call, a stream included.
  double timeout_s = 60;
  // One JSON object a line instead of text for people.
  bool json = false;

  rpc::client::ClientOptions ToOptions() const;
};

// --target, --token, --header, --timeout, --json and the flags of TLS: --tls-ca, --tls-cert,
// --tls-key, --tls-server-name. Those of TLS and the token are also taken from the environment,
// from MUSTERCTL_TLS_CA and so on and MUSTERCTL_TOKEN; a flag wins over its variable. The variables
// and the files that are named matter only when `command` is the one on the command line. A flag
// that makes no sense is a CLI::ParseError, and so is a file that cannot be read or holds no
// certificate or key in PEM form. Takes the parse_complete_callback of `command`. `flags` outlives
// `command`.
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
