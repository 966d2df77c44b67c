#include "telemetry/exporters/record_sinks.h"

#include "telemetry/exporters/loki_json.h"
#include "telemetry/exporters/zipkin_json.h"

namespace muster::telemetry::exporters {
namespace {

// Empty, with the memory of the last record on this thread.
std::string& Scratch() {
  thread_local std::string text;
  text.clear();
  return text;
}

}  // namespace

void LineSink::Write(base::Timestamp /*time*/, std::string_view line) { batcher_.Add(line); }

void LokiSink::Write(base::Timestamp time, std::string_view line) {
  std::string& value = Scratch();
  AppendLokiValue(&value, time, line);
  batcher_.Add(value);
}

void ZipkinSink::Write(const Span& span) {
  std::string& text = Scratch();
  AppendZipkinSpan(&text, span, service_name_);
  batcher_.Add(text);
}

}  // namespace muster::telemetry::exporters
