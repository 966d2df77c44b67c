#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "auth/claims.h"
#include "auth/verdict.h"

namespace muster::auth {

// Longest token that is read; gRPC lets no larger header in.
inline constexpr size_t kMaxTokenBytes = 16 * 1024;

// A token taken apart, nothing of it verified. The views lie in the token.
struct JsonWebToken {
  std::string key_id;
  // What the signature covers: header and payload as they were sent.
  std::string_view signed_part;
  std::string signature;
  Claims claims;
};

// Reads a compact JWT (RFC 7519) of three base64url parts without padding. The header must say
// `alg` RS256 and a `kid`; keys inside it are not looked at, `crit` is refused. `exp` must be
// there. On refusal says why: kMalformed or kWrongAlgorithm.
std::variant<JsonWebToken, Verdict> ParseJsonWebToken(std::string_view token);

}  // namespace muster::auth
