#pragma once

#include <string>

#include "auth/jwks_keys.h"
#include "auth/jwt_authorizer.h"
#include "base/environment.h"

namespace muster::app::lobby_server {

// How the lobby knows who calls.
struct AuthorizerConfig {
  // Whoever says so is it; `jwt` and `jwks` are not used.
  bool is_dev = false;
  auth::JwtAuthorizer::Options jwt;
  // An empty URL: no token is signed with a published key.
  auth::JwksKeys::Options jwks;
  // What an administrator shows; empty: there is none but those that tokens name.
  std::string admin_token;
  // The operator says that what lets strangers in may be.
  bool allow_insecure = false;
};

// Reads the variables of authorization. Problems are left in `env`; none repeats a secret. Secrets
// shorter than 32 bytes, which can be guessed from one token, and keys that are fetched by http are
// problems unless LOBBY_ALLOW_INSECURE is set; an ADMIN_TOKEN shorter than 16 bytes always is.
AuthorizerConfig ReadAuthorizerConfig(base::EnvReader& env);

}  // namespace muster::app::lobby_server
