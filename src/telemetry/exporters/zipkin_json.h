#pragma once

#include <string>
#include <string_view>

#include "telemetry/span.h"

// Spans in Zipkin's JSON, version 2. Format: https://zipkin.io/zipkin-api/ (a list of spans).
namespace muster::telemetry::exporters {

// What stands before and after the spans; spans are joined by commas.
inline constexpr std::string_view kZipkinBefore = "[";
inline constexpr std::string_view kZipkinAfter = "]";

// Appends one span of the service `service_name`. Tags that are empty are left out; bytes that are
// not UTF-8 become U+FFFD.
void AppendZipkinSpan(std::string* out, const Span& span, std::string_view service_name);

}  // namespace muster::telemetry::exporters
