#include "app/observability_config.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "net/curl_sender.h"

namespace muster::app {
namespace {

using base::EnvReader;

constexpr int64_t kMaxPort = 65535;
constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr int64_t kMaxBytes = int64_t{1} << 40;

telemetry::LogLevel ReadLevel(EnvReader& env) {
  const std::vector<std::string> names = {"debug", "info", "warn", "error"};
  const std::string name = env.Choice("LOG_LEVEL", "info", names);
  const auto index = std::find(names.begin(), names.end(), name) - names.begin();
  return static_cast<telemetry::LogLevel>(index);
}

telemetry::LogFormat ReadFormat(EnvReader& env, bool on_terminal) {
  const std::string format =
      env.Choice("LOG_FORMAT", on_terminal ? "text" : "json", {"json", "text"});
  return format == "text" ? telemetry::LogFormat::kText : telemetry::LogFormat::kJson;
}

telemetry::MetricsEndpoint::Options ReadEndpoint(EnvReader& env,
                                                 const ObservabilityVariables& variables) {
  telemetry::MetricsEndpoint::Options options;
  options.address = env.String("PROMETHEUS_ADDR", "0.0.0.0");
  options.port = static_cast<int>(env.Int(variables.port, variables.default_port, 0, kMaxPort));
  options.path = env.String("PROMETHEUS_ENDPOINT", "/metrics");
  if (options.path.front() != '/') {
    env.Problem(base::StrCat("PROMETHEUS_ENDPOINT `", options.path, "` does not start with /"));
  }
  return options;
}

// Prometheus' rule for names of metrics.
bool IsMetricName(std::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':';
  };
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string ReadPrefix(EnvReader& env, std::string_view app_name,
                       const ObservabilityVariables& variables) {
  std::string prefix = env.String(variables.prefix, CamelCase(app_name));
  if (!IsMetricName(prefix)) {
    env.Problem(base::StrCat(variables.prefix, " `", prefix, "` (from ", variables.app_name,
                             " when not set) cannot start a metric's name"));
  }
  return prefix;
}

std::string ReadUrl(EnvReader& env, std::string_view name, std::string_view default_value) {
  std::string url = env.String(name, default_value);
  const absl::Status status = net::CheckUrl(url);
  if (!status.ok()) env.Problem(base::StrCat(name, ": ", status.message()));
  return url;
}

// It travels in headers and labels.
std::string ReadAppName(EnvReader& env, const ObservabilityVariables& variables) {
  std::string name = env.String(variables.app_name, variables.default_app_name);
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::all_of(name.begin(), name.end(), printable)) {
    env.Problem(base::StrCat(variables.app_name, " holds a character that a header cannot carry"));
  }
  return name;
}

}  // namespace

std::string CamelCase(std::string_view name) {
  std::string camel;
  bool next_is_upper = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_isalnum(byte)) {
      next_is_upper = !camel.empty();
      continue;
    }
    camel += static_cast<char>(next_is_upper ? absl::ascii_toupper(byte) : byte);
    next_is_upper = false;
  }
  return camel;
}

ObservabilityConfig ReadObservabilityConfig(EnvReader& env, bool on_terminal,
                                            const ObservabilityVariables& variables) {
  ObservabilityConfig config;
  config.app_name = ReadAppName(env, variables);
  config.log = {ReadLevel(env), ReadFormat(env, on_terminal)};
  config.log_calls = env.Bool("ENABLE_INTERCEPTOR_LOGGING", true);
  config.count_calls = env.Bool("ENABLE_INTERCEPTOR_METRICS", true);
  config.prometheus = {env.Bool("ENABLE_PROMETHEUS", true), ReadEndpoint(env, variables),
                       ReadPrefix(env, config.app_name, variables)};
  config.loki.enabled = env.Bool("ENABLE_LOKI", true);
  config.loki.url = ReadUrl(env, "LOKI_URL", "http://localhost:3100/loki/api/v1/push");
  config.loki.username = env.String("LOKI_USERNAME", "");
  config.loki.password = env.String("LOKI_PASSWORD", "");
  config.zipkin.enabled = env.Bool("ENABLE_ZIPKIN", true);
  config.zipkin.url =
      ReadUrl(env, "OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://localhost:9411/api/v2/spans");
  config.zipkin.timeout =
      std::chrono::milliseconds(env.Int("OTEL_EXPORTER_ZIPKIN_TIMEOUT", 10'000, 1, kDayMs));
  config.zipkin.sample_percent = static_cast<int>(env.Int("TRACE_SAMPLE_PERCENT", 100, 0, 100));
  config.max_export_queue_bytes =
      static_cast<size_t>(env.Int("MAX_EXPORT_QUEUE_BYTES", 16'777'216, 65'536, kMaxBytes));
  return config;
}

}  // namespace muster::app
