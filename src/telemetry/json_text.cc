#include "telemetry/json_text.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace muster::telemetry {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

constexpr char kPlain = 0;
constexpr char kByNumber = 'u';
constexpr char kNotAscii = 'x';

// What follows the backslash of each character's escape; kPlain for one that stands for itself.
constexpr std::array<char, 256> MakeEscapes() {
  std::array<char, 256> escapes = {};
  for (size_t c = 0; c < 0x20; ++c) escapes[c] = kByNumber;
  for (size_t c = 0x80; c < escapes.size(); ++c) escapes[c] = kNotAscii;
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> kEscapes = MakeEscapes();

char EscapeOf(char c) { return kEscapes[static_cast<uint8_t>(c)]; }

// Whether one of the eight bytes is no plain character. Each line sets the highest bit of such a
// byte: where a subtraction borrows, and what is beyond ASCII has it anyhow.
bool HasSpecial(uint64_t bytes) {
  constexpr uint64_t kEach = 0x0101010101010101;
  constexpr uint64_t kHighest = kEach * 0x80;
  const uint64_t quotes = bytes ^ kEach * '"';
  const uint64_t backslashes = bytes ^ kEach * '\\';
  const uint64_t found = (bytes - kEach * 0x20) | (quotes - kEach) | (backslashes - kEach) | bytes;
  return (found & kHighest) != 0;
}

// Length of the run of characters at `from` that stand for themselves.
size_t PlainLength(std::string_view text, size_t from) {
  size_t to = from;
  uint64_t word = 0;
  for (; to + sizeof(word) <= text.size(); to += sizeof(word)) {
    std::memcpy(&word, text.data() + to, sizeof(word));
    if (HasSpecial(word)) break;
  }
  while (to < text.size() && EscapeOf(text[to]) == kPlain) ++to;
  return to - from;
}

void AppendEscape(std::string* out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::array<char, 2> escape = {'\\', EscapeOf(c)};
  out->append(escape.data(), escape.size());
  if (escape[1] != kByNumber) return;
  const auto byte = static_cast<uint8_t>(c);
  out->append("00");
  out->push_back(kHex[byte >> 4]);
  out->push_back(kHex[byte & 15]);
}

// What the first byte of a character says: the bytes that follow it, and the range of the first of
// them. That range keeps out overlong forms, surrogates and what is above U+10FFFF (table 3-7 of
// the Unicode Standard). All later bytes are 80..BF.
struct Lead {
  size_t followers;
  uint8_t low;
  uint8_t high;
};

Lead LeadOf(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

// Appends the character at `from`, which is not ASCII, or U+FFFD for as many bytes as could have
// begun one. Returns how many bytes of the text that took.
size_t AppendCharacter(std::string* out, std::string_view text, size_t from) {
  Lead lead = LeadOf(static_cast<uint8_t>(text[from]));
  size_t length = 1;
  for (; length <= lead.followers && from + length < text.size(); ++length) {
    const auto byte = static_cast<uint8_t>(text[from + length]);
    if (byte < lead.low || byte > lead.high) break;
    lead.low = 0x80;
    lead.high = 0xBF;
  }
  const bool whole = lead.followers > 0 && length == lead.followers + 1;
  out->append(whole ? text.substr(from, length) : kReplacement);
  return length;
}

}  // namespace

void AppendJsonEscaped(std::string* out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (const size_t plain = PlainLength(text, at); plain > 0) {
      out->append(text.data() + at, plain);
      at += plain;
    } else if (EscapeOf(text[at]) != kNotAscii) {
      AppendEscape(out, text[at++]);
    } else {
      at += AppendCharacter(out, text, at);
    }
  }
}

void AppendJsonString(std::string* out, std::string_view text) {
  out->push_back('"');
  AppendJsonEscaped(out, text);
  out->push_back('"');
}

void AppendNumber(std::string* out, int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out->append(digits.data(), end);
}

}  // namespace muster::telemetry
