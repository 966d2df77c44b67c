#pragma once

#include <chrono>

#include "auth/json.h"
#include "auth/verdict.h"

namespace muster::auth {

// When a token holds (RFC 7519 section 4.1), to the second.
struct TokenTimes {
  // The end of the year 9999 when the token does not say.
  std::chrono::sys_seconds expires_at{std::chrono::seconds(253'402'300'799)};
  // The epoch when the token does not say.
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds issued_at;
};

// Reads `exp`, `nbf` and `iat`, whose fractions are dropped. False when one is no number of seconds
// from the epoch to the year 9999, which is an error of whoever wrote it.
bool ReadTokenTimes(const nlohmann::json& claims, TokenTimes* out);

// kAllowed, kExpired, or kNotYetValid when `nbf` or `iat` lies in the future, clocks being up to
// `leeway` apart.
Verdict CheckTokenTimes(const TokenTimes& times, std::chrono::sys_seconds now,
                        std::chrono::seconds leeway);

}  // namespace muster::auth
