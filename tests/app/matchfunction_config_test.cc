#include "app/matchfunction_config.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::app {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Variables = std::map<std::string, std::string, std::less<>>;

// Access control is off unless the variables say otherwise: on, it needs more of them.
absl::StatusOr<MatchFunctionConfig> Read(Variables variables, bool on_terminal = false) {
  variables.emplace("PLUGIN_GRPC_SERVER_AUTH_ENABLED", "false");
  return ReadMatchFunctionConfig(base::MapEnvironment(variables), match::BuiltInLogics(),
                                 on_terminal);
}

TEST(MatchFunctionConfig, ListensWhereTheContractSays) {
  const MatchFunctionConfig config = Read({}).value();

  EXPECT_EQ(config.server.address, "0.0.0.0");
  EXPECT_EQ(config.server.port, 6565);
  EXPECT_EQ(config.observability.prometheus.endpoint.address, "0.0.0.0");
  EXPECT_EQ(config.observability.prometheus.endpoint.port, 8080);
  EXPECT_EQ(config.observability.prometheus.endpoint.path, "/metrics");
}

TEST(MatchFunctionConfig, HasTheLimitsOfTheServerByDefault) {
  const rpc::CallLimits limits = Read({}).value().server.limits;

  EXPECT_EQ(limits.max_message_bytes, 4u * 1024 * 1024);
  EXPECT_EQ(limits.max_stream_tickets, 1'000'000);
  EXPECT_EQ(limits.max_stream_bytes, 512u * 1024 * 1024);
  EXPECT_EQ(limits.max_streams, 1000);
  EXPECT_EQ(limits.max_buffered_bytes, size_t{4} * 1024 * 1024 * 1024);
  EXPECT_EQ(limits.max_pending_writes, 64u);
  EXPECT_EQ(limits.stream_silence, std::chrono::seconds(60));
}

TEST(MatchFunctionConfig, RunsThePairsLogicByDefault) {
  const MatchFunctionConfig config = Read({}).value();

  EXPECT_EQ(config.logic_name, "pairs");
  EXPECT_TRUE(config.logic("", config.server.logic).ok());
  EXPECT_THAT(config.server.logic.default_regions, ElementsAre("us-east-2", "us-west-2"));
}

TEST(MatchFunctionConfig, TakesAnEmptyVariableForUnset) {
  EXPECT_EQ(Read({{"GRPC_PORT", ""}, {"MATCH_LOGIC", ""}}).value().server.port, 6565);
}

TEST(MatchFunctionConfig, ReadsEveryLimit) {
  const rpc::Server::Options server = Read({{"MAX_MESSAGE_BYTES", "2048"},
                                            {"MAX_STREAM_TICKETS", "3"},
                                            {"MAX_STREAM_BYTES", "4096"},
                                            {"MAX_STREAMS", "5"},
                                            {"MAX_BUFFERED_BYTES", "6000"},
                                            {"MAX_PENDING_WRITES", "7"},
                                            {"STREAM_SILENCE_MS", "800"}})
                                          .value()
                                          .server;

  EXPECT_EQ(server.limits.max_message_bytes, 2048u);
  EXPECT_EQ(server.limits.max_stream_tickets, 3);
  EXPECT_EQ(server.logic.max_stream_tickets, 3);
  EXPECT_EQ(server.limits.max_stream_bytes, 4096u);
  EXPECT_EQ(server.limits.max_streams, 5);
  EXPECT_EQ(server.limits.max_buffered_bytes, 6000u);
  EXPECT_EQ(server.limits.max_pending_writes, 7u);
  EXPECT_EQ(server.limits.stream_silence, std::chrono::milliseconds(800));
}

TEST(MatchFunctionConfig, ReadsWhatRulesAndShutdownMayTake) {
  const rpc::Server::Options server = Read({{"MAX_RULES_BYTES", "100"},
                                            {"MAX_RULES_DEPTH", "4"},
                                            {"MATCH_WORKERS", "3"},
                                            {"SHUTDOWN_DELAY_MS", "0"},
                                            {"SHUTDOWN_GRACE_MS", "5"}})
                                          .value()
                                          .server;

  EXPECT_EQ(server.logic.max_rules_bytes, 100u);
  EXPECT_EQ(server.logic.max_rules_depth, 4);
  EXPECT_EQ(server.match_workers, 3u);
  EXPECT_EQ(server.drain_delay, std::chrono::milliseconds(0));
  EXPECT_EQ(server.drain_grace, std::chrono::milliseconds(5));
}

TEST(MatchFunctionConfig, MatchesAsTheOpenMatcherByDefault) {
  const match::LogicOptions options = Read({}).value().server.logic;

  EXPECT_EQ(options.profile, match::Profile::kCore);
  EXPECT_EQ(options.strategy, match::Strategy::kOldestFirst);
  EXPECT_EQ(options.tick_time_limit, std::chrono::seconds(4));
  EXPECT_FALSE(options.prioritize_larger_parties);
  EXPECT_TRUE(options.any_options_all_common);
  EXPECT_FALSE(options.empty_options_count);
  EXPECT_FALSE(options.empty_exclusion_excludes_all);
}

TEST(MatchFunctionConfig, ReadsHowToMatch) {
  const match::LogicOptions options = Read({{"MATCH_PROFILE", "Hosted"},
                                            {"MATCH_STRATEGY", "quality"},
                                            {"MATCH_TIME_LIMIT_SECOND", "9"},
                                            {"PRIORITIZE_LARGER_PARTIES", "true"},
                                            {"FLAG_ANY_MATCH_OPTION_ALL_COMMON", "false"}})
                                          .value()
                                          .server.logic;

  EXPECT_EQ(options.profile, match::Profile::kHosted);
  EXPECT_EQ(options.strategy, match::Strategy::kQuality);
  EXPECT_EQ(options.tick_time_limit, std::chrono::seconds(9));
  EXPECT_TRUE(options.prioritize_larger_parties);
  EXPECT_FALSE(options.any_options_all_common);
}

TEST(MatchFunctionConfig, TakesATimeLimitOfZeroForTheDefault) {
  EXPECT_EQ(Read({{"MATCH_TIME_LIMIT_SECOND", "0"}})->server.logic.tick_time_limit,
            std::chrono::seconds(4));
}

TEST(MatchFunctionConfig, KeepsTheQuirksThatAreNamed) {
  const match::LogicOptions one = Read({{"MATCH_COMPAT", "Q20"}})->server.logic;
  const match::LogicOptions both = Read({{"MATCH_COMPAT", "q50, Q20"}})->server.logic;

  EXPECT_TRUE(one.empty_options_count);
  EXPECT_FALSE(one.empty_exclusion_excludes_all);
  EXPECT_TRUE(both.empty_options_count && both.empty_exclusion_excludes_all);
}

TEST(MatchFunctionConfig, NamesWhatMatchingCannotBeToldSo) {
  const auto config = Read({{"MATCH_PROFILE", "open"},
                            {"MATCH_STRATEGY", "newest"},
                            {"MATCH_TIME_LIMIT_SECOND", "1.5"},
                            {"PRIORITIZE_LARGER_PARTIES", "yes"},
                            {"MATCH_COMPAT", "Q20,Q21"}});

  EXPECT_THAT(config, StatusIs(kInvalid, AllOf(HasSubstr("MATCH_PROFILE `open`"),
                                               HasSubstr("MATCH_STRATEGY `newest`"),
                                               HasSubstr("MATCH_TIME_LIMIT_SECOND `1.5`"),
                                               HasSubstr("PRIORITIZE_LARGER_PARTIES `yes`"))));
  EXPECT_THAT(config, StatusIs(kInvalid, HasSubstr("MATCH_COMPAT `Q21` is none of: Q20, Q50")));
  EXPECT_THAT(Read({{"MATCH_TIME_LIMIT_SECOND", "3601"}}),
              StatusIs(kInvalid, HasSubstr("from 0 to 3600")));
}

TEST(MatchFunctionConfig, ReadsAddressesPortsAndRegions) {
  const MatchFunctionConfig config = Read({{"BIND_ADDRESS", "127.0.0.1"},
                                           {"GRPC_PORT", "0"},
                                           {"PROMETHEUS_ADDR", "127.0.0.2"},
                                           {"PROMETHEUS_PORT", "0"},
                                           {"PROMETHEUS_ENDPOINT", "/m"},
                                           {"MATCH_DEFAULT_REGIONS", "north, south"}})
                                         .value();

  EXPECT_EQ(config.server.address, "127.0.0.1");
  EXPECT_EQ(config.server.port, 0);
  EXPECT_EQ(config.observability.prometheus.endpoint.address, "127.0.0.2");
  EXPECT_EQ(config.observability.prometheus.endpoint.port, 0);
  EXPECT_EQ(config.observability.prometheus.endpoint.path, "/m");
  EXPECT_THAT(config.server.logic.default_regions, ElementsAre("north", "south"));
}

TEST(MatchFunctionConfig, LogsTextOnATerminalAndJsonElsewhere) {
  EXPECT_EQ(Read({}, true)->observability.log.format, telemetry::LogFormat::kText);
  EXPECT_EQ(Read({}, false)->observability.log.format, telemetry::LogFormat::kJson);
  EXPECT_EQ(Read({{"LOG_FORMAT", "json"}}, true)->observability.log.format,
            telemetry::LogFormat::kJson);
  EXPECT_EQ(Read({})->observability.log.level, telemetry::LogLevel::kInfo);
  EXPECT_EQ(Read({{"LOG_LEVEL", "WARN"}})->observability.log.level, telemetry::LogLevel::kWarn);
}

TEST(MatchFunctionConfig, NamesAllProblemsAtOnce) {
  const auto config = Read({{"GRPC_PORT", "70000"},
                            {"PROMETHEUS_PORT", "http"},
                            {"LOG_LEVEL", "ture"},
                            {"STREAM_SILENCE_MS", "-1"},
                            {"PROMETHEUS_ENDPOINT", "metrics"},
                            {"PROMETHEUS_PREFIX", "1st"},
                            {"MATCH_DEFAULT_REGIONS", "a,,b"},
                            {"MATCH_LOGIC", "chess"}});

  EXPECT_THAT(config,
              StatusIs(kInvalid,
                       AllOf(HasSubstr("GRPC_PORT `70000`"), HasSubstr("PROMETHEUS_PORT `http`"),
                             HasSubstr("LOG_LEVEL `ture`"), HasSubstr("STREAM_SILENCE_MS `-1`"))));
  EXPECT_THAT(config, StatusIs(kInvalid, AllOf(HasSubstr("PROMETHEUS_ENDPOINT `metrics`"),
                                               HasSubstr("PROMETHEUS_PREFIX `1st`"),
                                               HasSubstr("MATCH_DEFAULT_REGIONS"),
                                               HasSubstr("MATCH_LOGIC `chess`"))));
}

TEST(MatchFunctionConfig, ListsTheLogicsThereAre) {
  EXPECT_THAT(Read({{"MATCH_LOGIC", "chess"}}),
              StatusIs(kInvalid, HasSubstr("none of: alliance, pairs")));
}

TEST(MatchFunctionConfig, PutsTheAppNameInFrontOfMetrics) {
  EXPECT_EQ(Read({})->observability.prometheus.prefix, "appServer");
  EXPECT_EQ(Read({{"APP_NAME", "my match_function"}})->observability.prometheus.prefix,
            "myMatchFunction");
  EXPECT_EQ(
      Read({{"APP_NAME", "a-b"}, {"PROMETHEUS_PREFIX", "own"}})->observability.prometheus.prefix,
      "own");
}

TEST(MatchFunctionConfig, RefusesAnAppNameThatNoMetricCanStartWith) {
  EXPECT_THAT(Read({{"APP_NAME", "---"}}), StatusIs(kInvalid, HasSubstr("from APP_NAME")));
  EXPECT_THAT(Read({{"APP_NAME", "7-days"}}), Not(IsOk()));
}

TEST(CamelCase, JoinsWordsAndKeepsLetters) {
  EXPECT_EQ(CamelCase("app-server"), "appServer");
  EXPECT_EQ(CamelCase("AppServer"), "AppServer");
  EXPECT_EQ(CamelCase("--a..b--"), "aB");
  EXPECT_EQ(CamelCase("caf\xc3\xa9 1"), "caf1");
  EXPECT_EQ(CamelCase(""), "");
}

}  // namespace
}  // namespace muster::app
