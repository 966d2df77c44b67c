#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

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

// All that a configuration says, as text that can be compared.
std::string Describe(const MatchFunctionConfig& config) {
  const rpc::Server::Options& server = config.server;
  const rpc::CallLimits& limits = server.limits;
  std::ostringstream text;
  text << server.address << ' ' << server.port << ' ' << limits.max_message_bytes << ' '
       << limits.max_stream_tickets << ' ' << limits.max_stream_bytes << ' ' << limits.max_streams
       << ' ' << limits.max_buffered_bytes << ' ' << limits.max_pending_writes << ' '
       << limits.stream_silence.count() << ' ' << server.match_workers << ' '
       << server.max_queued_matches << ' ' << testing::PrintToString(server.logic.default_regions)
       << ' ' << server.logic.max_rules_bytes << ' ' << server.logic.max_rules_depth << ' '
       << server.drain_delay.count() << ' ' << server.drain_grace.count() << ' '
       << static_cast<int>(config.log.level) << ' ' << static_cast<int>(config.log.format) << ' '
       << config.metrics.address << ' ' << config.metrics.port << ' ' << config.metrics.path << ' '
       << config.metrics_prefix << ' ' << config.logic_name;
  return text.str();
}

TEST(EnvTemplate, HasExactlyTheVariablesThatTheProgramReads) {
  const AskedEnvironment environment;

  ASSERT_TRUE(ReadMatchFunctionConfig(environment, match::BuiltInLogics(), true).ok());

  EXPECT_EQ(environment.asked, Names(ReadTemplate()));
}

TEST(EnvTemplate, ShowsTheDefaults) {
  const base::MapEnvironment from_template(ReadTemplate());
  const base::MapEnvironment empty({});

  const auto shown = ReadMatchFunctionConfig(from_template, match::BuiltInLogics(), false);
  const auto actual = ReadMatchFunctionConfig(empty, match::BuiltInLogics(), false);

  ASSERT_TRUE(shown.ok()) << shown.status();
  ASSERT_TRUE(actual.ok()) << actual.status();
  EXPECT_EQ(Describe(*shown), Describe(*actual));
}

TEST(EnvTemplate, ExplainsEachVariableOnTheLineAboveIt) {
  std::ifstream file = OpenTemplate();

  std::string before;
  for (std::string line; std::getline(file, line); before = line) {
    if (line.empty() || line[0] == '#') continue;
    EXPECT_THAT(before, testing::MatchesRegex("# [a-z -]+, .+")) << line;
  }
}

TEST(Readme, ListsEveryVariable) {
  std::ifstream file(MUSTER_SOURCE_DIR "/README.md");
  std::stringstream text;
  text << file.rdbuf();

  for (const auto& [name, value] : ReadTemplate()) {
    EXPECT_NE(text.str().find("| `" + name + "` |"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace muster::app
