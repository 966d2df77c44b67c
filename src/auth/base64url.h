#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster::auth {

// The bytes of base64url text without padding (RFC 4648 section 5, RFC 7515 section 2). Strict, so
// that bytes have one spelling only: nothing for padding, blanks, other characters, a length that
// cannot be, and unused bits that are not 0.
std::optional<std::string> DecodeBase64Url(std::string_view text);

// The spelling of these bytes that DecodeBase64Url takes.
std::string EncodeBase64Url(std::string_view bytes);

}  // namespace muster::auth
