#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::auth {

// Tokens by which game servers show who they are: "ms1.{server id}.{mac}", the mac being base64url
// of HMAC-SHA256 over "muster server {server id}". Whoever has the key can tell a good one without
// having kept it; it holds as long as the key does.

// The token of a server. `key`: at least 32 random bytes.
std::string MintServerToken(std::string_view key, std::string_view server_id);

// The server that a token is of; nothing when it was not made with this key, or the key or the id
// is empty.
std::optional<std::string> ServerOfToken(std::string_view key, std::string_view token);

}  // namespace muster::auth
