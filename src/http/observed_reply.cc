#include "http/observed_reply.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace muster::http {
namespace {

using telemetry::LogField;
using telemetry::LogLevel;

// Longest piece of a caller's text that a log line repeats.
constexpr size_t kMaxShownBytes = 256;
constexpr int kSwitchingProtocols = 101;

class ObservedSink final : public net::server::Reply::Sink {
 public:
  ObservedSink(std::shared_ptr<CallRecord> record, net::server::Reply reply)
      : record_(std::move(record)), reply_(std::move(reply)) {}

  void Send(net::server::Response response) override {
    record_->End(response.status);
    reply_.Send(std::move(response));
  }
  void Accept(std::unique_ptr<net::server::WebSocketHandler> handler) override {
    record_->End(kSwitchingProtocols);
    reply_.Accept(std::move(handler));
  }

 private:
  const std::shared_ptr<CallRecord> record_;
  net::server::Reply reply_;
};

std::chrono::microseconds Micros(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

LogLevel LevelOf(int status) { return status >= 500 ? LogLevel::kWarn : LogLevel::kInfo; }

}  // namespace

CallRecord::CallRecord(const Observer& observer, std::string_view call,
                       const net::server::Request& request, bool is_probe)
    : observer_(observer),
      call_(call),
      is_probe_(is_probe),
      method_(request.method.substr(0, kMaxShownBytes)),
      path_(request.path.substr(0, kMaxShownBytes)),
      peer_(request.peer),
      monotonic_start_(observer.clock.MonotonicNow()) {
  if (!observer.log_calls && !observer.tracer.has_sink()) return;
  const telemetry::TraceHeaders headers = telemetry::ReadTraceHeaders(
      [&request](std::string_view name) { return request.Header(name); });
  span_ = observer.tracer.StartServer(headers);
  if (headers.parent) parent_id_ = headers.parent->span_id;
  if (observer.tracer.Wants(span_)) start_ = observer.clock.PreciseNow();
}

void CallRecord::SetClient(std::string_view client_id) {
  client_id_ = client_id.substr(0, kMaxShownBytes);
}

void CallRecord::End(int status) {
  const std::chrono::nanoseconds duration = observer_.clock.MonotonicNow() - monotonic_start_;
  observer_.metrics.CallEnded(call_, status, duration);
  Trace(status, duration);
  Log(status, duration);
}

void CallRecord::Log(int status, std::chrono::nanoseconds duration) const {
  const LogLevel level = LevelOf(status);
  if (!observer_.log.IsOn(level) || ((is_probe_ || !observer_.log_calls) && status < 500)) return;
  const std::string trace_id = telemetry::ToHex(span_.trace_id);
  const std::string span_id = telemetry::ToHex(span_.span_id);
  const std::array<LogField, 9> fields = {{{"trace_id", trace_id},
                                           {"span_id", span_id},
                                           {"call", call_},
                                           {"method", method_},
                                           {"path", path_},
                                           {"status", int64_t{status}},
                                           {"peer", peer_},
                                           {"client_id", client_id_},
                                           {"duration_us", Micros(duration).count()}}};
  observer_.log.Log(level, "call ended", fields);
}

void CallRecord::Trace(int status, std::chrono::nanoseconds duration) const {
  if (is_probe_ || !observer_.tracer.has_sink() || !observer_.tracer.Wants(span_)) return;
  const std::string code = absl::StrCat(status);
  const std::string_view error = status >= 500 ? std::string_view(code) : "";
  const std::array<telemetry::SpanTag, 4> tags = {{{"http.method", method_},
                                                   {"http.path", path_},
                                                   {"http.status_code", code},
                                                   {"error", error}}};
  observer_.tracer.End({span_, parent_id_, call_, true, start_, Micros(duration), tags});
}

net::server::Reply ObservedReply(std::shared_ptr<CallRecord> record, net::server::Reply reply) {
  return net::server::Reply(std::make_shared<ObservedSink>(std::move(record), std::move(reply)));
}

}  // namespace muster::http
