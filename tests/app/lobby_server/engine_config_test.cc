#include "app/lobby_server/engine_config.h"

#include <map>
#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::app::lobby_server {
namespace {

using support::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Variables = std::map<std::string, std::string, std::less<>>;
using Kind = EngineConfig::Kind;

struct Outcome {
  EngineConfig config;
  absl::Status status;
};

Outcome Read(Variables variables, const std::string& folder = "/opt/muster") {
  const base::MapEnvironment environment(std::move(variables));
  base::EnvReader env(environment);
  EngineConfig config = ReadEngineConfig(env, folder);
  return {std::move(config), env.status()};
}

TEST(EngineConfig, RunsTheGameServerBesideTheLobbyByDefault) {
  EXPECT_EQ(Read({}).config.kind, Kind::kProcess);
  EXPECT_EQ(Read({}).config.process.command, "/opt/muster/muster-gameserver");
  EXPECT_EQ(Read({}, "").config.process.command, "muster-gameserver");
  EXPECT_EQ(Read({{"SERVER_COMMAND", "my-server --fast"}}).config.process.command,
            "my-server --fast");
}

TEST(EngineConfig, TakesPortsWithAndWithoutAProtocol) {
  const EngineConfig config =
      Read({{"IMAGE_EXPOSE_PORT", "3000"}, {"IMAGE_CONTROL_PORT", "3001/tcp"}}).config;

  EXPECT_EQ(config.docker.container.expose_port.ToString(), "3000/tcp");
  EXPECT_EQ(config.swarm.container.control_port.port, 3001);
}

TEST(EngineConfig, PublishesTheControlPortWhereASwarmSharesNoNetwork) {
  using provision::ControlReach;
  const Variables swarm = {{"CONTAINER_BACKEND", "swarm"}};
  const Variables overlay = {{"CONTAINER_BACKEND", "swarm"}, {"DOCKER_NETWORK", "games"}};

  EXPECT_EQ(Read(swarm).config.swarm.container.reach, ControlReach::kPublished);
  EXPECT_EQ(Read(overlay).config.swarm.container.reach, ControlReach::kAddress);
  EXPECT_EQ(Read({{"CONTROL_REACH", "name"}}).config.docker.container.reach, ControlReach::kName);
  EXPECT_EQ(Read({}).config.docker.container.reach, ControlReach::kAddress);
}

TEST(EngineConfig, ReadsLimitsOfServers) {
  const EngineConfig config =
      Read({{"SERVER_CPUS", "1.5"}, {"SERVER_MEMORY_BYTES", "1000000"}, {"SERVER_PIDS", "64"}})
          .config;

  EXPECT_EQ(config.docker.container.cpus, 1.5);
  EXPECT_EQ(config.swarm.container.memory_bytes, 1'000'000);
  EXPECT_EQ(config.docker.container.pids, 64);
  EXPECT_EQ(config.process.max_processes, 64);
}

TEST(EngineConfig, ReadsHowToReachTheEngine) {
  const EngineConfig config = Read({{"DOCKER_HOST", "tcp://engine:2376"},
                                    {"DOCKER_TLS_VERIFY", "1"},
                                    {"DOCKER_CERT_PATH", "/certs"}})
                                  .config;

  EXPECT_EQ(config.docker.container.engine.host, "tcp://engine:2376");
  EXPECT_TRUE(config.docker.container.engine.tls_verify);
  EXPECT_EQ(config.docker.container.engine.cert_path, "/certs");
}

TEST(EngineConfig, NamesWhatItCannotRead) {
  EXPECT_THAT(Read({{"IMAGE_EXPOSE_PORT", "http"}}).status,
              StatusIs(kInvalid, HasSubstr("IMAGE_EXPOSE_PORT")));
  EXPECT_THAT(Read({{"SERVER_CPUS", "many"}}).status,
              StatusIs(kInvalid, HasSubstr("SERVER_CPUS `many`")));
  EXPECT_THAT(Read({{"IMAGE_PULL", "never"}}).status, StatusIs(kInvalid, HasSubstr("IMAGE_PULL")));
}

TEST(EngineConfig, MakesTheProvisionerThatIsNamed) {
  for (const std::string name : {"docker", "swarm"}) {
    const auto provisioner = MakeProvisioner(Read({{"CONTAINER_BACKEND", name}}).config, nullptr);
    ASSERT_TRUE(provisioner.ok()) << provisioner.status();
    EXPECT_EQ((*provisioner)->name(), name);
  }
  EXPECT_THAT(MakeProvisioner(Read({{"DEPLOYMENT", "No Name"}}).config, nullptr).status(),
              StatusIs(kInvalid, HasSubstr("deployment")));
}

}  // namespace
}  // namespace muster::app::lobby_server
