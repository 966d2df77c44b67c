#include "telemetry/call_metrics.h"

#include <array>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using Labels = prometheus::Labels;

constexpr size_t At(Method method) { return static_cast<size_t>(method); }

// As Go spells them, by number.
constexpr std::array<std::string_view, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};
constexpr int kUnknown = 2;

// Seconds: from a tenth of what a unary call takes to the longest tick.
const Histogram::BucketBoundaries kDurations = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                1,      2.5,     5,      10,    15,     30};

Labels LabelsOf(Method method) {
  return {{"grpc_type", IsStream(method) ? "bidi_stream" : "unary"},
          {"grpc_service", std::string(kServiceName)},
          {"grpc_method", std::string(MethodName(method))}};
}

using PerMethod = std::array<Counter*, kMethods>;

PerMethod ByMethod(Family<Counter>& family) {
  PerMethod counters{};
  for (size_t i = 0; i < kMethods; ++i) counters[i] = &family.Add(LabelsOf(Method(i)));
  return counters;
}

using PerCode = std::array<std::array<Counter*, kCodes.size()>, kMethods>;

PerCode ByCode(Family<Counter>& family) {
  PerCode counters{};
  for (size_t i = 0; i < kMethods; ++i) {
    for (size_t code = 0; code < kCodes.size(); ++code) {
      Labels labels = LabelsOf(Method(i));
      labels["grpc_code"] = std::string(kCodes.at(code));
      counters[i][code] = &family.Add(labels);
    }
  }
  return counters;
}

std::array<Histogram*, kMethods> Durations(Family<Histogram>& family) {
  std::array<Histogram*, kMethods> histograms{};
  for (size_t i = 0; i < kMethods; ++i) {
    histograms[i] = &family.Add(LabelsOf(Method(i)), kDurations);
  }
  return histograms;
}

}  // namespace

struct CallMetrics::Series {
  explicit Series(MetricRegistry& registry)
      : started(
            ByMethod(registry.SharedCounters("grpc_server_started_total", "Calls that began."))),
        handled(ByCode(registry.SharedCounters("grpc_server_handled_total",
                                               "Calls that ended, refused ones too, by code."))),
        received(ByMethod(
            registry.SharedCounters("grpc_server_msg_received_total", "Messages that came in."))),
        sent(ByMethod(
            registry.SharedCounters("grpc_server_msg_sent_total", "Messages that went out."))),
        durations(Durations(registry.SharedHistograms("grpc_server_handling_seconds",
                                                      "From a call's begin to its end."))) {}

  const PerMethod started;
  const PerCode handled;
  const PerMethod received;
  const PerMethod sent;
  const std::array<Histogram*, kMethods> durations;
};

CallMetrics::CallMetrics(MetricRegistry& registry) : series_(std::make_unique<Series>(registry)) {}

CallMetrics::~CallMetrics() = default;

void CallMetrics::Started(Method method) { series_->started[At(method)]->Increment(); }

void CallMetrics::MessageReceived(Method method) { series_->received[At(method)]->Increment(); }

void CallMetrics::MessageSent(Method method) { series_->sent[At(method)]->Increment(); }

void CallMetrics::Handled(Method method, int code, std::chrono::nanoseconds duration) {
  if (code < 0 || code >= static_cast<int>(kCodes.size())) code = kUnknown;
  series_->handled[At(method)][static_cast<size_t>(code)]->Increment();
  series_->durations[At(method)]->Observe(std::chrono::duration<double>(duration).count());
}

}  // namespace muster::telemetry
