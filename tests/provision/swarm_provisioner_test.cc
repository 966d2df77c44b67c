#include "provision/swarm_provisioner.h"

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "tests/provision/fake_engine.h"
#include "tests/provision/provisioner_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::HttpCall;
using support::HttpReply;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

constexpr char kServices[] = R"([{"ID":"v1","Spec":{"Name":"muster-test-s-1"}},)"
                             R"({"ID":"v2","Spec":{"Name":"muster-test-s-10"}}])";

// The task of s-1 and what lies on its status.
HttpReply TaskIn(const std::string& state, const std::string& error, const std::string& more) {
  return {.body = R"([{"ID":"t1","ServiceID":"v1","NodeID":"n1","DesiredState":"running",)"
                  R"("Status":{"State":")" +
                  state + R"(","Err":")" + error + "\"" + more + "}}]"};
}

HttpReply RunningTask() {
  return TaskIn("running", "",
                R"(,"PortStatus":{"Ports":[{"Protocol":"tcp","TargetPort":3000,)"
                R"("PublishedPort":32768}]})");
}

HttpReply NodeIn(const std::string& state) {
  return {.body = R"([{"ID":"n1","Description":{"Hostname":"node7"},"Status":{"State":")" + state +
                  R"(","Addr":"10.0.0.7"}}])"};
}

class SwarmProvisionerTest : public testing::Test {
 protected:
  SwarmProvisionerTest() {
    engine_.Answer("POST /services/create", {{.status = 201, .body = R"({"ID":"v1"})"}});
    engine_.Answer("GET /services", {{.body = kServices}});
    engine_.Answer("GET /tasks", {RunningTask()});
    engine_.Answer("GET /nodes", {NodeIn("ready")});
    engine_.Answer("DELETE /services/v1", {{.status = 200}});
    engine_.AnswerAfter("DELETE /services/v1", "GET /tasks", {.body = "[]"});
  }

  std::unique_ptr<SwarmProvisioner> Make() {
    SwarmOptions options = {.container = engine_.Options(),
                            .converge_attempts = 4,
                            .converge_pause = std::chrono::milliseconds(50),
                            .look_interval = std::chrono::milliseconds(20)};
    options.container.control_port = {.port = 3000};
    options.container.registry_user = "user";
    options.container.registry_password = "password";
    auto made = SwarmProvisioner::Create(options);
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  absl::StatusOr<lobby::Place> Start() { return Make()->Start({.server_id = "s-1"}, {}); }

  FakeEngine engine_;
};

TEST_F(SwarmProvisionerTest, AStartWaitsForTheTaskAndSaysItsNode) {
  engine_.Answer("GET /tasks", {{.body = "[]"}, TaskIn("preparing", "", ""), RunningTask()});

  const auto place = Start();

  ASSERT_THAT(place, IsOk());
  EXPECT_EQ(*place, (lobby::Place{.server_id = "s-1",
                                  .node = "node7",
                                  .node_address = "10.0.0.7",
                                  .port = 32768,
                                  .control_url = "http://10.0.0.7:32768"}));
}

TEST_F(SwarmProvisionerTest, AServiceIsOneReplicaThatIsNeverRestarted) {
  EXPECT_THAT(Start(), IsOk());

  const std::vector<HttpCall> created = engine_.Calls("POST /services/create");
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_THAT(created[0].body,
              AllOf(HasSubstr(R"("Replicas":1)"), HasSubstr(R"("Condition":"none")"),
                    HasSubstr(R"("PublishMode":"host")"), HasSubstr("\"SERVER_ID=s-1\"")));
  std::string login;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(created[0].headers.at("x-registry-auth"), &login));
  EXPECT_EQ(login, R"({"username":"user","password":"password"})");
}

struct TaskCase {
  const char* state;
  const char* error;
  absl::StatusCode code;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const TaskCase& task) {
  return out << task.state << ": " << task.error;
}

class SwarmTaskTest : public SwarmProvisionerTest, public testing::WithParamInterface<TaskCase> {};

TEST_P(SwarmTaskTest, ATaskThatDoesNotRunIsAnErrorAndItsServiceIsRemoved) {
  engine_.Answer("GET /tasks", {TaskIn(GetParam().state, GetParam().error, "")});

  EXPECT_THAT(Start(), StatusIs(GetParam().code, HasSubstr(GetParam().message)));

  EXPECT_THAT(engine_.Calls("DELETE /services/v1"), Not(IsEmpty()));
}

const TaskCase kTasks[] = {
    {"rejected", "No such image: 10.0.0.1:5000/a", absl::StatusCode::kNotFound,
     "No such image: (address)"},
    {"failed", "task: non-zero exit (3)", absl::StatusCode::kInternal, "non-zero exit (3)"},
    {"rejected", "port is already allocated", absl::StatusCode::kResourceExhausted, "allocated"},
    {"pending", "no suitable node", absl::StatusCode::kResourceExhausted, "no suitable node"},
    {"preparing", "", absl::StatusCode::kDeadlineExceeded, "in time"},
    {"running", "", absl::StatusCode::kInvalidArgument,
     "no binding found for specified IMAGE_EXPOSE_PORT"}};
INSTANTIATE_TEST_SUITE_P(Tasks, SwarmTaskTest, testing::ValuesIn(kTasks));

TEST_F(SwarmProvisionerTest, AnEngineThatIsNoManagerIsAMistakeToMend) {
  engine_.Answer("POST /services/create",
                 {{.status = 503, .body = R"({"message":"This node is not a swarm manager."})"}});
  engine_.Answer("GET /services", {{.body = "[]"}});

  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("swarm manager")));
}

TEST_F(SwarmProvisionerTest, ALostNodeIsToldOnce) {
  ExitLog exits;
  const auto swarm = Make();
  const auto watch = swarm->WatchExits(exits.Recorder(), [] {});

  engine_.Answer("GET /nodes", {NodeIn("down")});

  EXPECT_THAT(exits.WaitFor("s-1"), Optional(std::string("its machine was lost")));
}

TEST_F(SwarmProvisionerTest, AServiceThatIsGoneIsTold) {
  ExitLog exits;
  const auto swarm = Make();
  const auto watch = swarm->WatchExits(exits.Recorder(), [] {});
  ASSERT_TRUE(Eventually([this] { return !engine_.Calls("GET /nodes").empty(); }));

  engine_.Answer("GET /services", {{.body = "[]"}});

  EXPECT_THAT(exits.WaitFor("s-1"), Optional(std::string("it was removed")));
}

}  // namespace
}  // namespace muster::provision
