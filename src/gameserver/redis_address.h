#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace muster::gameserver {

// Where a Redis is, and how to log in.
struct RedisAddress {
  std::string host;
  int port = 6379;
  int database = 0;
  // Both empty: no log-in. Without a user it is Redis' default user.
  std::string user;
  std::string password;
};

// redis://[[user]:password@]host[:port][/database], all of it percent-decoded; an IPv6 address has
// brackets. INVALID_ARGUMENT without the password when it is none; rediss:// is refused, because
// the client library has no TLS: a TLS proxy beside the server does it.
absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view url);

}  // namespace muster::gameserver
