#include "telemetry/tracer.h"

namespace muster::telemetry {

SpanContext Tracer::StartServer(const TraceHeaders& headers) {
  SpanContext context;
  context.span_id = NextId();
  context.trace_id = headers.parent ? headers.parent->trace_id : TraceId{NextId(), NextId()};
  const std::optional<bool> decided =
      headers.parent && headers.parent->sampled ? headers.parent->sampled : headers.sampled;
  // By the id, so that all services with the same share decide alike.
  const auto share = static_cast<uint64_t>(options_.sample_percent);
  context.sampled = decided.value_or(context.trace_id.low % 100 < share);
  return context;
}

SpanContext Tracer::StartChild(const SpanContext& parent) {
  return {parent.trace_id, NextId(), parent.sampled};
}

void Tracer::End(const Span& span) {
  if (Wants(span.context)) sink_->Write(span);
}

// SplitMix64 (Steele, Lea, Flood 2014): a counter, mixed. It needs no lock and repeats nothing.
uint64_t Tracer::NextId() {
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  uint64_t id = options_.seed + (issued_.fetch_add(1, std::memory_order_relaxed) + 1) * kStep;
  id = (id ^ (id >> 30)) * 0xbf58476d1ce4e5b9ULL;
  id = (id ^ (id >> 27)) * 0x94d049bb133111ebULL;
  id ^= id >> 31;
  return id == 0 ? 1 : id;
}

}  // namespace muster::telemetry
