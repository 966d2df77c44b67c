// Who gets in: the guard in front of a real server, over a real connection.

#include <atomic>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "rpc/wire.h"
#include "tests/fakes/fake_access_control.h"
#include "tests/rpc/scripted_logic.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using auth::Verdict;
using support::IsOk;
using support::StatusIs;
using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

// A server whose logic counts how often anything reached it.
class GuardTest : public ServerFixture {
 protected:
  GuardTest() {
    access_ = &access_control_;
    log_options_.level = telemetry::LogLevel::kWarn;
    access_control_.Set("good", Verdict::kAllowed);
    access_control_.Set("bad", Verdict::kBadSignature);
    access_control_.Set("weak", Verdict::kNoPermission);
    access_control_.Set("early", Verdict::kNotReady);
    Script script;
    script.on_any = [this] { ++reached_; };
    logic_ = ScriptedLogic::Factory(std::move(script));
  }

  // A good request of a unary method.
  static std::string RequestOf(const std::string& method) {
    if (method == "GetStatCodes") return "";
    pb::ValidateTicketRequest request;
    *request.mutable_ticket() = TicketOf("a");
    // EnrichTicketRequest has the same form.
    return request.SerializeAsString();
  }

  // Calls every method and returns how each ended.
  std::vector<absl::Status> CallAll() {
    std::vector<absl::Status> ends;
    for (const char* method : {"GetStatCodes", "ValidateTicket", "EnrichTicket"}) {
      ends.push_back(Call(method, RequestOf(method)));
    }
    ends.push_back(MakeMatches({TicketOf("a")}).status);
    ends.push_back(Backfill({BackfillFrame(TicketOf("a"))}).status);
    return ends;
  }

  void SendHeader(const std::string& value) { headers_ = {{"authorization", value}}; }

  absl::Status Validate() {
    pb::ValidateTicketRequest request;
    *request.mutable_ticket() = TicketOf("a");
    return Call("ValidateTicket", request.SerializeAsString());
  }

  double Verdicts(const std::string& verdict) {
    return Metric("auth_verdicts_total", {{"verdict", verdict}});
  }

  fakes::FakeAccessControl access_control_;
  std::atomic<int> reached_{0};
};

TEST_F(GuardTest, LetsAGoodTokenThrough) {
  SendHeader("Bearer good");

  EXPECT_THAT(CallAll(), Each(IsOk()));
  // One for each unary call, two for each stream: its start and its ticket.
  EXPECT_EQ(reached_, 7);
  EXPECT_EQ(Verdicts("allowed"), 5);
}

struct Refusal {
  std::string name;
  Headers headers;
  absl::StatusCode code;
  std::string verdict;
};
std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.name; }

class RefusedCall : public GuardTest, public testing::WithParamInterface<Refusal> {
 protected:
  RefusedCall() { headers_ = GetParam().headers; }
};

TEST_P(RefusedCall, NeverReachesTheLogicOfAnyMethod) {
  EXPECT_THAT(CallAll(), Each(StatusIs(GetParam().code, HasSubstr("access"))));

  EXPECT_EQ(reached_, 0);
  EXPECT_EQ(Verdicts(GetParam().verdict), 5);
  EXPECT_THAT(logged_->Lines("\"auth\":\"" + GetParam().verdict + "\""), SizeIs(5));
  AwaitAtRest();
}

INSTANTIATE_TEST_SUITE_P(
    Guard, RefusedCall,
    testing::Values(
        Refusal{"no header", {}, kUnauthenticated, "no_token"},
        Refusal{"no scheme", {{"authorization", "good"}}, kUnauthenticated, "malformed"},
        Refusal{"other scheme", {{"authorization", "Basic good"}}, kUnauthenticated, "malformed"},
        Refusal{"empty token", {{"authorization", "Bearer "}}, kUnauthenticated, "malformed"},
        Refusal{"two headers",
                {{"authorization", "Bearer good"}, {"authorization", "Bearer good"}},
                kUnauthenticated,
                "malformed"},
        Refusal{"bad token", {{"authorization", "Bearer bad"}}, kUnauthenticated, "bad_signature"},
        Refusal{"no permission", {{"authorization", "Bearer weak"}}, kDenied, "no_permission"},
        Refusal{"not ready", {{"authorization", "Bearer early"}}, kUnavailable, "not_ready"}));

TEST_F(GuardTest, RefusesAStreamBeforeAnythingIsSent) {
  SendHeader("Bearer bad");

  const auto stream = Open("MakeMatches");

  EXPECT_EQ(stream->Read(), std::nullopt);
  EXPECT_THAT(stream->Finish(), StatusIs(kUnauthenticated, HasSubstr("valid access token")));
}

TEST_F(GuardTest, SaysNothingOfTheReasonToTheCaller) {
  SendHeader("Bearer bad");
  const absl::Status bad = Validate();
  SendHeader("Bearer");
  const absl::Status malformed = Validate();

  EXPECT_EQ(bad, malformed);
}

TEST_F(GuardTest, LeavesHealthAndReflectionOpenAndUnobserved) {
  log_options_.level = telemetry::LogLevel::kInfo;
  std::string response;

  EXPECT_THAT(Call("/grpc.health.v1.Health/Check", "", &response), IsOk());
  EXPECT_THAT(Open("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")->Close(),
              IsOk());
  EXPECT_THAT(logged_->Lines(), IsEmpty());
}

TEST_F(GuardTest, TurnsServingWhenAccessControlIsReady) {
  const auto health = [this] {
    std::string response;
    EXPECT_THAT(Call("/grpc.health.v1.Health/Check", "", &response), IsOk());
    return static_cast<int>(response.at(1));
  };
  EXPECT_EQ(health(), 2);

  access_control_.BecomeReady();

  EXPECT_EQ(health(), 1);
}

TEST_F(GuardTest, HoldsAUnaryCallUntilIamHasAnswered) {
  SendHeader("Bearer unknown");
  absl::Status status;
  std::thread call([&] { status = Validate(); });
  Await("the call waits", [this] { return access_control_.waiting() == 1; });
  EXPECT_EQ(reached_, 0);

  access_control_.AnswerWaiting(Verdict::kAllowed);
  call.join();

  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(reached_, 1);
}

TEST_F(GuardTest, RefusesAUnaryCallThatIamDoesNotKnow) {
  SendHeader("Bearer unknown");
  absl::Status status;
  std::thread call([&] { status = Validate(); });
  Await("the call waits", [this] { return access_control_.waiting() == 1; });

  access_control_.AnswerWaiting(Verdict::kUnknownKey);
  call.join();

  EXPECT_THAT(status, StatusIs(kUnauthenticated, HasSubstr("valid access token")));
  EXPECT_EQ(reached_, 0);
  EXPECT_EQ(Verdicts("unknown_key"), 1);
}

TEST_F(GuardTest, ReadsNothingOfAStreamUntilIamHasAnswered) {
  SendHeader("Bearer unknown");
  const auto stream = OpenMatches();
  stream->Send(Frame(TicketOf("a")));
  Await("the stream waits", [this] { return access_control_.waiting() == 1; });
  EXPECT_EQ(reached_, 0);

  access_control_.AnswerWaiting(Verdict::kAllowed);

  EXPECT_THAT(stream->Close(), IsOk());
  // The run's start, and the ticket.
  EXPECT_EQ(reached_, 2);
}

TEST_F(GuardTest, EndsAHeldStreamThatIamRefuses) {
  SendHeader("Bearer unknown");
  const auto stream = OpenMatches();
  Await("the stream waits", [this] { return access_control_.waiting() == 1; });

  access_control_.AnswerWaiting(Verdict::kTokenRevoked);

  EXPECT_THAT(stream->Finish(), StatusIs(kUnauthenticated, HasSubstr("valid access token")));
  EXPECT_EQ(reached_, 0);
  AwaitAtRest();
}

TEST_F(GuardTest, ForgetsAHeldStreamThatTheCallerCancels) {
  SendHeader("Bearer unknown");
  const auto stream = OpenMatches();
  Await("the stream waits", [this] { return access_control_.waiting() == 1; });

  stream->Cancel();
  Await("the server has seen it", [this] {
    return Metric("grpc_server_handled_total",
                  {{"grpc_type", "bidi_stream"},
                   {"grpc_service", "accelbyte.matchmaking.matchfunction.MatchFunction"},
                   {"grpc_method", "MakeMatches"},
                   {"grpc_code", "Canceled"}}) == 1;
  });
  access_control_.AnswerWaiting(Verdict::kAllowed);

  EXPECT_THAT(stream->Finish(), StatusIs(absl::StatusCode::kCancelled, HasSubstr("")));
  EXPECT_EQ(reached_, 0);
}

TEST_F(GuardTest, AnswersWhoeverStillWaitsWhenTheGraceIsOver) {
  options_.drain_grace = std::chrono::milliseconds(50);
  SendHeader("Bearer unknown");
  const auto stream = OpenMatches();
  absl::Status status;
  std::thread call([&] { status = Validate(); });
  Await("both wait", [this] { return access_control_.waiting() == 2; });

  server().Stop();
  call.join();

  // gRPC cancels calls at the same moment; either may be first.
  EXPECT_THAT(status, StatusIs(kUnavailable,
                               AnyOf(HasSubstr("try again"), HasSubstr("Cancelling all calls"))));
  EXPECT_FALSE(stream->Finish().ok());
  // What IAM says now is too late to touch anything.
  Stop();
  access_control_.AnswerWaiting(Verdict::kAllowed);
  EXPECT_EQ(reached_, 0);
}

TEST_F(GuardTest, GivesWaitingCallsTheGraceToEnd) {
  options_.drain_grace = std::chrono::seconds(30);
  SendHeader("Bearer unknown");
  absl::Status status;
  std::thread call([&] { status = Validate(); });
  Await("the call waits", [this] { return access_control_.waiting() == 1; });

  std::thread stopping([this] { server().Stop(); });
  access_control_.AnswerWaiting(Verdict::kAllowed);
  call.join();
  stopping.join();

  EXPECT_THAT(status, IsOk());
}

TEST_F(GuardTest, KeepsNoLargeRequestOfAnUnknownCaller) {
  SendHeader("Bearer unknown");

  EXPECT_THAT(Call("ValidateTicket", Frame(BigTicket("a", 5 << 20)).SerializeAsString()),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("too large")));
  EXPECT_EQ(access_control_.waiting(), 0u);
  EXPECT_EQ(LimitsReached("message_bytes"), 1);
}

TEST_F(GuardTest, CountsNoWaitingStreamAsOpen) {
  options_.limits.max_streams = 1;
  SendHeader("Bearer unknown");
  const auto waiting = OpenMatches();
  Await("the stream waits", [this] { return access_control_.waiting() == 1; });
  EXPECT_EQ(Metric("streams"), 0);

  SendHeader("Bearer good");
  const auto open = OpenMatches();
  Await("the stream is open", [this] { return Metric("streams") == 1; });
  access_control_.AnswerWaiting(Verdict::kAllowed);

  EXPECT_THAT(waiting->Finish(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("1 streams are open")));
  EXPECT_THAT(open->Close(), IsOk());
}

}  // namespace
}  // namespace muster::rpc
