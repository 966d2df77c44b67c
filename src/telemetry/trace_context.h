#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace muster::telemetry {

// 128 bits; never all zero in a valid context.
struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const TraceId&) const = default;
};

// Lower-case hexadecimal digits: 32 of a trace id, 16 of a span id.
std::string ToHex(TraceId id);
std::string ToHex(uint64_t span_id);
void AppendHex(std::string* out, TraceId id);
void AppendHex(std::string* out, uint64_t span_id);

// Where a caller's trace stands.
struct RemoteParent {
  TraceId trace_id;
  uint64_t span_id = 0;
  // Nothing: the caller leaves the decision to us.
  std::optional<bool> sampled;

  bool operator==(const RemoteParent&) const = default;
};

// Looks up a header by its lower-case name; nothing when it is absent.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view)>;

// What a caller's headers say of its trace.
struct TraceHeaders {
  // Nothing when there is no trace with both ids, or it is malformed.
  std::optional<RemoteParent> parent;
  // The decision alone: B3 allows to send it without ids. Nothing when there is a parent.
  std::optional<bool> sampled;
};

// Reads B3 in one header (`b3`), else B3 in several (`x-b3-traceid`, `x-b3-spanid`, `x-b3-sampled`,
// `x-b3-flags`), else W3C `traceparent`; the first of the three that is well-formed counts, because
// the proxies in front of us speak B3 and would leave a stale `traceparent` as it is. Debug (`d`,
// flags 1) counts as sampled. A B3 trace id of 64 bits fills the lower half.
// Formats: https://github.com/openzipkin/b3-propagation, https://www.w3.org/TR/trace-context/
TraceHeaders ReadTraceHeaders(const HeaderLookup& header);

}  // namespace muster::telemetry
