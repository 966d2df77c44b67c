#include "telemetry/exporters/zipkin_json.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "telemetry/json_text.h"

namespace muster::telemetry::exporters {
namespace {

void AppendTags(std::string* out, std::span<const SpanTag> tags) {
  bool first = true;
  for (const SpanTag& tag : tags) {
    if (tag.value.empty()) continue;
    out->append(first ? R"(,"tags":{)" : ",");
    first = false;
    AppendJsonString(out, tag.name);
    out->push_back(':');
    AppendJsonString(out, tag.value);
  }
  if (!first) out->push_back('}');
}

}  // namespace

void AppendZipkinSpan(std::string* out, const Span& span, std::string_view service_name) {
  out->append(R"({"traceId":")");
  AppendHex(out, span.context.trace_id);
  out->append(R"(","id":")");
  AppendHex(out, span.context.span_id);
  if (span.parent_id != 0) {
    out->append(R"(","parentId":")");
    AppendHex(out, span.parent_id);
  }
  out->append(R"(","name":)");
  AppendJsonString(out, span.name);
  if (span.is_server) out->append(R"(,"kind":"SERVER")");
  out->append(R"(,"timestamp":)");
  AppendNumber(out, span.start.time_since_epoch().count());
  out->append(R"(,"duration":)");
  // Zipkin takes 0 for an unknown duration.
  AppendNumber(out, std::max<int64_t>(1, span.duration.count()));
  out->append(R"(,"localEndpoint":{"serviceName":)");
  AppendJsonString(out, service_name);
  out->push_back('}');
  AppendTags(out, span.tags);
  out->push_back('}');
}

}  // namespace muster::telemetry::exporters
