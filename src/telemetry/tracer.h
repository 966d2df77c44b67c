#pragma once

#include <atomic>
#include <cstdint>

#include "telemetry/span.h"
#include "telemetry/trace_context.h"

namespace muster::telemetry {

// Where spans go. Thread-safe.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Write(const Span& span) = 0;
};

// Gives ids to spans and decides which are sampled. Thread-safe.
class Tracer {
 public:
  struct Options {
    // Of the traces that begin here, how many are sampled; 0 to 100. A caller's decision is kept.
    int sample_percent = 100;
    // The same seed gives the same ids; programs take it from the machine's entropy.
    uint64_t seed = 0;
  };

  // `sink` outlives the tracer; null: spans get ids, for the log, and go nowhere.
  Tracer(const Options& options, SpanSink* sink) : options_(options), sink_(sink) {}

  // A server's span in the caller's trace, or in a new one.
  SpanContext StartServer(const TraceHeaders& headers);
  // A span below another one.
  SpanContext StartChild(const SpanContext& parent);

  // Whether any span is wanted.
  bool has_sink() const { return sink_ != nullptr; }
  // Whether spans of this context are wanted at all.
  bool Wants(const SpanContext& context) const { return sink_ != nullptr && context.sampled; }
  // Hands a span over that has ended, if it is wanted.
  void End(const Span& span);

 private:
  // Never 0.
  uint64_t NextId();

  const Options options_;
  SpanSink* const sink_;
  std::atomic<uint64_t> issued_{0};
};

}  // namespace muster::telemetry
