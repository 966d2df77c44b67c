#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "auth/verdict.h"

namespace muster::auth {

// Longest token that is read; gRPC lets no larger header in.
inline constexpr size_t kMaxTokenBytes = 16 * 1024;

// How a token is signed (RFC 7518 section 3.1).
enum class JwtAlgorithm { kRs256, kHs256 };

// A token taken apart, nothing of it verified. The view lies in the token.
struct JsonWebToken {
  // `kid` of RS256.
  std::string key_id;
  // What the signature covers: header and payload as they were sent.
  std::string_view signed_part;
  std::string signature;
  // The claims' text; whether it is JSON is not looked at.
  std::string payload;
};

// Reads a compact JWT (RFC 7519) of three base64url parts without padding. The header must name
// this algorithm: who verifies knows it, and does not learn it from the token. RS256 needs a `kid`;
// that of HS256 is passed over. Keys inside the header are not looked at, `crit` is refused. On
// refusal says why: kMalformed or kWrongAlgorithm.
std::variant<JsonWebToken, Verdict> ParseJsonWebToken(std::string_view token,
                                                      JwtAlgorithm algorithm);

}  // namespace muster::auth
