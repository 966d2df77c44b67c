#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auth/verdict.h"
#include "base/clock.h"
#include "grpcpp/server_context.h"
#include "telemetry/call_metrics.h"
#include "telemetry/log.h"
#include "telemetry/method.h"
#include "telemetry/tracer.h"

namespace muster::rpc {

// What calls are told to. Every part is thread-safe and outlives the calls.
struct CallObserver {
  telemetry::Logger& log;
  // Null: calls are not counted.
  telemetry::CallMetrics* metrics;
  telemetry::Tracer& tracer;
  const base::Clock& clock;
  // A line for each call that ended well; others have one in any case.
  bool log_calls = true;
};

// One call from its begin to its end: tells metrics, the log and the trace what happened. It only
// observes. Create it first thing in a call, End it once. MessageReceived, MessageSent,
// NoteVerdict, Log and ObservedWork may be used from several threads at once, the rest may not.
class ObservedCall {
 public:
  ObservedCall(const CallObserver& observer, telemetry::Method method,
               const grpc::CallbackServerContext& call);
  ObservedCall(const ObservedCall&) = delete;
  ObservedCall& operator=(const ObservedCall&) = delete;

  telemetry::Method method() const { return method_; }

  void MessageReceived(size_t bytes);
  void MessageSent(size_t bytes);

  // What the caller says of itself; see the contract's Scope and tickId.
  void NoteScope(std::string_view ab_trace_id, uint64_t tick_id);
  // What became of the caller's token.
  void NoteVerdict(auth::Verdict verdict) {
    verdict_.store(static_cast<int>(verdict), std::memory_order_relaxed);
  }

  // A record that carries this call's ids and method.
  void Log(telemetry::LogLevel level, std::string_view message,
           telemetry::Logger::Fields fields) const;

  // `account`: further fields of the call's line in the log, and tags of its span.
  void End(const absl::Status& status, std::span<const telemetry::LogField> account = {});

 private:
  friend class ObservedWork;

  void LogEnd(const absl::Status& status, std::chrono::nanoseconds duration,
              std::span<const telemetry::LogField> account) const;
  void TraceEnd(const absl::Status& status, std::chrono::nanoseconds duration,
                std::span<const telemetry::LogField> account) const;
  // Empty while there is none.
  std::string_view VerdictWord() const;

  // Where the call stands in its trace.
  struct Place {
    telemetry::SpanContext span;
    // 0: a root.
    uint64_t parent_id = 0;
    base::PreciseTimestamp start;
  };
  // Reads the caller's headers the first time, because gRPC makes a map of them then, which takes
  // longer than all the rest; a call that is neither logged nor traced goes without.
  const Place& place() const;

  const CallObserver& observer_;
  const telemetry::Method method_;
  const grpc::CallbackServerContext& call_;
  const base::MonotonicTime monotonic_start_;
  mutable std::once_flag placed_;
  mutable Place place_;
  std::string ab_trace_id_;
  uint64_t tick_id_ = 0;
  // Of a caller's token; -1 while there is none.
  std::atomic<int> verdict_{-1};
  std::atomic<int64_t> bytes_in_{0};
  std::atomic<int64_t> bytes_out_{0};
};

// A piece of work inside of a call: a child span, from here to the end of the scope. Costs two
// looks at the clock when the call is sampled, else nothing.
class ObservedWork {
 public:
  // `name` lives as long as the program.
  ObservedWork(const ObservedCall& call, std::string_view name);
  ~ObservedWork();
  ObservedWork(const ObservedWork&) = delete;
  ObservedWork& operator=(const ObservedWork&) = delete;

  // It was not worth telling.
  void Forget() { wanted_ = false; }

 private:
  const ObservedCall& call_;
  const std::string_view name_;
  bool wanted_;
  base::PreciseTimestamp start_;
  base::MonotonicTime monotonic_start_;
};

}  // namespace muster::rpc
