// The small parts that both engines' backends are made of.

#include "gmock/gmock.h"
#include "provision/engine_endpoint.h"
#include "provision/engine_json.h"
#include "provision/engine_options.h"
#include "provision/exit_reason.h"
#include "provision/port_spec.h"
#include "provision/process_table.h"
#include "provision/server_identity.h"
#include "provision/swarm_servers.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::Pair;

TEST(PortSpec, TheProtocolMayBeLeftOut) {
  EXPECT_EQ(*ParsePortSpec("IMAGE_EXPOSE_PORT", "3000"), (PortSpec{3000, "tcp"}));
  EXPECT_EQ(*ParsePortSpec("IMAGE_EXPOSE_PORT", "3000/tcp"), (PortSpec{3000, "tcp"}));
  EXPECT_EQ(*ParsePortSpec("IMAGE_EXPOSE_PORT", "3000/UDP"), (PortSpec{3000, "udp"}));
}

TEST(PortSpec, WhatIsNoPortIsRefusedByName) {
  for (const char* text : {"", "0", "65536", "-1", "tcp", "3000/", "3000/sctp", "3 000", "/tcp"}) {
    EXPECT_THAT(ParsePortSpec("IMAGE_CONTROL_PORT", text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("IMAGE_CONTROL_PORT")));
  }
}

TEST(ServerIdentity, ANameGivesItsServerBack) {
  EXPECT_EQ(ServerName("prod", "s-1"), "muster-prod-s-1");
  EXPECT_THAT(ServerIdOfName("prod", "/muster-prod-s-1"), Optional(std::string("s-1")));
  EXPECT_EQ(ServerIdOfName("prod", "muster-test-s-1"), std::nullopt);
  EXPECT_EQ(ServerIdOfName("prod", "muster-prod-"), std::nullopt);
}

TEST(ServerIdentity, VersionsAreTheSameEverywhere) {
  EXPECT_EQ(VersionOf({}), "cbf29ce484222325");
  EXPECT_NE(VersionOf({"a", "b"}), VersionOf({"ab"}));
}

TEST(ServerIdentity, LongNamesAreRefused) {
  EXPECT_THAT(CheckDeployment(std::string(15, 'a')), IsOk());
  EXPECT_THAT(CheckDeployment(std::string(16, 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deployment")));
  EXPECT_THAT(CheckServerId(std::string(41, 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("server id")));
}

TEST(ExitReason, NamesCodeMemorySignalAndLastLine) {
  EXPECT_EQ(ExitReason(3, false, ""), "exited with 3");
  EXPECT_EQ(ExitReason(137, true, "a\nb\n\n"), "exited with 137 (out of memory): b");
  EXPECT_EQ(ExitReason(139, false, "\x01\xff"), "exited with 139 (signal 11): ??");
  EXPECT_EQ(LastLine(std::string(1000, 'a')), std::string(200, 'a'));
}

TEST(FitForPlayers, HidesWhatLooksLikeAnAddress) {
  EXPECT_EQ(FitForPlayers("dial tcp 10.0.0.1:53: no such host"), "dial tcp (address) no such host");
  EXPECT_EQ(FitForPlayers("Get https://hub/v2/ failed\nat once"), "Get (address) failed at once");
  EXPECT_EQ(FitForPlayers("0.5 of 10.0.0.1 or a.example"), "0.5 of (address) or (address)");
  EXPECT_EQ(FitForPlayers("network dev-network not found"), "network dev-network not found");
  EXPECT_EQ(FitForPlayers(std::string(1000, 'a')), std::string(300, 'a'));
}

TEST(EngineEndpoint, DockerHostHasFiveForms) {
  EXPECT_EQ(OpenEngineEndpoint({})->client.unix_socket, "/var/run/docker.sock");
  EXPECT_EQ(OpenEngineEndpoint({.host = "unix:///a"})->client.unix_socket, "/a");
  EXPECT_EQ(OpenEngineEndpoint({.host = "tcp://10.0.0.1"})->url, "http://10.0.0.1:2375");
  EXPECT_EQ(OpenEngineEndpoint({.host = "tcp://[::1]:1"})->url, "http://[::1]:1");
  EXPECT_EQ(OpenEngineEndpoint({.host = "https://a:1"})->url, "https://a:1");
  EXPECT_EQ(OpenEngineEndpoint({.host = "tcp://a", .tls_verify = true})->url, "https://a:2376");
}

TEST(EngineEndpoint, OnlyAnotherMachineIsRemote) {
  EXPECT_EQ(OpenEngineEndpoint({.host = "tcp://10.0.0.1:1"})->remote_host, "10.0.0.1");
  EXPECT_EQ(OpenEngineEndpoint({.host = "tcp://127.0.0.1:1"})->remote_host, "");
  EXPECT_EQ(OpenEngineEndpoint({})->remote_host, "");
}

TEST(EngineEndpoint, WhatCannotBeUsedIsRefused) {
  for (const char* host : {"ssh://a", "unix://a", "tcp://", "a:1", "tcp://a:99999"}) {
    EXPECT_THAT(OpenEngineEndpoint({.host = host}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DOCKER_HOST")));
  }
  EXPECT_THAT(OpenEngineEndpoint({.host = "tcp://a", .cert_path = "/nowhere"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("DOCKER_CERT_PATH")));
}

TEST(ContainerOptions, TheControlPortIsTcp) {
  EXPECT_THAT(CheckContainerOptions({.control_port = {3000, "udp"}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("control port")));
  EXPECT_THAT(CheckContainerOptions({.image = ""}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("image")));
  EXPECT_THAT(CheckContainerOptions({.cpus = -1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("limits")));
}

TEST(EngineJson, WrongTypesAreEmpty) {
  const auto containers = ParseContainers(R"([{"Id":1,"Names":"a","Ports":{"a":1}},7,null])");

  ASSERT_THAT(containers, IsOk());
  ASSERT_EQ(containers->size(), 3u);
  EXPECT_EQ(containers->at(0).id, "");
  EXPECT_TRUE(containers->at(0).ports.empty());
}

TEST(EngineJson, AnErrorsMessageIsFoundOrTheTextItself) {
  EXPECT_EQ(ParseErrorMessage(R"({"message":"no"})"), "no");
  EXPECT_EQ(ParseErrorMessage("<html>"), "<html>");
  EXPECT_EQ(ParsePullError("{\"status\":\"a\"}\n{\"error\":\"b\"}\n"), "b");
  EXPECT_EQ(ParsePullError("{\"status\":\"a\"}\nnonsense\n"), std::nullopt);
}

TEST(EngineJson, LogsAreTakenFromTheirFrames) {
  const std::string bytes("\1\0\0\0\0\0\0\3abc\2\0\0\0\0\0\0\2de", 21);

  EXPECT_EQ(ParseLogFrames(bytes), "abcde");
  EXPECT_EQ(ParseLogFrames(bytes.substr(0, 20)), "abcd");
}

TEST(SwarmServer, ItsNodesLossEndsIt) {
  SwarmServer server = {.task = Task{.state = "running", .desired_state = "running"},
                        .node = Node{.state = "ready"}};
  EXPECT_TRUE(server.IsRunning());

  server.node->state = "down";

  EXPECT_TRUE(server.HasEnded());
  EXPECT_EQ(server.EndReason(), "its machine was lost");
}

TEST(SwarmServer, ANodesOwnAddressIsTheManagersIfItKnowsNoOther) {
  EXPECT_EQ(UsableAddress({.address = "10.0.0.2"}), "10.0.0.2");
  EXPECT_EQ(UsableAddress({.address = "0.0.0.0", .manager_address = "10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(UsableAddress({.address = "127.0.0.1", .manager_address = "127.0.0.1"}), "");
}

TEST(ProcessTable, AStatIsReadWhateverTheName) {
  const auto stat =
      ParseProcessStat("7 (a) b) S 1 5 5 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1 1");

  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->group, 5);
  EXPECT_EQ(stat->started, 4242u);
  EXPECT_FALSE(ParseProcessStat("7 (a) S 1").has_value());
  EXPECT_FALSE(ParseProcessStat("").has_value());
}

TEST(ProcessTable, OnlyWantedVariablesAreRead) {
  const std::string bytes("A=1\0B=2\0A=3\0C\0", 14);

  EXPECT_THAT(ParseProcessEnvironment(bytes, {"A", "C"}), ElementsAre(Pair("A", "1")));
}

}  // namespace
}  // namespace muster::provision
