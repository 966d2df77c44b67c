#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace muster::rpc::client {

// How to reach a server of the match-function contract.
struct ClientOptions {
  // A gRPC target name, as a rule host:port.
  std::string target = "127.0.0.1:6565";
  // Sent as `authorization: Bearer <token>`; empty: no such header.
  std::string token;
  // Sent with each call; names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  // PEM texts. All empty: plain text. With authorities the connection is TLS and the server must
  // show a certificate of one of them; with certificate and key the client shows its own.
  struct Tls {
    std::string authorities;
    std::string certificate_chain;
    std::string private_key;
    // The name that the server's certificate must have; empty: the host of `target`.
    std::string server_name;
  } tls;
  // How long one call may take, a stream included; past it the call ends with DEADLINE_EXCEEDED.
  std::chrono::milliseconds deadline{60'000};
  // Bytes a response may have, larger ones end the call with RESOURCE_EXHAUSTED. Above gRPC's own
  // default of 4 MiB, because one match may hold all tickets of a stream; 0 to 2 GiB - 1.
  int max_response_bytes = 64 << 20;
};

}  // namespace muster::rpc::client
