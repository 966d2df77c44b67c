#include "app/access_config.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "net/curl_sender.h"
#include "net/key_pair.h"

namespace muster::app {
namespace {

using base::EnvReader;

constexpr int64_t kMaxIntervalS = 30LL * 24 * 60 * 60;
constexpr int64_t kMaxTokens = 10'000'000;

// `:` and `*` would change the meaning of a permission, `/` that of a path.
void CheckPlainName(EnvReader& env, std::string_view variable, std::string_view value) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  if (std::all_of(value.begin(), value.end(), plain)) return;
  env.Problem(base::StrCat(variable, " `", value, "` holds something else than A-Z a-z 0-9 - _ ."));
}

// PLUGIN_GRPC_SERVER_AUTH_ENABLED wins when it is set.
bool ReadEnabled(EnvReader& env) {
  const bool fallback = env.Bool("ENABLE_INTERCEPTOR_AUTH", true);
  return env.Bool("PLUGIN_GRPC_SERVER_AUTH_ENABLED", fallback);
}

std::string ReadBaseUrl(EnvReader& env) {
  std::string url = env.String("AB_BASE_URL", "https://demo.accelbyte.io");
  const absl::Status status = net::CheckUrl(url);
  if (!status.ok()) env.Problem(base::StrCat("AB_BASE_URL: ", status.message()));
  if (url.find_first_of("?#") != std::string::npos) {
    env.Problem("AB_BASE_URL: paths are put behind it, so it can have no query and no fragment");
  }
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

bool IsExposed(std::string_view url) {
  constexpr std::string_view kPlain = "http://";
  if (!url.starts_with(kPlain)) return false;
  url.remove_prefix(kPlain.size());
  const std::string_view host = url.substr(0, url.find_first_of(":/"));
  return host != "localhost" && !host.starts_with("127.") && !url.starts_with("[::1]");
}

void CheckClient(EnvReader& env, const auth::IamClient::Options& iam) {
  if (!iam.client_id.empty() && !iam.client_secret.empty()) return;
  const std::string_view missing = !iam.client_id.empty()       ? "AB_CLIENT_SECRET is"
                                   : !iam.client_secret.empty() ? "AB_CLIENT_ID is"
                                                                : "both are";
  env.Problem(base::StrCat("access control needs AB_CLIENT_ID and AB_CLIENT_SECRET, ", missing,
                           " not set (PLUGIN_GRPC_SERVER_AUTH_ENABLED=false turns it off)"));
}

// The file's text; empty, and a problem, when it cannot be read.
std::string ReadFile(EnvReader& env, std::string_view variable, const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path, std::ios::binary);
  // A folder opens, but reading it throws; after a look ahead the stream knows.
  file.peek();
  std::string text;
  if (file.good()) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file.good() || text.empty()) {
    env.Problem(base::StrCat(variable, " `", path, "` cannot be read, or is empty"));
  }
  return text;
}

}  // namespace

AccessConfig ReadAccessConfig(EnvReader& env) {
  AccessConfig config;
  config.enabled = ReadEnabled(env);
  auth::IamAccessControl::Options& options = config.options;
  options.iam.base_url = ReadBaseUrl(env);
  options.iam.client_id = env.String("AB_CLIENT_ID", "");
  options.iam.client_secret = env.String("AB_CLIENT_SECRET", "");
  options.policy.name_space = env.String("AB_NAMESPACE", env.String("NAMESPACE", "accelbyte"));
  CheckPlainName(env, "AB_NAMESPACE", options.policy.name_space);
  options.policy.resource_name = env.String("AB_RESOURCE_NAME", "MMV2GRPCSERVICE");
  CheckPlainName(env, "AB_RESOURCE_NAME", options.policy.resource_name);
  options.fetch_interval =
      std::chrono::seconds(env.Int("TOKEN_VALIDATOR_FETCH_INTERVAL", 3600, 1, kMaxIntervalS));
  options.max_cached_tokens =
      static_cast<size_t>(env.Int("MAX_CACHED_TOKENS", 10'000, 32, kMaxTokens));
  config.is_exposed = IsExposed(options.iam.base_url);
  if (config.enabled) CheckClient(env, options.iam);
  return config;
}

rpc::Server::Tls ReadTls(EnvReader& env) {
  const std::string certificate_file = env.String("GRPC_TLS_CERT_FILE", "");
  const std::string key_file = env.String("GRPC_TLS_KEY_FILE", "");
  const std::string authorities_file = env.String("GRPC_TLS_CLIENT_CA_FILE", "");
  rpc::Server::Tls tls;
  tls.certificate_chain = ReadFile(env, "GRPC_TLS_CERT_FILE", certificate_file);
  tls.private_key = ReadFile(env, "GRPC_TLS_KEY_FILE", key_file);
  tls.client_authorities = ReadFile(env, "GRPC_TLS_CLIENT_CA_FILE", authorities_file);
  if (certificate_file.empty() != key_file.empty()) {
    env.Problem("GRPC_TLS_CERT_FILE and GRPC_TLS_KEY_FILE are set both or not at all");
  }
  if (!authorities_file.empty() && certificate_file.empty()) {
    env.Problem("GRPC_TLS_CLIENT_CA_FILE needs GRPC_TLS_CERT_FILE");
  }
  if (!tls.certificate_chain.empty() && !tls.private_key.empty()) {
    const absl::Status status = net::CheckKeyPair(tls.certificate_chain, tls.private_key);
    if (!status.ok()) {
      env.Problem(base::StrCat("GRPC_TLS_CERT_FILE, GRPC_TLS_KEY_FILE: ", status.message()));
    }
  }
  if (!tls.client_authorities.empty()) {
    const absl::Status status = net::CheckCertificates(tls.client_authorities);
    if (!status.ok()) env.Problem(base::StrCat("GRPC_TLS_CLIENT_CA_FILE: ", status.message()));
  }
  return tls;
}

}  // namespace muster::app
