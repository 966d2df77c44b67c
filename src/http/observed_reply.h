#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/server/http_server.h"
#include "telemetry/lobby_metrics.h"
#include "telemetry/log.h"
#include "telemetry/tracer.h"

namespace muster::http {

// What calls are told to. Every part is thread-safe and outlives the calls.
struct Observer {
  telemetry::Logger& log;
  telemetry::LobbyMetrics& metrics;
  telemetry::Tracer& tracer;
  const base::Clock& clock;
  // A line for each call that ended below 500; others have one in any case.
  bool log_calls = true;
};

// A reply that counts, logs and traces the call when it is answered, then passes the answer on.
// `call` names the call in metrics and spans, and outlives it. The client in the log is told later,
// once it is known. What callers sent is repeated up to 256 bytes.
class CallRecord {
 public:
  // `is_probe`: asked all the time, and so without a span, and without a line while all is well.
  CallRecord(const Observer& observer, std::string_view call, const net::server::Request& request,
             bool is_probe = false);

  void SetClient(std::string_view client_id);
  void End(int status);

 private:
  void Log(int status, std::chrono::nanoseconds duration) const;
  void Trace(int status, std::chrono::nanoseconds duration) const;

  const Observer& observer_;
  const std::string_view call_;
  const bool is_probe_;
  const std::string method_;
  const std::string path_;
  const std::string peer_;
  const base::MonotonicTime monotonic_start_;
  base::PreciseTimestamp start_{};
  telemetry::SpanContext span_;
  uint64_t parent_id_ = 0;
  std::string client_id_;
};

// `record` ends when the reply is used, or dropped.
net::server::Reply ObservedReply(std::shared_ptr<CallRecord> record, net::server::Reply reply);

}  // namespace muster::http
