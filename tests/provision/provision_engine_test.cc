// The contract, and more, against real engines: tests/e2e/engine_test.sh starts them and says where
// they are. DOCKER_HOST and TEST_IMAGE: an engine and an image of test_server.cc there;
// SWARM_NODE_PIDS: the engine is a Swarm's manager, and this folder has a file NODE for each node
// with the pid of its engine. Without TEST_IMAGE all tests are skipped.

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "provision/docker_provisioner.h"
#include "provision/swarm_provisioner.h"
#include "tests/provision/provisioner_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;

// Where no registry is, which an engine learns at once.
constexpr char kNoImage[] = "127.0.0.1:9/nowhere:1";

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool HasSwarm() { return !Variable("SWARM_NODE_PIDS").empty(); }

ContainerOptions Options(const std::string& deployment) {
  return {.engine = {.host = Variable("DOCKER_HOST")},
          .deployment = deployment,
          .image = Variable("TEST_IMAGE"),
          .stop_timeout = std::chrono::seconds(1)};
}

std::unique_ptr<lobby::Provisioner> MakeDocker(DockerOptions options) {
  auto made = DockerProvisioner::Create(std::move(options));
  EXPECT_THAT(made, IsOk());
  return *std::move(made);
}

std::unique_ptr<lobby::Provisioner> MakeSwarm(SwarmOptions options) {
  // The machine that runs three nodes may be busy.
  options.converge_attempts = 60;
  auto made = SwarmProvisioner::Create(std::move(options));
  EXPECT_THAT(made, IsOk());
  return *std::move(made);
}

ContainerOptions WithoutImage(ContainerOptions options) {
  options.image = kNoImage;
  return options;
}

const ContractBackend kDocker = {
    .name = "Docker",
    .make =
        [](const std::string& deployment) {
          return MakeDocker({.container = Options(deployment)});
        },
    .make_broken =
        [](const std::string& deployment) {
          return MakeDocker({.container = WithoutImage(Options(deployment))});
        }};

const ContractBackend kSwarm = {
    .name = "Swarm",
    .make =
        [](const std::string& deployment) { return MakeSwarm({.container = Options(deployment)}); },
    .make_broken =
        [](const std::string& deployment) {
          return MakeSwarm({.container = WithoutImage(Options(deployment))});
        }};

std::vector<ContractBackend> Backends() {
  if (Variable("TEST_IMAGE").empty()) return {};
  return {HasSwarm() ? kSwarm : kDocker};
}

INSTANTIATE_TEST_SUITE_P(Engine, ProvisionerContract, testing::ValuesIn(Backends()), BackendName);

// What the engine answers to a GET.
std::string Inspect(const std::string& path) {
  auto endpoint = OpenEngineEndpoint({.host = Variable("DOCKER_HOST")});
  EXPECT_THAT(endpoint, IsOk());
  EngineApi api(*std::move(endpoint), nullptr);
  const auto answer = api.Call({.path = path}, {});
  EXPECT_THAT(answer, IsOk());
  return answer.value_or("");
}

class DockerTest : public ProvisionerContract {
 protected:
  std::string ContainerPath(const std::string& server_id) const {
    return absl::StrCat("/containers/muster-", deployment_, "-", server_id, "/json");
  }
};
INSTANTIATE_TEST_SUITE_P(Engine, DockerTest,
                         testing::ValuesIn(HasSwarm() ? std::vector<ContractBackend>()
                                                      : Backends()),
                         BackendName);

TEST_P(DockerTest, AContainerIsMarkedLimitedAndWithoutPrivileges) {
  DockerOptions options = {.container = Options(deployment_)};
  options.container.cpus = 0.5;
  options.container.memory_bytes = 64 << 20;
  options.container.pids = 20;
  const auto limited = MakeDocker(options);

  ASSERT_THAT(limited->Start({.server_id = "s-1"}, {}), IsOk());

  EXPECT_THAT(Inspect(ContainerPath("s-1")),
              AllOf(HasSubstr("\"muster.owner\":\"muster-lobby\""),
                    HasSubstr("\"muster.version\":\"" + std::string(limited->version()) + "\""),
                    HasSubstr("\"NanoCpus\":500000000"), HasSubstr("\"Memory\":67108864"),
                    HasSubstr("\"PidsLimit\":20"), HasSubstr("\"CapDrop\":[\"ALL\"]"),
                    HasSubstr("no-new-privileges"), HasSubstr("\"Name\":\"no\"")));
}

TEST_P(DockerTest, AServerThatEndsAtOnceFailsToStartOrIsToldAsAnExit) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});

  const auto place =
      provisioner_->Start({.server_id = "s-1", .environment = {{"EXIT_AT_START", "7"}}}, {});

  if (!place.ok()) {
    EXPECT_THAT(place, StatusIs(absl::StatusCode::kInternal, HasSubstr("exited with 7")));
    EXPECT_THAT(Listed(), IsEmpty());
  }
  EXPECT_THAT(exits_.WaitFor("s-1"), Optional(HasSubstr("exited with 7")));
}

TEST_P(DockerTest, AMissingNetworkIsNamedAndLeavesNothing) {
  DockerOptions options = {.container = Options(deployment_)};
  options.container.network = "no-such-network";

  EXPECT_THAT(MakeDocker(options)->Start({.server_id = "s-1"}, {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such-network")));

  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(DockerTest, APublishedControlPortIsReached) {
  DockerOptions options = {.container = Options(deployment_)};
  options.container.reach = ControlReach::kPublished;
  const auto place = MakeDocker(options)->Start({.server_id = "s-1"}, {});

  ASSERT_THAT(place, IsOk());

  EXPECT_THAT(place->control_url, HasSubstr("http://127.0.0.1:"));
  EXPECT_THAT(Ask(*place, "/environment"), HasSubstr("SERVER_ID=s-1"));
}

TEST_P(DockerTest, AnEndedContainerIsReusedWhenAskedFor) {
  DockerOptions options = {.container = Options(deployment_)};
  options.reuse_exited = true;
  const auto reusing = MakeDocker(options);
  const auto watch = reusing->WatchExits(exits_.Recorder(), [] {});
  const auto first = reusing->Start({.server_id = "s-1"}, {});
  ASSERT_THAT(first, IsOk());
  Crash(*first, 3);
  ASSERT_TRUE(exits_.WaitFor("s-1").has_value());
  EXPECT_THAT(Listed(*reusing), IsEmpty());
  EXPECT_THAT(reusing->Stop("s-1", {}), IsOk());

  const auto second = reusing->Start({.server_id = "s-2"}, {});

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->server_id, "s-2");
  EXPECT_THAT(Listed(), ElementsAre("+s-2"));
  EXPECT_THAT(Ask(*second, "/environment"), HasSubstr("SERVER_ID=s-1"));
}

class SwarmTest : public ProvisionerContract {};
INSTANTIATE_TEST_SUITE_P(Engine, SwarmTest,
                         testing::ValuesIn(HasSwarm() ? Backends()
                                                      : std::vector<ContractBackend>()),
                         BackendName);

TEST_P(SwarmTest, AServerThatNoNodeHasRoomForIsRefused) {
  SwarmOptions options = {.container = Options(deployment_)};
  options.container.cpus = 1000;
  options.converge_attempts = 3;
  const auto greedy = SwarmProvisioner::Create(options);
  ASSERT_THAT(greedy, IsOk());

  EXPECT_THAT((*greedy)->Start({.server_id = "s-1"}, {}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("no suitable node")));

  EXPECT_THAT(Listed(), IsEmpty());
}

// The last one of the file: the node does not come back.
TEST_P(SwarmTest, ServersOfALostNodeAreToldAndCanBeStopped) {
  constexpr char kManager[] = "node1";
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  lobby::Place place = Start("s-0");
  for (int i = 1; i < 9 && place.node == kManager; ++i) place = Start(absl::StrCat("s-", i));
  ASSERT_THAT(place.node, Not(kManager));
  EXPECT_THAT(place.node_address, Not(IsEmpty()));

  std::ifstream file(std::filesystem::path(Variable("SWARM_NODE_PIDS")) / place.node);
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid);
  kill(pid, SIGTERM);

  EXPECT_THAT(exits_.WaitFor(place.server_id), Optional(Not(IsEmpty())));
  EXPECT_THAT(Listed(), testing::Contains(place.server_id));
  EXPECT_THAT(provisioner_->Stop(place.server_id, {}), IsOk());
  EXPECT_THAT(provisioner_->Start({.server_id = "s-after"}, {}), IsOk());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProvisionerContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DockerTest);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SwarmTest);

}  // namespace
}  // namespace muster::provision
