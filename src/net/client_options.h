#pragma once

#include <string>

namespace muster::net {

// Who calls, how, and whom it trusts: the same for all requests of a client.
struct ClientOptions {
  // Goes with every request.
  std::string user_agent;
  // The certificates of the authorities that may vouch for a server, PEM; empty: the machine's.
  std::string authorities;
  // What the client shows to servers that ask who it is, PEM: its certificate, possibly a chain,
  // and the key of the first, not encrypted. Both or neither.
  std::string certificate;
  std::string private_key;
  // Path of the Unix socket behind which all servers are, whatever host the URL names; empty: TCP.
  std::string unix_socket;
};

}  // namespace muster::net
