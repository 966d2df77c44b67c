#pragma once

#include "auth/iam_access_control.h"
#include "base/environment.h"
#include "rpc/server.h"

namespace muster::app {

// Who may call.
struct AccessConfig {
  bool enabled = true;
  auth::IamAccessControl::Options options;
  // Secrets and keys travel in plain text through a network: AB_BASE_URL is http and not of this
  // machine.
  bool is_exposed = false;
};

// Reads the variables of authentication. Problems are left in `env`.
AccessConfig ReadAccessConfig(base::EnvReader& env);

// Reads the certificate, its key and the authorities of callers from the files that are named.
// Problems, files that cannot be read among them, are left in `env`.
rpc::Server::Tls ReadTls(base::EnvReader& env);

}  // namespace muster::app
