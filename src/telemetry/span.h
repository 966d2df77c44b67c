#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "telemetry/trace_context.h"

namespace muster::telemetry {

// Identity of a span and what its children inherit.
struct SpanContext {
  TraceId trace_id;
  uint64_t span_id = 0;
  bool sampled = false;
};

struct SpanTag {
  std::string_view name;
  std::string_view value;
};

// A piece of work that has ended. Only views: it lives as long as the call that reports it.
struct Span {
  SpanContext context;
  // 0: a root.
  uint64_t parent_id = 0;
  std::string_view name;
  // Answers a caller in another process; else it is work inside of one that does.
  bool is_server = false;
  // Wall-clock time, UTC.
  std::chrono::sys_time<std::chrono::microseconds> start;
  std::chrono::microseconds duration{0};
  std::span<const SpanTag> tags;
};

}  // namespace muster::telemetry
