#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "app/lobby_server/lobby_config.h"
#include "app/matchfunction_config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::app {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

// Empty, and remembers which names were asked for.
class AskedEnvironment final : public base::Environment {
 public:
  std::optional<std::string> Get(std::string_view name) const override {
    asked.emplace(name);
    return std::nullopt;
  }
  mutable std::set<std::string> asked;
};

std::ifstream OpenTemplate() {
  std::ifstream file(MUSTER_SOURCE_DIR "/.env.template");
  EXPECT_TRUE(file.good());
  return file;
}

// The `NAME=value` lines of .env.template.
Variables ReadTemplate() {
  std::ifstream file = OpenTemplate();
  Variables variables;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

std::set<std::string> Names(const Variables& variables) {
  std::set<std::string> names;
  for (const auto& [name, value] : variables) names.insert(name);
  return names;
}

std::string Describe(const AccessConfig& config) {
  const auth::IamAccessControl::Options& options = config.options;
  std::ostringstream text;
  text << ' ' << options.iam.base_url << ' ' << options.iam.client_id << ' '
       << options.iam.client_secret << ' ' << options.policy.name_space << ' '
       << options.policy.resource_name << ' ' << options.fetch_interval.count() << ' '
       << options.max_cached_tokens;
  return text.str();
}

std::string Describe(const ObservabilityConfig& config) {
  std::ostringstream text;
  text << ' ' << config.app_name << ' ' << static_cast<int>(config.log.level) << ' '
       << static_cast<int>(config.log.format) << ' ' << config.log_calls << config.count_calls
       << config.prometheus.enabled << config.loki.enabled << config.zipkin.enabled << ' '
       << config.prometheus.endpoint.address << ' ' << config.prometheus.endpoint.port << ' '
       << config.prometheus.endpoint.path << ' ' << config.prometheus.prefix << ' '
       << config.loki.url << ' ' << config.loki.username << config.loki.password << ' '
       << config.zipkin.url << ' ' << config.zipkin.timeout.count() << ' '
       << config.zipkin.sample_percent << ' ' << config.max_export_queue_bytes;
  return text.str();
}

std::string Describe(const match::LogicOptions& options) {
  std::ostringstream text;
  text << ' ' << testing::PrintToString(options.default_regions) << ' ' << options.max_rules_bytes
       << ' ' << options.max_rules_depth << ' ' << static_cast<int>(options.profile) << ' '
       << static_cast<int>(options.strategy) << ' ' << options.tick_time_limit.count() << ' '
       << options.prioritize_larger_parties << options.any_options_all_common
       << options.empty_options_count << options.empty_exclusion_excludes_all;
  return text.str();
}

// All that a configuration says, as text that can be compared; whether access control is on is not
// among it.
std::string Describe(const MatchFunctionConfig& config) {
  const rpc::Server::Options& server = config.server;
  const rpc::CallLimits& limits = server.limits;
  std::ostringstream text;
  text << server.address << ' ' << server.port << ' ' << limits.max_message_bytes << ' '
       << limits.max_stream_tickets << ' ' << limits.max_stream_bytes << ' ' << limits.max_streams
       << ' ' << limits.max_buffered_bytes << ' ' << limits.max_pending_writes << ' '
       << limits.stream_silence.count() << ' ' << server.match_workers << ' '
       << server.max_queued_matches << ' ' << Describe(server.logic) << ' '
       << server.drain_delay.count() << ' ' << server.drain_grace.count() << ' '
       << server.tls.certificate_chain << ' ' << config.logic_name << Describe(config.access)
       << Describe(config.observability);
  return text.str();
}

TEST(EnvTemplate, HasExactlyTheVariablesThatTheProgramsRead) {
  const AskedEnvironment environment;

  // They fail, because nobody says how to reach IAM and who signs players' tokens; they ask for all
  // of them nevertheless.
  ASSERT_FALSE(ReadMatchFunctionConfig(environment, match::BuiltInLogics(), true).ok());
  ASSERT_FALSE(lobby_server::ReadLobbyConfig(environment, true, "").ok());

  EXPECT_EQ(environment.asked, Names(ReadTemplate()));
}

TEST(EnvTemplate, ShowsTheDefaults) {
  const base::MapEnvironment from_template(ReadTemplate());
  const base::MapEnvironment empty(Variables{{"PLUGIN_GRPC_SERVER_AUTH_ENABLED", "false"}});

  const auto shown = ReadMatchFunctionConfig(from_template, match::BuiltInLogics(), false);
  const auto actual = ReadMatchFunctionConfig(empty, match::BuiltInLogics(), false);

  ASSERT_TRUE(shown.ok()) << shown.status();
  ASSERT_TRUE(actual.ok()) << actual.status();
  EXPECT_EQ(Describe(*shown), Describe(*actual));
}

TEST(EnvTemplate, TurnsAccessControlOffWhichIsOnByDefault) {
  const Variables variables = ReadTemplate();
  const base::MapEnvironment with_client(
      Variables{{"AB_CLIENT_ID", "id"}, {"AB_CLIENT_SECRET", "secret"}});

  const auto actual = ReadMatchFunctionConfig(with_client, match::BuiltInLogics(), false);

  EXPECT_EQ(variables.at("PLUGIN_GRPC_SERVER_AUTH_ENABLED"), "false");
  EXPECT_TRUE(actual->access.enabled);
}

TEST(EnvTemplate, ExplainsEachVariableOnTheLineAboveIt) {
  std::ifstream file = OpenTemplate();

  std::string before;
  for (std::string line; std::getline(file, line); before = line) {
    if (line.empty() || line[0] == '#') continue;
    EXPECT_THAT(before, testing::MatchesRegex("# [A-Za-z -]+, .+")) << line;
  }
}

// Those of the lobby stand below this line of .env.template.
constexpr char kLobbyPart[] = "# ---- The lobby.";

TEST(Readme, ListsEveryVariableOfTheMatchFunction) {
  std::ifstream page(MUSTER_SOURCE_DIR "/README.md");
  std::stringstream text;
  text << page.rdbuf();
  std::ifstream file = OpenTemplate();

  for (std::string line; std::getline(file, line) && !line.starts_with(kLobbyPart);) {
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    EXPECT_NE(text.str().find("| `" + name + "` |"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace muster::app
