#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::auth {

// The bytes of base64url text without padding (RFC 4648 section 5, RFC 7515 section 2). Strict, so
// that bytes have one spelling only: nothing for padding, blanks, other characters, a length that
// cannot be, and unused bits that are not 0.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace muster::auth
