#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "net/client_options.h"

namespace muster::provision {

// Where a Docker Engine is, as Docker's own client is told.
struct EngineAddress {
  // DOCKER_HOST: unix:///path, tcp://host:port, http:// or https://; empty: the machine's socket.
  std::string host;
  // DOCKER_CERT_PATH: a folder with ca.pem, cert.pem and key.pem; tcp:// then speaks TLS.
  std::string cert_path;
  // DOCKER_TLS_VERIFY is set: tcp:// speaks TLS, without cert_path as an unknown client. What
  // speaks TLS is verified in any case.
  bool tls_verify = false;
};

// The same, ready for calls.
struct EngineEndpoint {
  // Without a final slash.
  std::string url;
  net::ClientOptions client;
  // The engine's machine, when it may be another than this one; else empty.
  std::string remote_host;
};

// INVALID_ARGUMENT, naming the variable, when the address cannot be used or a certificate is not
// there.
absl::StatusOr<EngineEndpoint> OpenEngineEndpoint(const EngineAddress& address);

}  // namespace muster::provision
