#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "telemetry/log.h"
#include "telemetry/metrics_endpoint.h"

namespace muster::app {

// What is told about the server, and to whom.
struct ObservabilityConfig {
  // Of this service: in metrics, labels, spans, and as User-Agent.
  std::string app_name;
  telemetry::Logger::Options log;
  // A line in the log, or counters, for each call.
  bool log_calls = true;
  bool count_calls = true;

  struct Prometheus {
    bool enabled = true;
    telemetry::MetricsEndpoint::Options endpoint;
    std::string prefix;
  } prometheus;

  struct Loki {
    bool enabled = true;
    std::string url;
    // Both empty: no authentication.
    std::string username;
    std::string password;
  } loki;

  struct Zipkin {
    bool enabled = true;
    std::string url;
    // Of one attempt to send a batch.
    std::chrono::milliseconds timeout{10'000};
    int sample_percent = 100;
  } zipkin;

  // Of each exporter.
  size_t max_export_queue_bytes = 0;
};

// The variables in which programs that share one environment differ, and their defaults.
struct ObservabilityVariables {
  std::string_view app_name = "APP_NAME";
  std::string_view default_app_name = "app-server";
  std::string_view port = "PROMETHEUS_PORT";
  int default_port = 8080;
  std::string_view prefix = "PROMETHEUS_PREFIX";
};

// Reads the variables of logs, metrics and traces. Problems are left in `env`. `on_terminal`
// decides the default of LOG_FORMAT.
ObservabilityConfig ReadObservabilityConfig(base::EnvReader& env, bool on_terminal,
                                            const ObservabilityVariables& variables = {});

// "app-server" -> "appServer": the default prefix of metrics.
std::string CamelCase(std::string_view name);

}  // namespace muster::app
