#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::telemetry {

// Appends `text` as the inside of a JSON string (RFC 8259), without the quotes. Bytes that are not
// UTF-8 become U+FFFD. Plain text, the usual case, is copied in one piece.
void AppendJsonEscaped(std::string* out, std::string_view text);

// The same, in quotes.
void AppendJsonString(std::string* out, std::string_view text);

// Appends a whole number in decimal.
void AppendNumber(std::string* out, int64_t number);

}  // namespace muster::telemetry
