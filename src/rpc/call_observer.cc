#include "rpc/call_observer.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/strings.h"

namespace muster::rpc {
namespace {

using telemetry::LogField;
using telemetry::LogLevel;
using Fields = absl::InlinedVector<LogField, 24>;

// Longest piece of a caller's text that a log line repeats.
constexpr size_t kMaxShownBytes = 256;

std::optional<std::string_view> FindHeader(const grpc::CallbackServerContext& call,
                                           std::string_view name) {
  const auto& headers = call.client_metadata();
  const auto found = headers.find(grpc::string_ref(name.data(), name.size()));
  if (found == headers.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

// What an operator should see even when little is logged.
LogLevel LevelOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return LogLevel::kWarn;
    default:
      return LogLevel::kInfo;
  }
}

std::chrono::microseconds Micros(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

// For example "accelbyte.matchmaking.matchfunction.MatchFunction/MakeMatches".
std::string_view SpanName(telemetry::Method method) {
  static const auto* const names_of_all = [] {
    // Never destroyed: calls may end while the program does.
    auto* const names = new std::vector<std::string>();
    for (size_t i = 0; i < telemetry::kMethods; ++i) {
      names->push_back(base::StrCat(telemetry::kServiceName, "/",
                                    telemetry::MethodName(static_cast<telemetry::Method>(i))));
    }
    return names;
  }();
  return (*names_of_all)[static_cast<size_t>(method)];
}

}  // namespace

ObservedCall::ObservedCall(const CallObserver& observer, telemetry::Method method,
                           const grpc::CallbackServerContext& call)
    : observer_(observer),
      method_(method),
      call_(call),
      monotonic_start_(observer.clock.MonotonicNow()) {
  if (observer.log_calls || observer.tracer.has_sink()) place();
  if (observer.metrics != nullptr) observer.metrics->Started(method);
}

const ObservedCall::Place& ObservedCall::place() const {
  std::call_once(placed_, [this] {
    const telemetry::TraceHeaders headers = telemetry::ReadTraceHeaders(
        [this](std::string_view name) { return FindHeader(call_, name); });
    place_.span = observer_.tracer.StartServer(headers);
    if (headers.parent) place_.parent_id = headers.parent->span_id;
    if (observer_.tracer.Wants(place_.span)) place_.start = observer_.clock.PreciseNow();
  });
  return place_;
}

void ObservedCall::MessageReceived(size_t bytes) {
  bytes_in_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  if (observer_.metrics != nullptr) observer_.metrics->MessageReceived(method_);
}

void ObservedCall::MessageSent(size_t bytes) {
  bytes_out_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  if (observer_.metrics != nullptr) observer_.metrics->MessageSent(method_);
}

void ObservedCall::NoteScope(std::string_view ab_trace_id, uint64_t tick_id) {
  ab_trace_id_ = ab_trace_id.substr(0, kMaxShownBytes);
  tick_id_ = tick_id;
}

void ObservedCall::Log(LogLevel level, std::string_view message,
                       telemetry::Logger::Fields fields) const {
  if (!observer_.log.IsOn(level)) return;
  const std::string trace_id = telemetry::ToHex(place().span.trace_id);
  const std::string span_id = telemetry::ToHex(place().span.span_id);
  Fields all = {
      {"trace_id", trace_id}, {"span_id", span_id}, {"method", telemetry::MethodName(method_)}};
  all.insert(all.end(), fields.begin(), fields.end());
  observer_.log.Log(level, message, all);
}

void ObservedCall::End(const absl::Status& status, std::span<const LogField> account) {
  const std::chrono::nanoseconds duration = observer_.clock.MonotonicNow() - monotonic_start_;
  if (observer_.metrics != nullptr) {
    observer_.metrics->Handled(method_, static_cast<int>(status.code()), duration);
  }
  TraceEnd(status, duration, account);
  LogEnd(status, duration, account);
}

std::string_view ObservedCall::VerdictWord() const {
  const int verdict = verdict_.load(std::memory_order_relaxed);
  return verdict < 0 ? std::string_view() : auth::VerdictName(static_cast<auth::Verdict>(verdict));
}

void ObservedCall::LogEnd(const absl::Status& status, std::chrono::nanoseconds duration,
                          std::span<const LogField> account) const {
  const LogLevel level = LevelOf(status);
  if (!observer_.log.IsOn(level) || (!observer_.log_calls && status.ok())) return;
  const std::string code = absl::StatusCodeToString(status.code());
  const std::string peer = call_.peer();
  const std::string tick_id = tick_id_ == 0 ? "" : absl::StrCat(tick_id_);
  const std::string trace_id = telemetry::ToHex(place().span.trace_id);
  const std::string span_id = telemetry::ToHex(place().span.span_id);
  Fields fields = {{"trace_id", trace_id},
                   {"span_id", span_id},
                   {"method", telemetry::MethodName(method_)},
                   {"code", code},
                   {"peer", peer},
                   {"duration_us", Micros(duration).count()},
                   {"bytes_in", bytes_in_.load(std::memory_order_relaxed)},
                   {"bytes_out", bytes_out_.load(std::memory_order_relaxed)}};
  if (!VerdictWord().empty()) fields.emplace_back("auth", VerdictWord());
  if (!status.ok()) {
    fields.emplace_back("detail", base::FromAbsl(status.message()).substr(0, kMaxShownBytes));
  }
  if (!ab_trace_id_.empty()) fields.emplace_back("ab_trace_id", ab_trace_id_);
  if (!tick_id.empty()) fields.emplace_back("tick_id", tick_id);
  fields.insert(fields.end(), account.begin(), account.end());
  observer_.log.Log(level, "call ended", fields);
}

void ObservedCall::TraceEnd(const absl::Status& status, std::chrono::nanoseconds duration,
                            std::span<const LogField> account) const {
  if (!observer_.tracer.has_sink() || !observer_.tracer.Wants(place().span)) return;
  const std::string code = absl::StrCat(static_cast<int>(status.code()));
  const std::string error = status.ok() ? "" : absl::StatusCodeToString(status.code());
  absl::InlinedVector<std::string, 8> numbers;
  numbers.reserve(account.size());
  absl::InlinedVector<telemetry::SpanTag, 16> tags = {{"rpc.system", "grpc"},
                                                      {"rpc.grpc.status_code", code},
                                                      {"error", error},
                                                      {"ab_trace_id", ab_trace_id_},
                                                      {"auth", VerdictWord()}};
  for (const LogField& field : account) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      tags.push_back({field.name, *text});
    } else {
      numbers.push_back(absl::StrCat(std::get<int64_t>(field.value)));
      tags.push_back({field.name, numbers.back()});
    }
  }
  const telemetry::Span span{place().span, place().parent_id, SpanName(method_),
                             true,         place().start,     Micros(duration),
                             tags};
  observer_.tracer.End(span);
}

ObservedWork::ObservedWork(const ObservedCall& call, std::string_view name)
    : call_(call),
      name_(name),
      wanted_(call.observer_.tracer.has_sink() && call.observer_.tracer.Wants(call.place().span)) {
  if (!wanted_) return;
  start_ = call.observer_.clock.PreciseNow();
  monotonic_start_ = call.observer_.clock.MonotonicNow();
}

ObservedWork::~ObservedWork() {
  if (!wanted_) return;
  const CallObserver& observer = call_.observer_;
  const auto duration = Micros(observer.clock.MonotonicNow() - monotonic_start_);
  const telemetry::SpanContext context = observer.tracer.StartChild(call_.place().span);
  observer.tracer.End({context, call_.place().span.span_id, name_, false, start_, duration, {}});
}

}  // namespace muster::rpc
