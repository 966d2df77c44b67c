#include "tests/support/iam_stand_in/iam_stand_in.h"

#include <utility>

#include "absl/time/time.h"
#include "auth/revocation_list.h"
#include "base/http.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::support {
namespace {

using nlohmann::json;
using Endpoint = IamStandIn::Endpoint;

// With a hundred tokens in it, the filter is wrong about one other token in a hundred million.
constexpr size_t kBloomWords = 150;
constexpr int64_t kBloomHashes = 7;
constexpr std::chrono::seconds kTokenLife{3600};

struct Route {
  Endpoint endpoint;
  std::string_view method;
  // The path is the parameter, if there is one, between these two.
  std::string_view before;
  std::string_view after;
  bool has_parameter;
};
constexpr Route kRoutes[] = {
    {Endpoint::kKeys, "GET", "/iam/v3/oauth/jwks", "", false},
    {Endpoint::kRevocations, "GET", "/iam/v3/oauth/revocationlist", "", false},
    {Endpoint::kLogin, "POST", "/iam/v3/oauth/token", "", false},
    {Endpoint::kRole, "GET", "/iam/v3/admin/roles/", "", true},
    {Endpoint::kStudio, "GET", "/basic/v1/admin/namespaces/", "/context", true},
};

bool Matches(const Route& route, const HttpCall& call) {
  if (call.method != route.method) return false;
  if (!route.has_parameter) return call.path == route.before;
  return call.path.size() > route.before.size() + route.after.size() &&
         call.path.starts_with(route.before) && call.path.ends_with(route.after);
}

int HexDigit(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const size_t digit = kHex.find(c);
  return digit == kHex.npos ? -1 : static_cast<int>(digit);
}

// `text` with %XX replaced.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0) {
      plain.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

std::string ParameterOf(const HttpCall& call) {
  for (const Route& route : kRoutes) {
    if (!Matches(route, call)) continue;
    const std::string_view rest = std::string_view(call.path).substr(route.before.size());
    return Unescape(rest.substr(0, rest.size() - route.after.size()));
  }
  return "";
}

std::string_view HeaderOf(const HttpCall& call, const std::string& name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? std::string_view() : std::string_view(found->second);
}

HttpReply Json(const json& body) {
  return {.body = body.dump(), .headers = {{"Content-Type", "application/json"}}};
}

HttpReply Refusal(int status) { return {.status = status, .body = R"({"errorCode":20001})"}; }

std::string LoginToken(int number) { return base::StrCat("login-", number); }

int64_t SecondsNow() { return absl::ToUnixSeconds(absl::Now()); }

}  // namespace

IamStandIn::IamStandIn(Options options)
    : options_(std::move(options)), revoked_tokens_(kBloomWords) {
  RotateKeys();
  port_ = options_.port;
  Start();
}

IamStandIn::~IamStandIn() { Stop(); }

void IamStandIn::Stop() {
  base::MutexLock lock(&server_mu_);
  server_.reset();
}

void IamStandIn::Start() {
  base::MutexLock lock(&server_mu_);
  if (server_ != nullptr) return;
  server_ =
      std::make_unique<HttpServer>([this](const HttpCall& call) { return Answer(call); }, port_);
  if (!url_.empty()) return;
  port_ = server_->port();
  url_ = server_->url();
}

std::optional<std::string> IamStandIn::SignToken(std::string_view claims) {
  const json changes = json::parse(claims, nullptr, false);
  if (!changes.is_object()) return std::nullopt;
  const int64_t now = SecondsNow();
  json payload = {{"sub", "ags"},
                  {"client_id", "ags"},
                  {"namespace", options_.name_space},
                  {"extend_namespace", options_.name_space},
                  {"scope", "extend"},
                  {"iss", "iam-stand-in"},
                  {"iat", now},
                  {"exp", now + kTokenLife.count()}};
  payload.merge_patch(changes);
  base::MutexLock lock(&mu_);
  return key_->Token(payload.dump());
}

void IamStandIn::RotateKeys() {
  base::MutexLock lock(&mu_);
  ++key_number_;
  // Two pairs in turn, as making one takes long.
  const TestKey& pair = key_number_ % 2 == 1 ? TestKey::Shared() : TestKey::Other();
  key_ = pair.Named(base::StrCat("key-", key_number_));
}

void IamStandIn::RevokeToken(std::string_view token) {
  base::MutexLock lock(&mu_);
  for (const uint64_t position :
       auth::BloomPositions(token, revoked_tokens_.size() * 64, kBloomHashes)) {
    revoked_tokens_[position / 64] |= uint64_t{1} << (position % 64);
  }
}

void IamStandIn::RevokeUser(const std::string& user_id, std::chrono::sys_seconds at) {
  base::MutexLock lock(&mu_);
  revoked_users_[user_id] = at;
}

void IamStandIn::DefineRole(const std::string& role_id, std::vector<auth::Permission> permissions) {
  base::MutexLock lock(&mu_);
  roles_[role_id] = std::move(permissions);
}

void IamStandIn::DefineStudio(const std::string& name_space, const std::string& studio) {
  base::MutexLock lock(&mu_);
  studios_[name_space] = studio;
}

void IamStandIn::Break(Endpoint endpoint, Fault fault) {
  base::MutexLock lock(&mu_);
  faults_[endpoint] = std::move(fault);
}

void IamStandIn::Mend(Endpoint endpoint) {
  base::MutexLock lock(&mu_);
  faults_.erase(endpoint);
}

int IamStandIn::calls(Endpoint endpoint) {
  base::MutexLock lock(&mu_);
  return calls_[endpoint];
}

HttpReply IamStandIn::Answer(const HttpCall& call) {
  for (const Route& route : kRoutes) {
    if (!Matches(route, call)) continue;
    Fault fault;
    {
      base::MutexLock lock(&mu_);
      ++calls_[route.endpoint];
      const auto found = faults_.find(route.endpoint);
      if (found != faults_.end()) fault = found->second;
    }
    HttpReply reply =
        fault.status == 0 ? AnswerWell(route.endpoint, call) : HttpReply{.status = fault.status};
    if (fault.body) reply.body = *fault.body;
    reply.manner = fault.manner;
    reply.delay = fault.delay;
    return reply;
  }
  return options_.other_paths ? options_.other_paths(call) : Refusal(404);
}

HttpReply IamStandIn::AnswerWell(Endpoint endpoint, const HttpCall& call) {
  switch (endpoint) {
    case Endpoint::kKeys:
      return Keys();
    case Endpoint::kRevocations:
      return Revocations(call);
    case Endpoint::kLogin:
      return LogIn(call);
    case Endpoint::kRole:
      return Role(call, ParameterOf(call));
    case Endpoint::kStudio:
      break;
  }
  return Studio(call, ParameterOf(call));
}

HttpReply IamStandIn::Keys() {
  base::MutexLock lock(&mu_);
  return {.body = Jwks({*key_}), .headers = {{"Content-Type", "application/json"}}};
}

HttpReply IamStandIn::Revocations(const HttpCall& call) {
  if (!HasBasic(call)) return Refusal(401);
  base::MutexLock lock(&mu_);
  json users = json::array();
  for (const auto& [id, at] : revoked_users_) {
    const absl::Time time = absl::FromUnixSeconds(at.time_since_epoch().count());
    users.push_back(
        {{"id", id},
         {"revoked_at", absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone())}});
  }
  return Json(
      {{"revoked_tokens",
        {{"bits", revoked_tokens_}, {"k", kBloomHashes}, {"m", revoked_tokens_.size() * 64}}},
       {"revoked_users", users}});
}

HttpReply IamStandIn::LogIn(const HttpCall& call) {
  if (!HasBasic(call)) return Refusal(401);
  if (call.body != "grant_type=client_credentials") return Refusal(400);
  base::MutexLock lock(&mu_);
  return Json({{"access_token", LoginToken(++logins_)},
               {"token_type", "Bearer"},
               {"expires_in", options_.login_life.count()},
               {"namespace", options_.name_space}});
}

HttpReply IamStandIn::Role(const HttpCall& call, const std::string& role_id) {
  base::MutexLock lock(&mu_);
  if (!HasLogin(call)) return Refusal(401);
  const auto role = roles_.find(role_id);
  if (role == roles_.end()) return Refusal(404);
  json permissions = json::array();
  for (const auth::Permission& permission : role->second) {
    permissions.push_back({{"resource", permission.resource}, {"action", permission.action}});
  }
  return Json({{"roleId", role_id}, {"permissions", permissions}});
}

HttpReply IamStandIn::Studio(const HttpCall& call, const std::string& name_space) {
  base::MutexLock lock(&mu_);
  if (!HasLogin(call)) return Refusal(401);
  const auto studio = studios_.find(name_space);
  if (studio == studios_.end()) return Refusal(404);
  return Json({{"namespace", name_space}, {"type", "Game"}, {"studioNamespace", studio->second}});
}

bool IamStandIn::HasBasic(const HttpCall& call) const {
  const auto wanted = base::BasicAuthorization(options_.client_id, options_.client_secret);
  return HeaderOf(call, "authorization") == wanted.value;
}

bool IamStandIn::HasLogin(const HttpCall& call) const {
  return logins_ > 0 &&
         HeaderOf(call, "authorization") == base::StrCat("Bearer ", LoginToken(logins_));
}

}  // namespace muster::support
