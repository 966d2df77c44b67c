#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/authorizer.h"
#include "auth/json_web_token.h"
#include "auth/jwks_keys.h"
#include "auth/player_claims.h"
#include "auth/token_cache.h"
#include "base/clock.h"

namespace muster::auth {

// Players show who they are by JSON Web Tokens: `Authorization: <any word> <token>`. Tokens are
// signed with a shared secret (HS256) or with a key that the issuer publishes (RS256), as far as
// either is set up; each way has its own keys, and those of one never serve the other. A token
// whose signature was right is not verified again until it expires or the issuer's keys change. One
// signed with an unknown key is refused, and has the keys fetched for the next time.
class JwtAuthorizer final : public Authorizer {
 public:
  struct Options {
    // A token signed with any of them is taken, so that a new one can come before the old one goes.
    // Empty ones sign nothing.
    std::vector<std::string> secrets;
    PlayerPolicy policy;
    size_t max_cached_tokens = 10'000;
  };

  // `keys`: null when no token is signed by RS256. `clock` outlives the object.
  JwtAuthorizer(Options options, std::unique_ptr<JwksKeys> keys, const base::Clock& clock);

  // UNAVAILABLE only for tokens of RS256, while no keys were ever loaded.
  absl::StatusOr<Identity> Authorize(std::optional<std::string_view> header) override;
  // Whether keys were loaded, when there are any to load.
  absl::Status Ready() const override;

 private:
  // A token's payload, its signature being right.
  using Verified = std::variant<std::string, Verdict>;
  // What a token showed, and the keys at that time.
  struct Known {
    Identity identity;
    uint64_t keys_version;
  };

  Verified Verify(std::string_view token, const KeySet* keys);
  Verified VerifyBySecret(std::string_view token) const;
  Verified VerifyByKey(std::string_view token, const KeySet* keys);

  const Options options_;
  const base::Clock& clock_;
  const std::unique_ptr<JwksKeys> keys_;
  TokenCache<Known> cache_;
};

}  // namespace muster::auth
