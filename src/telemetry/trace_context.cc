#include "telemetry/trace_context.h"

#include <array>
#include <cstddef>

namespace muster::telemetry {
namespace {

constexpr size_t kIdDigits = 16;
constexpr size_t kTraceIdDigits = 32;

enum class HexCase { kAny, kLower };

std::optional<uint64_t> ReadDigit(char c, HexCase hex_case) {
  if (c >= '0' && c <= '9') return static_cast<uint64_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint64_t>(c - 'a' + 10);
  if (hex_case == HexCase::kAny && c >= 'A' && c <= 'F') return static_cast<uint64_t>(c - 'A' + 10);
  return std::nullopt;
}

// A number of exactly `digits` digits, 16 at most.
std::optional<uint64_t> ReadHex(std::string_view text, size_t digits, HexCase hex_case) {
  if (text.size() != digits) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    const std::optional<uint64_t> digit = ReadDigit(c, hex_case);
    if (!digit) return std::nullopt;
    value = value << 4 | *digit;
  }
  return value;
}

// An id of a span, which is not zero.
std::optional<uint64_t> ReadSpanId(std::string_view text, HexCase hex_case) {
  const std::optional<uint64_t> id = ReadHex(text, kIdDigits, hex_case);
  return id == 0 ? std::nullopt : id;
}

// An id of a trace, of 128 or 64 bits, which is not zero.
std::optional<TraceId> ReadTraceId(std::string_view text, HexCase hex_case) {
  const bool is_long = text.size() == kTraceIdDigits;
  const auto high = is_long ? ReadHex(text.substr(0, kIdDigits), kIdDigits, hex_case) : 0;
  const auto low = ReadHex(is_long ? text.substr(kIdDigits) : text, kIdDigits, hex_case);
  if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
  return TraceId{*high, *low};
}

std::optional<RemoteParent> ReadB3Ids(std::string_view trace, std::string_view span) {
  const std::optional<TraceId> trace_id = ReadTraceId(trace, HexCase::kAny);
  const std::optional<uint64_t> span_id = ReadSpanId(span, HexCase::kAny);
  if (!trace_id || !span_id) return std::nullopt;
  return RemoteParent{*trace_id, *span_id, std::nullopt};
}

// Takes what stands before the next '-' off `text`, and the '-' too.
std::string_view TakePart(std::string_view* text) {
  const size_t end = text->find('-');
  const std::string_view part = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return part;
}

std::optional<bool> ReadDecision(std::string_view text) {
  if (text == "1" || text == "d") return true;
  if (text == "0") return false;
  return std::nullopt;
}

// Headers that are malformed say nothing, and only those.
bool SaysSomething(const TraceHeaders& headers) { return headers.parent || headers.sampled; }

// {trace}-{span}[-{decision}[-{parent}]], or the decision alone.
TraceHeaders ReadB3Single(std::string_view text) {
  if (const auto decision = ReadDecision(text)) return {.sampled = decision};
  // What is longer than the longest form is not searched.
  constexpr size_t kLongest = kTraceIdDigits + 1 + kIdDigits + 1 + 1 + 1 + kIdDigits;
  if (text.empty() || text.size() > kLongest || text.back() == '-') return {};
  const std::string_view trace = TakePart(&text);
  std::optional<RemoteParent> parent = ReadB3Ids(trace, TakePart(&text));
  if (!parent) return {};
  if (!text.empty()) {
    parent->sampled = ReadDecision(TakePart(&text));
    if (!parent->sampled) return {};
  }
  // The caller's own parent is of no use here; zero, as some send for a root, is as good as any.
  if (!text.empty() && !ReadHex(text, kIdDigits, HexCase::kAny)) return {};
  return {.parent = parent};
}

// Some callers still send the words that were in use before B3 was written down.
std::optional<bool> ReadSampled(std::string_view text) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

TraceHeaders ReadB3Multi(const HeaderLookup& header) {
  const auto trace = header("x-b3-traceid");
  const auto span = header("x-b3-spanid");
  std::optional<bool> decision;
  if (const auto sampled = header("x-b3-sampled")) {
    decision = ReadSampled(*sampled);
    if (!decision) return {};
  }
  // Other flags are to be ignored.
  if (header("x-b3-flags") == "1") decision = true;
  if (!trace && !span) return {.sampled = decision};
  if (!trace || !span) return {};
  std::optional<RemoteParent> parent = ReadB3Ids(*trace, *span);
  if (parent) parent->sampled = decision;
  return {.parent = parent};
}

// {version}-{trace}-{span}-{flags}; versions above 00 may go on after a '-'.
TraceHeaders ReadTraceparent(std::string_view text) {
  constexpr size_t kTraceAt = 3;
  constexpr size_t kSpanAt = kTraceAt + kTraceIdDigits + 1;
  constexpr size_t kFlagsAt = kSpanAt + kIdDigits + 1;
  constexpr size_t kLength = kFlagsAt + 2;
  if (text.size() < kLength || text[kTraceAt - 1] != '-' || text[kSpanAt - 1] != '-' ||
      text[kFlagsAt - 1] != '-') {
    return {};
  }
  const auto version = ReadHex(text.substr(0, 2), 2, HexCase::kLower);
  if (!version || *version == 0xff) return {};
  if (text.size() > kLength && (*version == 0 || text[kLength] != '-')) return {};
  const auto trace_id = ReadTraceId(text.substr(kTraceAt, kTraceIdDigits), HexCase::kLower);
  const auto span_id = ReadSpanId(text.substr(kSpanAt, kIdDigits), HexCase::kLower);
  const auto flags = ReadHex(text.substr(kFlagsAt, 2), 2, HexCase::kLower);
  if (!trace_id || !span_id || !flags) return {};
  return {.parent = RemoteParent{*trace_id, *span_id, (*flags & 1) != 0}};
}

}  // namespace

void AppendHex(std::string* out, uint64_t span_id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kIdDigits> digits;
  for (size_t i = kIdDigits; i-- > 0; span_id >>= 4) digits[i] = kDigits[span_id & 15];
  out->append(digits.data(), digits.size());
}

void AppendHex(std::string* out, TraceId id) {
  AppendHex(out, id.high);
  AppendHex(out, id.low);
}

std::string ToHex(TraceId id) {
  std::string text;
  AppendHex(&text, id);
  return text;
}

std::string ToHex(uint64_t span_id) {
  std::string text;
  AppendHex(&text, span_id);
  return text;
}

TraceHeaders ReadTraceHeaders(const HeaderLookup& header) {
  if (const auto b3 = header("b3")) {
    const TraceHeaders single = ReadB3Single(*b3);
    if (SaysSomething(single)) return single;
  }
  const TraceHeaders multi = ReadB3Multi(header);
  if (SaysSomething(multi)) return multi;
  const auto traceparent = header("traceparent");
  return traceparent ? ReadTraceparent(*traceparent) : TraceHeaders{};
}

}  // namespace muster::telemetry
