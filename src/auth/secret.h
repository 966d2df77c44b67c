#pragma once

#include <string>
#include <string_view>

// What is shared with nobody, or with few. Where OpenSSL cannot do its part - no randomness, no
// memory - the process ends: it could tell nobody from anybody.
namespace muster::auth {

// 32 random bytes, base64url; nobody can guess them.
std::string RandomSecret();

// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);

// Whether both are the same. The time that it takes tells whether they are equally long, and
// nothing else of them.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace muster::auth
