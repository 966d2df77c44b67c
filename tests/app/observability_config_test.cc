#include "app/observability_config.h"

#include <ostream>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::app {
namespace {

using support::IsOk;
using support::StatusIs;
using telemetry::LogFormat;
using telemetry::LogLevel;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Variables = std::map<std::string, std::string, std::less<>>;

struct Outcome {
  ObservabilityConfig config;
  absl::Status status;
};

Outcome Read(Variables variables, bool on_terminal = false) {
  const base::MapEnvironment environment(std::move(variables));
  base::EnvReader env(environment);
  ObservabilityConfig config = ReadObservabilityConfig(env, on_terminal);
  return {std::move(config), env.status()};
}

// Reads variables that must be good.
ObservabilityConfig ReadGood(Variables variables, bool on_terminal = false) {
  Outcome read = Read(std::move(variables), on_terminal);
  EXPECT_THAT(read.status, IsOk());
  return std::move(read.config);
}

TEST(ObservabilityConfig, TellsEverythingByDefault) {
  const ObservabilityConfig config = ReadGood({});

  EXPECT_EQ(config.app_name, "app-server");
  EXPECT_EQ(config.log.level, LogLevel::kInfo);
  EXPECT_TRUE(config.log_calls);
  EXPECT_TRUE(config.count_calls);
  EXPECT_TRUE(config.prometheus.enabled);
  EXPECT_TRUE(config.loki.enabled);
  EXPECT_TRUE(config.zipkin.enabled);
  EXPECT_EQ(config.max_export_queue_bytes, 16u * 1024 * 1024);
}

TEST(ObservabilityConfig, KnowsWhereOthersListenByDefault) {
  const ObservabilityConfig config = ReadGood({});

  EXPECT_EQ(config.prometheus.endpoint.address, "0.0.0.0");
  EXPECT_EQ(config.prometheus.endpoint.port, 8080);
  EXPECT_EQ(config.prometheus.endpoint.path, "/metrics");
  EXPECT_EQ(config.prometheus.prefix, "appServer");
  EXPECT_EQ(config.loki.url, "http://localhost:3100/loki/api/v1/push");
  EXPECT_EQ(config.loki.username, "");
  EXPECT_EQ(config.loki.password, "");
  EXPECT_EQ(config.zipkin.url, "http://localhost:9411/api/v2/spans");
  EXPECT_EQ(config.zipkin.timeout, std::chrono::seconds(10));
  EXPECT_EQ(config.zipkin.sample_percent, 100);
}

TEST(ObservabilityConfig, ReadsEverySwitch) {
  const ObservabilityConfig config = ReadGood({{"ENABLE_INTERCEPTOR_LOGGING", "false"},
                                               {"ENABLE_INTERCEPTOR_METRICS", "false"},
                                               {"ENABLE_PROMETHEUS", "0"},
                                               {"ENABLE_LOKI", "FALSE"},
                                               {"ENABLE_ZIPKIN", "False"}});

  EXPECT_FALSE(config.log_calls);
  EXPECT_FALSE(config.count_calls);
  EXPECT_FALSE(config.prometheus.enabled);
  EXPECT_FALSE(config.loki.enabled);
  EXPECT_FALSE(config.zipkin.enabled);
}

TEST(ObservabilityConfig, ReadsHowMetricsAreServed) {
  const ObservabilityConfig config = ReadGood({{"PROMETHEUS_ADDR", "127.0.0.1"},
                                               {"PROMETHEUS_PORT", "65535"},
                                               {"PROMETHEUS_ENDPOINT", "/m"},
                                               {"PROMETHEUS_PREFIX", "own:_1"}});

  EXPECT_EQ(config.prometheus.endpoint.address, "127.0.0.1");
  EXPECT_EQ(config.prometheus.endpoint.port, 65535);
  EXPECT_EQ(config.prometheus.endpoint.path, "/m");
  EXPECT_EQ(config.prometheus.prefix, "own:_1");
}

TEST(ObservabilityConfig, ReadsHowLogsAndSpansAreSent) {
  const ObservabilityConfig config =
      ReadGood({{"APP_NAME", "my game"},
                {"LOKI_URL", "https://loki.example/push"},
                {"LOKI_USERNAME", "user"},
                {"LOKI_PASSWORD", "pass"},
                {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://zipkin.example:9411/api/v2/spans"},
                {"OTEL_EXPORTER_ZIPKIN_TIMEOUT", "250"},
                {"TRACE_SAMPLE_PERCENT", "0"},
                {"MAX_EXPORT_QUEUE_BYTES", "65536"}});

  EXPECT_EQ(config.app_name, "my game");
  EXPECT_EQ(config.prometheus.prefix, "myGame");
  EXPECT_EQ(config.loki.url, "https://loki.example/push");
  EXPECT_EQ(config.loki.username, "user");
  EXPECT_EQ(config.loki.password, "pass");
  EXPECT_EQ(config.zipkin.url, "http://zipkin.example:9411/api/v2/spans");
  EXPECT_EQ(config.zipkin.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(config.zipkin.sample_percent, 0);
  EXPECT_EQ(config.max_export_queue_bytes, 65'536u);
}

TEST(ObservabilityConfig, ReadsEveryLevelInAnyCase) {
  const auto level = [](const char* name) { return ReadGood({{"LOG_LEVEL", name}}).log.level; };

  EXPECT_EQ(level("debug"), LogLevel::kDebug);
  EXPECT_EQ(level("Info"), LogLevel::kInfo);
  EXPECT_EQ(level("WARN"), LogLevel::kWarn);
  EXPECT_EQ(level("error"), LogLevel::kError);
}

TEST(ObservabilityConfig, TheTerminalDecidesTheFormatUnlessOneIsSet) {
  EXPECT_EQ(ReadGood({}, true).log.format, LogFormat::kText);
  EXPECT_EQ(ReadGood({}, false).log.format, LogFormat::kJson);
  EXPECT_EQ(ReadGood({{"LOG_FORMAT", "json"}}, true).log.format, LogFormat::kJson);
  EXPECT_EQ(ReadGood({{"LOG_FORMAT", "text"}}, false).log.format, LogFormat::kText);
}

struct BadVariable {
  const char* name;
  const char* variable;
  const char* value;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadVariable& bad) { return out << bad.name; }

const BadVariable kBadVariables[] = {
    {"AppName", "APP_NAME", "caf\xc3\xa9", "APP_NAME holds a character"},
    {"Level", "LOG_LEVEL", "loud", "LOG_LEVEL `loud` is none of: debug, info, warn, error"},
    {"Format", "LOG_FORMAT", "xml", "LOG_FORMAT `xml` is none of: json, text"},
    {"Logging", "ENABLE_INTERCEPTOR_LOGGING", "ture", "ENABLE_INTERCEPTOR_LOGGING `ture` is nei"},
    {"Metrics", "ENABLE_INTERCEPTOR_METRICS", "2", "ENABLE_INTERCEPTOR_METRICS `2` is neither"},
    {"Prometheus", "ENABLE_PROMETHEUS", "on", "ENABLE_PROMETHEUS `on` is neither"},
    {"Loki", "ENABLE_LOKI", "yes", "ENABLE_LOKI `yes` is neither"},
    {"Zipkin", "ENABLE_ZIPKIN", "no", "ENABLE_ZIPKIN `no` is neither"},
    {"Port", "PROMETHEUS_PORT", "65536", "PROMETHEUS_PORT `65536` is not a whole number from 0"},
    {"Path", "PROMETHEUS_ENDPOINT", "metrics", "PROMETHEUS_ENDPOINT `metrics` does not start"},
    {"Prefix", "PROMETHEUS_PREFIX", "my-game", "PROMETHEUS_PREFIX `my-game`"},
    {"LokiUrl", "LOKI_URL", "loki:3100", "LOKI_URL: "},
    {"ZipkinUrl", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", "ftp://z", "OTEL_EXPORTER_ZIPKIN_ENDPOINT: "},
    {"Timeout", "OTEL_EXPORTER_ZIPKIN_TIMEOUT", "0", "OTEL_EXPORTER_ZIPKIN_TIMEOUT `0` is not"},
    {"Sample", "TRACE_SAMPLE_PERCENT", "101", "TRACE_SAMPLE_PERCENT `101` is not a whole number"},
    {"Queue", "MAX_EXPORT_QUEUE_BYTES", "65535", "MAX_EXPORT_QUEUE_BYTES `65535` is not"},
};

class ObservabilityConfigRefuses : public testing::TestWithParam<BadVariable> {};

TEST_P(ObservabilityConfigRefuses, AndNamesTheVariable) {
  const Outcome read = Read({{GetParam().variable, GetParam().value}});

  EXPECT_THAT(read.status, StatusIs(kInvalid, HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(Values, ObservabilityConfigRefuses, testing::ValuesIn(kBadVariables),
                         [](const auto& bad) { return bad.param.name; });

TEST(ObservabilityConfig, NamesAllProblemsInOneMessage) {
  Variables variables;
  for (const BadVariable& bad : kBadVariables) variables[bad.variable] = bad.value;

  const Outcome read = Read(variables);

  for (const BadVariable& bad : kBadVariables) {
    EXPECT_THAT(read.status, StatusIs(kInvalid, HasSubstr(bad.problem)));
  }
}

TEST(ObservabilityConfig, ReadsWhatIsGoodBesideWhatIsBad) {
  const Outcome read = Read({{"LOG_LEVEL", "loud"}, {"LOG_FORMAT", "text"}});

  EXPECT_FALSE(read.status.ok());
  EXPECT_EQ(read.config.log.level, LogLevel::kInfo);
  EXPECT_EQ(read.config.log.format, LogFormat::kText);
}

}  // namespace
}  // namespace muster::app
