#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "telemetry/trace_context.h"
#include "tests/fuzz/fuzz_check.h"

// Headers of any bytes make a parent with ids that are not zero, a decision, or nothing.
namespace muster::telemetry {
namespace {

using Headers = std::map<std::string_view, std::string_view>;

// One line a header: "name value".
Headers HeadersOf(std::string_view text) {
  Headers headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const size_t name_end = line.find(' ');
    if (name_end != std::string_view::npos) {
      headers[line.substr(0, name_end)] = line.substr(name_end + 1);
    }
  }
  return headers;
}

TraceHeaders Read(const Headers& headers) {
  return ReadTraceHeaders([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = headers.find(name);
    return found == headers.end() ? std::nullopt : std::optional(found->second);
  });
}

void CheckHeaders(std::string_view text) {
  const TraceHeaders read = Read(HeadersOf(text));
  if (!read.parent) return;
  FUZZ_CHECK(read.parent->trace_id != TraceId{});
  FUZZ_CHECK(read.parent->span_id != 0);
  FUZZ_CHECK(!read.sampled);
  // What is read can be written and read again.
  const std::string b3 = ToHex(read.parent->trace_id) + "-" + ToHex(read.parent->span_id);
  const TraceHeaders again = Read({{"b3", b3}});
  FUZZ_CHECK(again.parent.has_value());
  FUZZ_CHECK(again.parent->trace_id == read.parent->trace_id);
  FUZZ_CHECK(again.parent->span_id == read.parent->span_id);
}

}  // namespace
}  // namespace muster::telemetry

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::telemetry::CheckHeaders({reinterpret_cast<const char*>(data), size});
  return 0;
}
