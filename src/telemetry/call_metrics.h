#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "telemetry/method.h"
#include "telemetry/metric_registry.h"

namespace muster::telemetry {

// The grpc_server_* series that dashboards for AGS' match functions rely on, with the labels and
// the spelling of codes that they have there. All of them exist from the start, at 0. Thread-safe.
class CallMetrics {
 public:
  // `registry` outlives the object.
  explicit CallMetrics(MetricRegistry& registry);
  ~CallMetrics();
  CallMetrics(const CallMetrics&) = delete;
  CallMetrics& operator=(const CallMetrics&) = delete;

  void Started(Method method);
  void MessageReceived(Method method);
  void MessageSent(Method method);
  // `code` is a gRPC status code; other numbers count as Unknown.
  void Handled(Method method, int code, std::chrono::nanoseconds duration);

 private:
  struct Series;
  const std::unique_ptr<Series> series_;
};

}  // namespace muster::telemetry
