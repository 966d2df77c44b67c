#include "gameserver/redis_address.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/url.h"

namespace muster::gameserver {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr int kMaxPort = 65535;
// Redis lets the operator raise it from 16; no one goes higher.
constexpr int kMaxDatabase = 9999;

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(base::StrCat("redis url: ", what));
}

// Cuts what stands before `mark` off `text`; nothing, and no change, when there is no mark.
std::optional<std::string_view> CutBefore(std::string_view& text, char mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + 1);
  return before;
}

absl::Status ReadLogin(std::string_view login, RedisAddress* address) {
  const std::string_view user = CutBefore(login, ':').value_or("");
  auto decoded_user = net::DecodePercent(user);
  auto password = net::DecodePercent(login);
  if (!decoded_user.has_value() || !password.has_value()) return Bad("log-in is not encoded right");
  address->user = *std::move(decoded_user);
  address->password = *std::move(password);
  return absl::OkStatus();
}

absl::Status ReadNumber(std::string_view text, std::string_view what, int min, int max, int* out) {
  if (!absl::SimpleAtoi(base::ToAbsl(text), out) || *out < min || *out > max) {
    return Bad(base::StrCat(what, " is not a number from ", min, " to ", max));
  }
  return absl::OkStatus();
}

absl::Status ReadHostAndPort(std::string_view text, RedisAddress* address) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    const auto inside = CutBefore(text, ']');
    if (!inside.has_value()) return Bad("a bracket is open");
    host = *inside;
    if (!text.empty() && !text.starts_with(':')) return Bad("after the bracket comes no port");
    if (!text.empty()) port = text.substr(1);
  } else if (const auto before = CutBefore(text, ':'); before.has_value()) {
    host = *before;
    port = text;
  }
  if (host.empty()) return Bad("host is empty");
  address->host = host;
  if (port.empty()) return absl::OkStatus();
  return ReadNumber(port, "port", 1, kMaxPort, &address->port);
}

}  // namespace

absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view url) {
  if (url.starts_with("rediss://")) return Bad("rediss is not spoken: use a TLS proxy");
  if (!url.starts_with(kScheme)) return Bad("it does not start with redis://");
  url.remove_prefix(kScheme.size());
  RedisAddress address;
  std::string_view authority = url;
  std::string_view database;
  if (const auto before = CutBefore(url, '/'); before.has_value()) {
    authority = *before;
    database = url;
  }
  // A password may hold an '@' that is not encoded; a host does not.
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    MUSTER_RETURN_IF_ERROR(ReadLogin(authority.substr(0, at), &address));
    authority.remove_prefix(at + 1);
  }
  MUSTER_RETURN_IF_ERROR(ReadHostAndPort(authority, &address));
  if (!database.empty()) {
    MUSTER_RETURN_IF_ERROR(ReadNumber(database, "database", 0, kMaxDatabase, &address.database));
  }
  return address;
}

}  // namespace muster::gameserver
