#include "net/redis_url.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/url.h"

namespace muster::net {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kTlsScheme = "rediss://";
// Far above what any server is configured for.
constexpr int kMaxDatabase = 1'000'000;

absl::Status Invalid(std::string_view why) {
  return absl::InvalidArgumentError(base::StrCat("redis url: ", why));
}

bool HasScheme(std::string_view text, std::string_view scheme) {
  return absl::StartsWithIgnoreCase(base::ToAbsl(text), base::ToAbsl(scheme));
}

// A whole decimal number without a sign; nothing when it is none in [min, max].
std::optional<int> ParseNumber(std::string_view text, int min, int max) {
  int number = 0;
  if (text.empty() || !std::ranges::all_of(text, absl::ascii_isdigit) ||
      !absl::SimpleAtoi(base::ToAbsl(text), &number) || number < min || number > max) {
    return std::nullopt;
  }
  return number;
}

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_'; }

bool IsIpv6Character(char c) { return absl::ascii_isxdigit(c) || c == ':' || c == '.'; }

// "host", "host:port", "[v6]" or "[v6]:port".
absl::Status ParseHostPort(std::string_view text, RedisAddress* address) {
  const bool bracketed = !text.empty() && text.front() == '[';
  const size_t host_begin = bracketed ? 1 : 0;
  const size_t host_end = std::min(text.find(bracketed ? ']' : ':'), text.size());
  if (bracketed && host_end == text.size()) return Invalid("an IPv6 host has no closing bracket");
  const std::string_view host = text.substr(host_begin, host_end - host_begin);
  std::string_view rest = text.substr(bracketed ? host_end + 1 : host_end);
  if (host.empty()) return Invalid("there is no host");
  if (!std::ranges::all_of(host, bracketed ? IsIpv6Character : IsNameCharacter)) {
    return Invalid("the host has a character that no host has");
  }
  address->host = host;
  if (rest.empty()) return absl::OkStatus();
  if (rest.front() != ':') return Invalid("something stands between the host and its port");
  rest.remove_prefix(1);
  const std::optional<int> port = ParseNumber(rest, 1, 65535);
  if (!port) return Invalid("the port is no number from 1 to 65535; IPv6 hosts need brackets");
  address->port = *port;
  return absl::OkStatus();
}

// "user", "user:password" or ":password".
absl::Status ParseUser(std::string_view text, RedisAddress* address) {
  const size_t colon = std::min(text.find(':'), text.size());
  const auto user = DecodePercent(text.substr(0, colon));
  const auto password = DecodePercent(text.substr(std::min(colon + 1, text.size())));
  if (!user || !password) return Invalid("a % in user or password has no two hex digits after it");
  address->user = *user;
  address->password = *password;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view text) {
  if (HasScheme(text, kTlsScheme)) {
    return Invalid("rediss:// is not spoken: use redis:// to a TLS proxy, such as stunnel");
  }
  RedisAddress address;
  if (!HasScheme(text, kScheme)) {
    if (text.find_first_of("/@") != std::string_view::npos) {
      return Invalid("it is neither redis://... nor host:port");
    }
    MUSTER_RETURN_IF_ERROR(ParseHostPort(text, &address));
    return address;
  }
  text.remove_prefix(kScheme.size());
  // The last one: a password may have an '@' that somebody did not encode.
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    MUSTER_RETURN_IF_ERROR(ParseUser(text.substr(0, at), &address));
    text.remove_prefix(at + 1);
  }
  const size_t slash = std::min(text.find('/'), text.size());
  MUSTER_RETURN_IF_ERROR(ParseHostPort(text.substr(0, slash), &address));
  const std::string_view path = text.substr(slash);
  if (path.size() <= 1) return address;
  const std::optional<int> database = ParseNumber(path.substr(1), 0, kMaxDatabase);
  if (!database) return Invalid("what follows the host is no number of a database");
  address.database = *database;
  return address;
}

}  // namespace muster::net
