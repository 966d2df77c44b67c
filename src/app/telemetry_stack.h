#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "app/observability_config.h"
#include "base/clock.h"
#include "telemetry/exporters/export_metrics.h"
#include "telemetry/log.h"
#include "telemetry/metric_registry.h"
#include "telemetry/metrics_endpoint.h"
#include "telemetry/tracer.h"

namespace muster::app {

// An exporter's parts that belong together: account, writer, batcher.
struct ExporterLine;

// Logs, metrics and traces of a program, and the exporters behind them. Nobody who logs, counts or
// traces ever waits for a backend.
class TelemetryStack {
 public:
  // Starts the exporters' threads. `clock` outlives the stack.
  TelemetryStack(const ObservabilityConfig& config, const std::string& version,
                 const base::Clock& clock);
  // Stops.
  ~TelemetryStack();
  TelemetryStack(const TelemetryStack&) = delete;
  TelemetryStack& operator=(const TelemetryStack&) = delete;

  telemetry::Logger& log() { return *log_; }
  telemetry::MetricRegistry& registry() { return registry_; }
  telemetry::Tracer& tracer() { return *tracer_; }

  // Serves the registry's series until the endpoint is destroyed; null when that is not wanted.
  // UNAVAILABLE, naming the address, when it cannot be bound.
  absl::StatusOr<std::unique_ptr<telemetry::MetricsEndpoint>> StartEndpoint(
      const ObservabilityConfig::Prometheus& config) const;

  // Sends what waits, each exporter for at most one second; what is logged later goes nowhere.
  void Stop();

 private:
  void StartLoki(const ObservabilityConfig& config);
  void StartZipkin(const ObservabilityConfig& config);

  telemetry::MetricRegistry registry_;
  telemetry::exporters::ExportMetrics export_metrics_{registry_};
  std::unique_ptr<ExporterLine> stdout_;
  // To standard output only: exporters must not log through themselves.
  std::unique_ptr<telemetry::Logger> console_;
  std::unique_ptr<ExporterLine> loki_;
  std::unique_ptr<ExporterLine> zipkin_;
  std::unique_ptr<telemetry::SpanSink> spans_;
  std::unique_ptr<telemetry::Logger> log_;
  std::unique_ptr<telemetry::Tracer> tracer_;
};

}  // namespace muster::app
