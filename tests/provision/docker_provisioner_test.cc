#include "provision/docker_provisioner.h"

#include <thread>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "tests/provision/fake_engine.h"
#include "tests/provision/provisioner_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::HttpCall;
using support::HttpManner;
using support::HttpReply;
using support::IsOk;
using support::StatusIs;
using testing::_;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

constexpr char kName[] = "/containers/muster-test-s-1";

std::string Get() { return std::string("GET ") + kName + "/json"; }
std::string PostStart() { return std::string("POST ") + kName + "/start"; }

// What an inspection says of server s-1.
HttpReply Inspected(const std::string& state, const std::string& ports) {
  return {.body = R"({"Id":"c1","Name":"/muster-test-s-1","State":{"Status":")" + state +
                  R"(","ExitCode":0},"Config":{"Labels":{"muster.deployment":"test"}},)"
                  R"("NetworkSettings":{"Ports":)" +
                  ports + R"(,"Networks":{"bridge":{"IPAddress":"172.17.0.2"}}}})"};
}
constexpr char kPorts[] = R"({"3000/tcp":[{"HostIp":"0.0.0.0","HostPort":"34999"}]})";
const HttpReply kNoImage = {.status = 404, .body = R"({"message":"No such image: shooter"})"};
const HttpReply kCreated = {.status = 201, .body = R"({"Id":"c1"})"};
const HttpReply kEmpty = {.status = 204};

class DockerProvisionerTest : public testing::Test {
 protected:
  // An engine on which s-1 can be started.
  DockerProvisionerTest() {
    engine_.Answer("POST /containers/create", {kCreated});
    engine_.Answer(PostStart(), {kEmpty});
    engine_.Answer(Get(), {Inspected("running", kPorts)});
    engine_.Answer("DELETE /containers/c1", {kEmpty});
    engine_.Answer("POST /images/create", {{.body = "{\"status\":\"Pulling\"}\n"}});
  }

  absl::StatusOr<lobby::Place> Start(DockerOptions options) {
    auto docker = DockerProvisioner::Create(std::move(options));
    EXPECT_THAT(docker, IsOk());
    return (*docker)->Start({.server_id = "s-1"}, {});
  }
  absl::StatusOr<lobby::Place> Start() { return Start({.container = engine_.Options()}); }

  FakeEngine engine_;
};

TEST_F(DockerProvisionerTest, AStartCreatesStartsAndLooks) {
  const auto place = Start();

  ASSERT_THAT(place, IsOk());
  EXPECT_EQ(place->port, 34999);
  EXPECT_EQ(place->control_url, "http://172.17.0.2:3000");
  EXPECT_EQ(place->node_address, "");
  const std::vector<HttpCall> created = engine_.Calls("POST /containers/create");
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_EQ(created[0].path, "/v1.41/containers/create?name=muster-test-s-1");
  EXPECT_THAT(created[0].body, AllOf(HasSubstr("\"SERVER_ID=s-1\""), HasSubstr("GAME_PORT=3000"),
                                     HasSubstr(R"({"HostIp":"0.0.0.0","HostPort":"0"})")));
  EXPECT_THAT(engine_.Calls("POST /images/create"), IsEmpty());
}

TEST_F(DockerProvisionerTest, AMissingImageIsPulledWithTheLogin) {
  engine_.Answer("POST /containers/create", {kNoImage, kCreated});
  DockerOptions options = {.container = engine_.Options()};
  options.container.registry_user = "user";
  options.container.registry_password = "password";

  EXPECT_THAT(Start(options), IsOk());

  const std::vector<HttpCall> pulls = engine_.Calls("POST /images/create");
  ASSERT_THAT(pulls, SizeIs(1));
  EXPECT_THAT(pulls[0].path,
              HasSubstr("fromImage=registry.example%3A5000%2Fgames%2Fshooter&tag=1.2"));
  std::string login;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(pulls[0].headers.at("x-registry-auth"), &login));
  EXPECT_EQ(login, R"({"username":"user","password":"password"})");
}

TEST_F(DockerProvisionerTest, WithoutAUserNoLoginIsSent) {
  DockerOptions options = {.container = engine_.Options(), .pull = PullPolicy::kAlways};

  EXPECT_THAT(Start(options), IsOk());

  const std::vector<HttpCall> pulls = engine_.Calls("POST /images/create");
  ASSERT_THAT(pulls, SizeIs(1));
  EXPECT_FALSE(pulls[0].headers.contains("x-registry-auth"));
}

TEST_F(DockerProvisionerTest, ADigestIsPulledAsOne) {
  DockerOptions options = {.container = engine_.Options(), .pull = PullPolicy::kAlways};
  options.container.image = "games/shooter:1.2@sha256:abc";

  EXPECT_THAT(Start(options), IsOk());

  EXPECT_THAT(engine_.Calls("POST /images/create").at(0).path,
              HasSubstr("fromImage=games%2Fshooter&tag=sha256%3Aabc"));
}

TEST_F(DockerProvisionerTest, APullThatFailsOnItsWayIsNotFound) {
  engine_.Answer("POST /containers/create", {kNoImage});
  engine_.Answer("POST /images/create",
                 {{.body = "{\"status\":\"Pulling\"}\n"
                           "{\"error\":\"Get https://10.0.0.9:5000/v2/: no such host\"}\n"}});

  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kNotFound,
                                AllOf(HasSubstr("cannot be pulled: Get (address) no such host"),
                                      Not(HasSubstr("10.0.0.9")))));
  EXPECT_THAT(engine_.details(), Contains(HasSubstr("10.0.0.9:5000")));
}

TEST_F(DockerProvisionerTest, AContainerWithoutTheGamePortIsRemoved) {
  engine_.Answer(Get(), {Inspected("running", "{}")});

  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument,
                                "no binding found for specified IMAGE_EXPOSE_PORT"));

  EXPECT_THAT(engine_.Calls("DELETE /containers/c1"), SizeIs(1));
}

TEST_F(DockerProvisionerTest, AContainerOfAnotherDeploymentIsLeftAlone) {
  engine_.Answer("POST /containers/create",
                 {{.status = 409, .body = R"({"message":"the name is in use"})"}});
  engine_.Answer(Get(), {{.body = R"({"Id":"c1","Config":{"Labels":{}}})"}});

  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInternal, HasSubstr("in use")));

  EXPECT_THAT(engine_.Calls("DELETE /containers/c1"), IsEmpty());
}

TEST_F(DockerProvisionerTest, AnEndedContainerOfTheVersionIsReusedWithoutPullOrCreate) {
  DockerOptions options = {.container = engine_.Options(), .reuse_exited = true};
  engine_.Answer("GET /containers/json",
                 {{.body = R"([{"Id":"c1","Names":["/muster-test-old"],"State":"exited","Labels":)"
                           R"({"muster.version":")" +
                           ContainerVersion(options.container) + R"("}}])"}});
  engine_.Answer("POST /containers/c1/rename", {kEmpty});

  EXPECT_THAT(Start(options), IsOk());

  EXPECT_THAT(engine_.Calls("POST /containers/c1/rename").at(0).path,
              HasSubstr("name=muster-test-s-1"));
  EXPECT_THAT(engine_.Calls("POST /containers/create"), IsEmpty());
}

TEST_F(DockerProvisionerTest, AnEndedContainerIsReusedOnce) {
  DockerOptions options = {.container = engine_.Options(), .reuse_exited = true};
  const std::string ended = R"([{"Id":"c1","Names":["/muster-test-old"],"State":"exited",)"
                            R"("Labels":{"muster.version":")" +
                            ContainerVersion(options.container) + R"("}}])";
  engine_.Answer("GET /containers/json", {{.body = ended}});
  engine_.Answer("POST /containers/c1/rename", {kEmpty});
  engine_.AnswerAfter(PostStart(), "GET /containers/json", {.body = "[]"});
  auto docker = DockerProvisioner::Create(options);
  ASSERT_THAT(docker, IsOk());

  {
    std::vector<std::jthread> starters;
    for (int i = 0; i < 4; ++i) {
      starters.emplace_back(
          [&] { EXPECT_THAT((*docker)->Start({.server_id = "s-1"}, {}), IsOk()); });
    }
  }

  EXPECT_THAT(engine_.Calls("POST /containers/c1/rename"), SizeIs(1));
}

TEST_F(DockerProvisionerTest, APausedContainerRuns) {
  engine_.Answer("GET /containers/json",
                 {{.body = R"([{"Id":"c1","Names":["/muster-test-s-1"],"State":"paused"},)"
                           R"({"Id":"c2","Names":["/muster-test-s-2"],"State":"exited"},)"
                           R"({"Id":"c3","Names":["/muster-test-s-3"],"State":"created"}])"}});
  auto docker = DockerProvisioner::Create({.container = engine_.Options()});
  ASSERT_THAT(docker, IsOk());

  const auto found = (*docker)->List({});

  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, SizeIs(3));
  EXPECT_TRUE((*found)[0].running);
  EXPECT_FALSE((*found)[1].running);
  EXPECT_FALSE((*found)[2].running);
}

TEST_F(DockerProvisionerTest, AFailedStartDoesNotWaitForAnEngineThatHangs) {
  engine_.Answer(PostStart(), {{.status = 500, .body = "{}"}});
  engine_.Answer(Get(), {{.manner = HttpManner::kSilent}});
  DockerOptions options = {.container = engine_.Options()};
  options.container.call_timeout = std::chrono::minutes(10);

  // It would time the test out.
  EXPECT_THAT(Start(options), StatusIs(absl::StatusCode::kInternal, _));
}

TEST_F(DockerProvisionerTest, TheVersionIsAskedForOnceWhateverFailsButTheEngine) {
  engine_.Answer("GET /containers/json", {{.manner = HttpManner::kSilent}, {.body = "[]"}});
  DockerOptions options = {.container = engine_.Options()};
  options.container.call_timeout = std::chrono::milliseconds(1'000);
  auto docker = DockerProvisioner::Create(options);
  ASSERT_THAT(docker, IsOk());

  EXPECT_THAT((*docker)->List({}), StatusIs(absl::StatusCode::kDeadlineExceeded, _));
  EXPECT_THAT((*docker)->List({}), IsOk());
  EXPECT_THAT(engine_.Calls("GET /version"), SizeIs(1));

  engine_.Answer("GET /containers/json", {{.manner = HttpManner::kClose}});
  EXPECT_THAT((*docker)->List({}), StatusIs(absl::StatusCode::kUnavailable, _));
  engine_.Answer("GET /containers/json", {{.body = "[]"}});
  EXPECT_THAT((*docker)->List({}), IsOk());
  EXPECT_THAT(engine_.Calls("GET /version"), SizeIs(2));
}

TEST_F(DockerProvisionerTest, ConfiguredVariablesMakeAnotherVersion) {
  ContainerOptions configured = engine_.Options();
  configured.environment = {{"MAP", "desert"}};

  EXPECT_NE(ContainerVersion(configured), ContainerVersion(engine_.Options()));
}

TEST_F(DockerProvisionerTest, AnExitCountsWhateverTheEnginesClockSays) {
  // In 1970.
  engine_.Answer("GET /events",
                 {{.body = R"({"Type":"container","Action":"die","timeNano":7,"Actor":{"ID":"c1",)"
                           R"("Attributes":{"name":"muster-test-s-1","exitCode":"3"}}})"
                           "\n",
                   .manner = HttpManner::kOpen}});
  auto docker = DockerProvisioner::Create({.container = engine_.Options()});
  ASSERT_THAT(docker, IsOk());
  ExitLog exits;

  const auto watch = (*docker)->WatchExits(exits.Recorder(), [] {});

  EXPECT_THAT(exits.WaitFor("s-1"), Optional(HasSubstr("exited")));
}

TEST_F(DockerProvisionerTest, AnEngineThatIsAwayIsToldOfOnce) {
  engine_.Answer("GET /events", {{.manner = HttpManner::kClose}});
  engine_.AnswerAfter("GET /events", "GET /version", {.manner = HttpManner::kClose});
  engine_.Answer("GET /_ping", {{.manner = HttpManner::kClose}});
  auto docker = DockerProvisioner::Create({.container = engine_.Options()});
  ASSERT_THAT(docker, IsOk());

  const auto watch = (*docker)->WatchExits([](auto&&...) {}, [] {});
  EXPECT_TRUE(Eventually([&] { return engine_.Calls("GET /version").size() >= 3; }));

  EXPECT_THAT(engine_.details(), SizeIs(testing::Le(4u)));
}

struct FailureCase {
  const char* name;
  HttpReply start;
  absl::StatusCode code;
};
std::ostream& operator<<(std::ostream& out, const FailureCase& failure) {
  return out << failure.name;
}

class DockerFailureTest : public DockerProvisionerTest,
                          public testing::WithParamInterface<FailureCase> {};

TEST_P(DockerFailureTest, AStartThatFailsHasItsCodeAndLeavesNothing) {
  engine_.Answer(PostStart(), {GetParam().start});
  DockerOptions options = {.container = engine_.Options()};
  options.container.call_timeout = std::chrono::milliseconds(1'000);

  EXPECT_THAT(Start(options), StatusIs(GetParam().code, Not(HasSubstr("127.0.0.1"))));

  EXPECT_THAT(engine_.Calls("DELETE /containers/c1"), Not(IsEmpty()));
}

const FailureCase kFailures[] = {
    {"Internal", {.status = 500, .body = R"({"message":"broken"})"}, absl::StatusCode::kInternal},
    {"Garbage", {.status = 500, .body = "<html>"}, absl::StatusCode::kInternal},
    {"NoPort",
     {.status = 500, .body = R"({"message":"Bind for 0.0.0.0:80: port is already allocated"})"},
     absl::StatusCode::kResourceExhausted},
    {"NoNetwork",
     {.status = 404, .body = R"({"message":"network dev-network not found"})"},
     absl::StatusCode::kNotFound},
    {"Denied", {.status = 403, .body = "{}"}, absl::StatusCode::kPermissionDenied},
    {"Away", {.manner = HttpManner::kClose}, absl::StatusCode::kUnavailable},
    {"Hanging", {.manner = HttpManner::kSilent}, absl::StatusCode::kDeadlineExceeded}};
INSTANTIATE_TEST_SUITE_P(Failures, DockerFailureTest, testing::ValuesIn(kFailures));

TEST_F(DockerProvisionerTest, AnAnswerThatIsNoJsonIsInternal) {
  engine_.Answer("GET /containers/json", {{.body = "]["}});
  auto docker = DockerProvisioner::Create({.container = engine_.Options()});
  ASSERT_THAT(docker, IsOk());

  EXPECT_THAT((*docker)->List({}), StatusIs(absl::StatusCode::kInternal, HasSubstr("read")));
}

TEST_F(DockerProvisionerTest, AnOldEngineIsRefusedAndANewOneSpokenToInItsOldestVersion) {
  engine_.Answer("GET /version", {{.body = R"({"ApiVersion":"1.24"})"}});
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInternal, HasSubstr("too old")));

  engine_.Answer("GET /version", {{.body = R"({"ApiVersion":"1.52","MinAPIVersion":"1.44"})"}});
  EXPECT_THAT(Start(), IsOk());

  EXPECT_THAT(engine_.Calls("POST /containers/create").at(0).path, HasSubstr("/v1.44/"));
}

TEST_F(DockerProvisionerTest, NoEngineIsUnavailable) {
  ContainerOptions options = engine_.Options();
  options.engine.host = "unix:///nowhere/docker.sock";

  EXPECT_THAT(Start({.container = options}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("does not answer")));
}

}  // namespace
}  // namespace muster::provision
