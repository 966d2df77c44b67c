#pragma once

#include <string>
#include <string_view>

#include "telemetry/exporters/batcher.h"
#include "telemetry/log.h"
#include "telemetry/tracer.h"

// From records to batches: each turns a record into its serialised form, on the thread that made
// it, and adds it to a batcher. The batchers are borrowed. All are thread-safe.
namespace muster::telemetry::exporters {

// Lines as they are.
class LineSink final : public LogSink {
 public:
  explicit LineSink(Batcher& batcher) : batcher_(batcher) {}
  void Write(base::Timestamp time, std::string_view line) override;

 private:
  Batcher& batcher_;
};

// Lines as values of a push to Loki.
class LokiSink final : public LogSink {
 public:
  explicit LokiSink(Batcher& batcher) : batcher_(batcher) {}
  void Write(base::Timestamp time, std::string_view line) override;

 private:
  Batcher& batcher_;
};

// Spans for Zipkin.
class ZipkinSink final : public SpanSink {
 public:
  ZipkinSink(Batcher& batcher, std::string service_name)
      : batcher_(batcher), service_name_(std::move(service_name)) {}
  void Write(const Span& span) override;

 private:
  Batcher& batcher_;
  const std::string service_name_;
};

}  // namespace muster::telemetry::exporters
