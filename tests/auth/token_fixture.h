#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/token_check.h"
#include "nlohmann/json.hpp"
#include "tests/support/test_keys.h"

namespace muster::auth {

// The time of these tests.
inline constexpr int64_t kNowSeconds = 1'800'000'000;
inline constexpr std::chrono::sys_seconds kTestNow{std::chrono::seconds(kNowSeconds)};
inline constexpr std::chrono::seconds kTestLeeway{10};

inline Policy TestPolicy() {
  return {.name_space = "studio-game", .resource_name = "MMV2GRPCSERVICE", .leeway = kTestLeeway};
}

// The claims of AGS' own token for our namespace, changed by a JSON merge patch (RFC 7396).
inline std::string ClaimsWith(std::string_view patch) {
  nlohmann::json claims = {{"sub", "alice"},
                           {"namespace", "studio-game"},
                           {"extend_namespace", "studio-game"},
                           {"iat", kNowSeconds - 60},
                           {"exp", kNowSeconds + 3600}};
  claims.merge_patch(nlohmann::json::parse(patch));
  return claims.dump();
}

// A good token of the shared key with these claims.
inline std::string TokenWith(std::string_view patch) {
  return support::TestKey::Shared().Token(ClaimsWith(patch));
}

inline KeySet TestKeySet() {
  return KeySet::Parse(support::Jwks({support::TestKey::Shared()})).value();
}

}  // namespace muster::auth
