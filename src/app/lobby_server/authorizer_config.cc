#include "app/lobby_server/authorizer_config.h"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "net/curl_sender.h"

namespace muster::app::lobby_server {
namespace {

using base::EnvReader;

// RFC 7518 section 3.2: a key of HS256 has at least the bits of its digest.
constexpr size_t kMinSecretBytes = 32;
constexpr size_t kMinAdminTokenBytes = 16;
constexpr int64_t kMinIntervalMs = 1000;
constexpr int64_t kMaxIntervalMs = 30LL * 24 * 60 * 60 * 1000;

// As EnvReader::List, but its problems show no secret.
std::vector<std::string> ReadSecrets(EnvReader& env, bool allow_insecure) {
  const std::string text = env.String("LOBBY_JWT_SECRETS", "");
  std::vector<std::string> secrets;
  if (text.empty()) return secrets;
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    const std::string& secret = secrets.emplace_back(absl::StripAsciiWhitespace(item));
    if (secret.empty()) {
      env.Problem(base::StrCat("LOBBY_JWT_SECRETS: secret ", secrets.size(), " is empty"));
    } else if (secret.size() < kMinSecretBytes && !allow_insecure) {
      env.Problem(base::StrCat("LOBBY_JWT_SECRETS: secret ", secrets.size(), " has ", secret.size(),
                               " bytes, fewer than ", kMinSecretBytes));
    }
  }
  return secrets;
}

auth::JwksKeys::Options ReadJwks(EnvReader& env, bool allow_insecure) {
  auth::JwksKeys::Options options;
  options.url = env.String("LOBBY_JWKS_URL", "");
  options.fetch_interval = std::chrono::milliseconds(
      env.Int("LOBBY_JWKS_INTERVAL_MS", 3'600'000, kMinIntervalMs, kMaxIntervalMs));
  if (options.url.empty()) return options;
  const absl::Status status = net::CheckUrl(options.url);
  if (!status.ok()) {
    env.Problem(base::StrCat("LOBBY_JWKS_URL: ", status.message()));
  } else if (options.url.starts_with("http://") && !allow_insecure) {
    env.Problem(
        "LOBBY_JWKS_URL: whoever is on the way of http can put own keys in the answer; take https, "
        "or set LOBBY_ALLOW_INSECURE=true");
  }
  return options;
}

auth::PlayerPolicy ReadPolicy(EnvReader& env) {
  auth::PlayerPolicy policy;
  policy.require_exp = env.Bool("LOBBY_JWT_REQUIRE_EXP", policy.require_exp);
  policy.issuer = env.String("LOBBY_JWT_ISSUER", "");
  policy.audience = env.String("LOBBY_JWT_AUDIENCE", "");
  policy.admin_claim = env.String("LOBBY_JWT_ADMIN_CLAIM", policy.admin_claim);
  policy.admin_value = env.String("LOBBY_JWT_ADMIN_VALUE", policy.admin_value);
  return policy;
}

std::string ReadAdminToken(EnvReader& env) {
  std::string token = env.String("ADMIN_TOKEN", "");
  if (!token.empty() && token.size() < kMinAdminTokenBytes) {
    env.Problem(
        base::StrCat("ADMIN_TOKEN has ", token.size(), " bytes, fewer than ", kMinAdminTokenBytes));
  }
  return token;
}

}  // namespace

AuthorizerConfig ReadAuthorizerConfig(EnvReader& env) {
  AuthorizerConfig config;
  config.is_dev = env.Choice("LOBBY_AUTH", "jwt", {"jwt", "dev"}) == "dev";
  config.allow_insecure = env.Bool("LOBBY_ALLOW_INSECURE", false);
  config.jwt.secrets = ReadSecrets(env, config.allow_insecure);
  config.jwt.policy = ReadPolicy(env);
  config.jwks = ReadJwks(env, config.allow_insecure);
  config.admin_token = ReadAdminToken(env);
  if (!config.is_dev && config.jwt.secrets.empty() && config.jwks.url.empty()) {
    env.Problem(
        "LOBBY_AUTH=jwt needs LOBBY_JWT_SECRETS or LOBBY_JWKS_URL (for development LOBBY_AUTH=dev "
        "takes any name)");
  }
  return config;
}

}  // namespace muster::app::lobby_server
