#include "app/lobby_server/lobby_config.h"

#include <fstream>
#include <map>
#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::app::lobby_server {
namespace {

using std::chrono::milliseconds;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Variables = std::map<std::string, std::string, std::less<>>;

// With the authorizer that needs nothing else, unless the variables say otherwise.
absl::StatusOr<LobbyConfig> Read(Variables variables = {}) {
  variables.emplace("LOBBY_AUTH", "dev");
  return ReadLobbyConfig(base::MapEnvironment(std::move(variables)), false, "/opt/muster");
}

// The `NAME=value` lines of .env.template.
Variables ReadTemplate() {
  std::ifstream file(MUSTER_SOURCE_DIR "/.env.template");
  Variables variables;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

std::string Describe(const net::server::HttpServer::Options& server) {
  std::ostringstream text;
  text << server.address << ' ' << server.port << ' ' << server.threads << ' '
       << server.max_connections << ' ' << server.max_connections_per_peer << ' '
       << server.max_head_bytes << ' ' << server.max_body_bytes << ' '
       << server.head_timeout.count() << ' ' << server.body_timeout.count() << ' '
       << server.idle_timeout.count() << ' ' << server.write_timeout.count() << ' '
       << server.max_socket_message_bytes << ' ' << server.max_socket_queue << ' '
       << server.max_socket_messages_per_second << ' ' << server.socket_idle_timeout.count();
  return text.str();
}

std::string Describe(const lobby::FleetRunner::Options& runner) {
  const lobby::FleetOptions& fleet = runner.fleet;
  std::ostringstream text;
  text << fleet.min_ready << ' ' << fleet.max_servers << ' ' << fleet.max_starting << ' '
       << fleet.slots << ' ' << fleet.idle_timeout.count() << ' ' << fleet.start_timeout.count()
       << ' ' << fleet.call_timeout.count() << ' ' << fleet.call_pause.count() << ' '
       << fleet.call_attempts << ' ' << fleet.look_interval.count() << ' ' << fleet.request_attempts
       << ' ' << fleet.first_retry.count() << ' ' << fleet.last_retry.count() << ' '
       << fleet.record_ttl.count() << ' ' << runner.lease_ttl.count() << ' '
       << runner.list_interval.count() << ' ' << runner.stop_timeout.count() << ' '
       << runner.stop_used_servers;
  return text.str();
}

std::string Describe(const EngineConfig& engine) {
  const provision::ContainerOptions& container = engine.docker.container;
  std::ostringstream text;
  text << static_cast<int>(engine.kind) << ' ' << engine.process.command << ' '
       << engine.process.run_directory << ' ' << engine.process.max_output_bytes << ' '
       << container.deployment << ' ' << container.image << ' ' << container.expose_port.ToString()
       << ' ' << container.control_port.ToString() << ' ' << container.network << ' '
       << container.engine.host << container.engine.tls_verify << ' ' << container.cpus << ' '
       << container.memory_bytes << ' ' << container.pids << ' ' << container.init << ' '
       << static_cast<int>(container.reach) << ' ' << static_cast<int>(engine.docker.pull) << ' '
       << engine.docker.publish_address << ' ' << engine.docker.reuse_exited << ' '
       << engine.swarm.converge_attempts << ' ' << engine.swarm.converge_pause.count();
  return text.str();
}

std::string Describe(const LobbyConfig& config) {
  std::ostringstream text;
  text << config.serves_http << config.works << ' ' << config.observability.app_name << ' '
       << config.observability.prometheus.prefix << ' '
       << config.observability.prometheus.endpoint.port << ' '
       << static_cast<int>(config.store.kind) << ' ' << config.store.location << ' '
       << config.store.max_pending_requests << ' ' << config.rate.per_second << ' '
       << config.rate.burst << ' ' << config.rate.max_clients << ' '
       << config.sockets.max_sockets_per_client << ' ' << config.store_workers << ' '
       << config.lobby_url << ' ' << config.addresses.external_hostname << ' '
       << Describe(config.server) << ' ' << Describe(config.fleet) << ' '
       << Describe(config.engine);
  return text.str();
}

TEST(LobbyConfig, HasTheDefaultsThatTheTemplateShows) {
  const auto shown = ReadLobbyConfig(base::MapEnvironment(ReadTemplate()), false, "/opt/muster");
  const auto actual = Read();

  ASSERT_TRUE(shown.ok()) << shown.status();
  ASSERT_TRUE(actual.ok()) << actual.status();
  EXPECT_EQ(Describe(*shown), Describe(*actual));
}

TEST(LobbyConfig, KeepsRecordsInAFileByDefault) {
  const auto config = Read();

  EXPECT_EQ(config->store.kind, StoreConfig::Kind::kSqlite);
  EXPECT_EQ(config->store.location, "muster.db");
}

TEST(LobbyConfig, TakesTheEarlierNameOfARedisServer) {
  const auto config = Read({{"REDIS_SERVER_URL", "redis-db:6379"}});

  EXPECT_EQ(config->store.kind, StoreConfig::Kind::kRedis);
  EXPECT_EQ(config->store.location, "redis://redis-db:6379/0");
  EXPECT_TRUE(Read({{"REDIS_SERVER_URL", "a:1"}, {"STORE_URL", "redis://a:1/0"}}).ok());
}

TEST(LobbyConfig, ListensOnThisMachineOnlyWhileAnybodyIsAnybody) {
  EXPECT_EQ(Read({{"BIND_ADDRESS", "0.0.0.0"}})->server.address, "127.0.0.1");
  EXPECT_EQ(Read({{"LOBBY_ALLOW_INSECURE", "true"}})->server.address, "127.0.0.1");
  EXPECT_EQ(Read({{"BIND_ADDRESS", "::"}, {"LOBBY_ALLOW_INSECURE", "true"}})->server.address, "::");
  EXPECT_EQ(
      Read({{"LOBBY_AUTH", "jwt"}, {"LOBBY_JWT_SECRETS", std::string(32, 's')}})->server.address,
      "0.0.0.0");
}

TEST(LobbyConfig, CanDoHalfOfTheWork) {
  const auto front = Read({{"LOBBY_ROLES", "http"}, {"STORE_URL", "redis://a"}});
  const auto back = Read({{"LOBBY_ROLES", "worker"}, {"STORE_URL", "redis://a"}});

  EXPECT_TRUE(front->serves_http && !front->works);
  EXPECT_TRUE(!back->serves_http && back->works);
}

TEST(LobbyConfig, StopsProcessesAndKeepsContainersUnlessToldOtherwise) {
  EXPECT_TRUE(Read()->fleet.stop_used_servers);
  EXPECT_FALSE(Read({{"CONTAINER_BACKEND", "docker"}})->fleet.stop_used_servers);
  EXPECT_FALSE(Read({{"SERVERS_ON_SHUTDOWN", "keep"}})->fleet.stop_used_servers);
  EXPECT_TRUE(Read({{"CONTAINER_BACKEND", "swarm"}, {"SERVERS_ON_SHUTDOWN", "stop"}})
                  ->fleet.stop_used_servers);
}

TEST(LobbyConfig, ReadsNamesOfNodesAndWhatServersAreTold) {
  const auto config =
      Read({{"NODE_HOSTNAMES", "n1=one.example,n2=two.example"}, {"SERVER_ENVIRONMENT", "A=1,B="}});

  EXPECT_THAT(config->addresses.node_hostnames,
              ElementsAre(Pair("n1", "one.example"), Pair("n2", "two.example")));
  EXPECT_THAT(config->server_environment, ElementsAre(Pair("A", "1"), Pair("B", "")));
}

TEST(LobbyConfig, ReadsDurationsInMilliseconds) {
  const auto config = Read({{"RESERVATION_TIMEOUT", "1500"}, {"LOOKUP_COOLDOWN", "250"}});

  EXPECT_EQ(config->fleet.fleet.call_timeout, milliseconds(1500));
  EXPECT_EQ(config->requests.call_timeout, milliseconds(1500));
  EXPECT_EQ(config->fleet.fleet.look_interval, milliseconds(250));
  EXPECT_EQ(config->engine.swarm.look_interval, milliseconds(250));
}

struct BadCase {
  std::string name;
  Variables variables;
  std::string fragment;

  friend std::ostream& operator<<(std::ostream& out, const BadCase& bad) { return out << bad.name; }
};

class LobbyConfigBad : public testing::TestWithParam<BadCase> {};

TEST_P(LobbyConfigBad, IsRefusedWithItsVariable) {
  EXPECT_THAT(Read(GetParam().variables).status(),
              StatusIs(kInvalid, HasSubstr(GetParam().fragment)));
}

INSTANTIATE_TEST_SUITE_P(
    All, LobbyConfigBad,
    testing::Values(
        BadCase{"Role", {{"LOBBY_ROLES", "http,boss"}}, "LOBBY_ROLES `boss`"},
        BadCase{"RolesApartOnAFile", {{"LOBBY_ROLES", "http"}}, "LOBBY_ROLES must be http,worker"},
        BadCase{"TwoStores",
                {{"STORE_URL", "sqlite:a.db"}, {"REDIS_SERVER_URL", "a:1"}},
                "STORE_URL and REDIS_SERVER_URL"},
        BadCase{"NoFile", {{"STORE_URL", "sqlite:"}}, "names no file"},
        BadCase{"UnknownStore", {{"STORE_URL", "mysql://a"}}, "STORE_URL"},
        BadCase{"RedisWithTls", {{"STORE_URL", "rediss://a:6379/0"}}, "TLS proxy"},
        BadCase{"MoreReadyThanMay",
                {{"SERVER_MIN_READY", "5"}, {"SERVER_MAX", "4"}},
                "SERVER_MIN_READY is above SERVER_MAX"},
        BadCase{"Node", {{"NODE_HOSTNAMES", "n1"}}, "NODE_HOSTNAMES"},
        BadCase{"Proxy", {{"TRUSTED_PROXIES", "everybody"}}, "TRUSTED_PROXIES"},
        BadCase{"Fate", {{"SERVERS_ON_SHUTDOWN", "sell"}}, "SERVERS_ON_SHUTDOWN"},
        BadCase{"Timeout", {{"RESERVATION_TIMEOUT", "5s"}}, "RESERVATION_TIMEOUT"}),
    [](const auto& test) { return test.param.name; });

TEST(LobbyConfig, NamesAllProblemsAtOnce) {
  const auto status =
      Read({{"HTTP_PORT", "99999"}, {"CONTAINER_BACKEND", "cloud"}, {"STORE_WORKERS", "0"}})
          .status();

  EXPECT_THAT(status, StatusIs(kInvalid, AllOf(HasSubstr("HTTP_PORT"), HasSubstr("cloud"),
                                               HasSubstr("STORE_WORKERS"))));
}

}  // namespace
}  // namespace muster::app::lobby_server
