#include "auth/iam_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "auth/json.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

using nlohmann::json;

constexpr std::string_view kKeysPath = "/iam/v3/oauth/jwks";
constexpr std::string_view kRevocationsPath = "/iam/v3/oauth/revocationlist";
constexpr std::string_view kLoginPath = "/iam/v3/oauth/token";

constexpr size_t kMaxAnswerBytes = size_t{1} << 20;
constexpr size_t kMaxRevocationBytes = size_t{16} << 20;
// A longer life, in seconds, is taken for this one.
constexpr int64_t kMaxLoginSeconds = 86'400 * 7;

// `text` as one segment of a path (RFC 3986 section 2.1). Points are escaped too, so that no
// segment reads as "..".
std::string EscapeSegment(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_') {
      escaped.push_back(c);
    } else {
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return escaped;
}

absl::StatusCode CodeOf(int http_status) {
  if (http_status == 401) return absl::StatusCode::kUnauthenticated;
  if (http_status == 403) return absl::StatusCode::kPermissionDenied;
  if (http_status == 404) return absl::StatusCode::kNotFound;
  if (http_status == 429 || http_status >= 500) return absl::StatusCode::kUnavailable;
  return absl::StatusCode::kInvalidArgument;
}

absl::Status WithCall(std::string_view method, std::string_view path, const absl::Status& status) {
  const absl::StatusCode code = status.code() == absl::StatusCode::kResourceExhausted
                                    ? absl::StatusCode::kInvalidArgument
                                    : status.code();
  const std::string text =
      base::StrCat("iam: ", method, " ", path, ": ", base::FromAbsl(status.message()));
  return {code, base::ToAbsl(text)};
}

absl::Status Senseless(std::string_view path, std::string_view what) {
  return absl::InvalidArgumentError(base::StrCat("iam: ", path, ": ", what));
}

// May stand in a header.
bool IsHeaderText(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

IamClient::IamClient(Options options, base::HttpSender& sender, const base::Clock& clock)
    : options_(std::move(options)), sender_(sender), clock_(clock) {}

absl::StatusOr<std::string> IamClient::Send(base::HttpRequest request, std::string_view path,
                                            size_t max_bytes, std::stop_token stop) {
  request.url = base::StrCat(options_.base_url, path);
  request.timeout = options_.timeout;
  request.max_response_bytes = max_bytes;
  absl::StatusOr<base::HttpResponse> response = sender_.Send(request, std::move(stop));
  if (!response.ok()) return WithCall(request.method, path, response.status());
  if (response->status == 200) return std::move(response->body);
  if (response->status == 401) access_token_.clear();
  const std::string text = base::StrCat("status ", response->status);
  return WithCall(request.method, path, {CodeOf(response->status), base::ToAbsl(text)});
}

template <typename T>
absl::StatusOr<std::shared_ptr<const T>> IamClient::Take(std::string_view path, std::string text,
                                                         Answer<T>& last) {
  if (last.value != nullptr && last.text == text) return last.value;
  absl::StatusOr<T> value = T::Parse(text);
  if (!value.ok()) return WithCall("GET", path, value.status());
  last = {std::move(text), std::make_shared<const T>(*std::move(value))};
  return last.value;
}

absl::StatusOr<std::shared_ptr<const KeySet>> IamClient::FetchKeys(std::stop_token stop) {
  MUSTER_ASSIGN_OR_RETURN(std::string body, Send({}, kKeysPath, kMaxAnswerBytes, std::move(stop)));
  return Take(kKeysPath, std::move(body), keys_);
}

absl::StatusOr<std::shared_ptr<const RevocationList>> IamClient::FetchRevocations(
    std::stop_token stop) {
  base::HttpRequest request;
  request.headers = {base::BasicAuthorization(options_.client_id, options_.client_secret)};
  MUSTER_ASSIGN_OR_RETURN(std::string body, Send(std::move(request), kRevocationsPath,
                                                 kMaxRevocationBytes, std::move(stop)));
  return Take(kRevocationsPath, std::move(body), revocations_);
}

absl::Status IamClient::Login(std::stop_token stop) {
  if (!access_token_.empty() && clock_.MonotonicNow() < renew_login_at_) return absl::OkStatus();
  base::HttpRequest request;
  request.method = "POST";
  request.headers = {base::BasicAuthorization(options_.client_id, options_.client_secret),
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "grant_type=client_credentials";
  MUSTER_ASSIGN_OR_RETURN(const std::string body,
                          Send(std::move(request), kLoginPath, kMaxAnswerBytes, std::move(stop)));
  return TakeLogin(body);
}

absl::Status IamClient::TakeLogin(std::string_view answer) {
  const std::optional<json> object = ParseJsonObject(answer);
  std::string token;
  int64_t seconds = 0;
  if (!object || !ReadString(*object, "access_token", &token) || !IsHeaderText(token) ||
      !ReadInteger(*object, "expires_in", 1, &seconds) || seconds == 0) {
    return Senseless(kLoginPath, "no access_token and expires_in");
  }
  const std::chrono::milliseconds life = std::chrono::seconds(std::min(seconds, kMaxLoginSeconds));
  access_token_ = std::move(token);
  renew_login_at_ = clock_.MonotonicNow() + life * 4 / 5;
  return absl::OkStatus();
}

absl::StatusOr<std::string> IamClient::GetLoggedIn(const std::string& path, std::stop_token stop) {
  base::HttpRequest request;
  request.headers = {{"Authorization", base::StrCat("Bearer ", access_token_)}};
  return Send(std::move(request), path, kMaxAnswerBytes, std::move(stop));
}

absl::StatusOr<IamClient::Role> IamClient::FetchRole(std::string_view role_id,
                                                     std::stop_token stop) {
  // Apart from the call itself: a login that is not found or refused says nothing of the role.
  MUSTER_RETURN_IF_ERROR(Login(stop));
  const std::string path = base::StrCat("/iam/v3/admin/roles/", EscapeSegment(role_id));
  const absl::StatusOr<std::string> body = GetLoggedIn(path, std::move(stop));
  if (absl::IsNotFound(body.status())) return Role{};
  if (absl::IsPermissionDenied(body.status())) return Role{.refusal = body.status()};
  if (!body.ok()) return body.status();
  const std::optional<json> object = ParseJsonObject(*body);
  Role role;
  if (!object || !ReadPermissions(*object, "permissions", &role.permissions)) {
    return Senseless(path, "no role with permissions");
  }
  return role;
}

absl::StatusOr<std::string> IamClient::FetchStudio(std::string_view name_space,
                                                   std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(Login(stop));
  const std::string path =
      base::StrCat("/basic/v1/admin/namespaces/", EscapeSegment(name_space), "/context");
  const absl::StatusOr<std::string> body = GetLoggedIn(path, std::move(stop));
  if (absl::IsNotFound(body.status())) return std::string();
  if (!body.ok()) return body.status();
  const std::optional<json> context = ParseJsonObject(*body);
  std::string type;
  std::string studio;
  if (!context || !ReadString(*context, "type", &type) ||
      !ReadString(*context, "studioNamespace", &studio)) {
    return Senseless(path, "no type and studioNamespace");
  }
  return type == "Game" ? studio : std::string();
}

}  // namespace muster::auth
