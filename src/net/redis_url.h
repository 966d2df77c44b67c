#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace muster::net {

// Where a Redis server is, and as whom to go there.
struct RedisAddress {
  // A name or an address; IPv6 without brackets.
  std::string host;
  int port = 6379;
  // Empty: the server's default user.
  std::string user;
  std::string password;
  int database = 0;

  bool operator==(const RedisAddress&) const = default;
};

// Reads `redis://[user][:password]@host[:port][/database]`, user and password percent-encoded, or
// `host[:port]` alone; an IPv6 host is in brackets. INVALID_ARGUMENT saying what is wrong, never
// with a part of the text, which may be a password. `rediss://` is refused: hiredis 0.14 speaks no
// TLS.
absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view text);

}  // namespace muster::net
