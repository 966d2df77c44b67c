#include "provision/reservation_client.h"

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "net/url.h"
#include "tests/support/http_server.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using lobby::Occupancy;
using lobby::SlotAnswer;
using std::chrono::milliseconds;
using support::HttpCall;
using support::HttpManner;
using support::HttpReply;
using support::HttpServer;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// No test waits for it.
constexpr milliseconds kLong = std::chrono::minutes(10);

struct Answer {
  SlotAnswer slot;
  std::string detail;
};

// A game server that answers each verb as it is told, and its client.
class ReservationClientTest : public testing::Test {
 protected:
  void Answers(const std::string& method, HttpReply reply) {
    base::MutexLock lock(&mu_);
    replies_[method] = std::move(reply);
  }
  // "VERB path" of each call.
  std::vector<std::string> calls() {
    base::MutexLock lock(&mu_);
    std::vector<std::string> calls;
    for (const HttpCall& call : calls_) calls.push_back(call.method + " " + call.path);
    return calls;
  }
  HttpCall last_call() {
    base::MutexLock lock(&mu_);
    return calls_.back();
  }
  HttpReply Handle(const HttpCall& call) {
    base::MutexLock lock(&mu_);
    calls_.push_back(call);
    return replies_[call.method];
  }

  static Answer Await(const std::function<void(lobby::GameServerClient::OnSlot)>& call) {
    std::promise<Answer> answer;
    call([&](SlotAnswer slot, const std::string& detail) { answer.set_value({slot, detail}); });
    return answer.get_future().get();
  }
  Answer Reserve(const std::string& id, milliseconds timeout = kLong) {
    return Await([&](auto done) { client_.Reserve(server_.url(), id, timeout, std::move(done)); });
  }
  Answer Check(const std::string& id, milliseconds timeout = kLong) {
    return Await([&](auto done) { client_.Check(server_.url(), id, timeout, std::move(done)); });
  }
  Answer Release(const std::string& id, milliseconds timeout = kLong) {
    return Await([&](auto done) { client_.Release(server_.url(), id, timeout, std::move(done)); });
  }
  absl::StatusOr<std::optional<Occupancy>> Ask(milliseconds timeout = kLong) {
    std::promise<absl::StatusOr<std::optional<Occupancy>>> answer;
    client_.Ask(server_.url(), timeout, [&](auto result) { answer.set_value(std::move(result)); });
    return answer.get_future().get();
  }

  base::Mutex mu_;
  std::map<std::string, HttpReply> replies_ ABSL_GUARDED_BY(mu_);
  std::vector<HttpCall> calls_ ABSL_GUARDED_BY(mu_);
  HttpServer server_{[this](const HttpCall& call) { return Handle(call); }};
  net::AsyncSender sender_{net::AsyncSender::Options{.user_agent = "muster/1"}};
  ReservationClient client_{&sender_};
};

TEST_F(ReservationClientTest, SpeaksAsGameServersExpect) {
  EXPECT_EQ(Reserve("alice-1._~").slot, SlotAnswer::kHeld);
  EXPECT_EQ(Check("alice-1._~").slot, SlotAnswer::kHeld);
  EXPECT_EQ(Release("alice-1._~").slot, SlotAnswer::kNotHeld);

  EXPECT_THAT(calls(), ElementsAre("POST /reservation/alice-1._~", "GET /reservation/alice-1._~",
                                   "DELETE /reservation/alice-1._~"));
}

TEST_F(ReservationClientTest, AnAskHasNoBody) {
  Reserve("alice");

  EXPECT_EQ(last_call().body, "");
  EXPECT_EQ(last_call().headers.count("content-type"), 0U);
}

TEST_F(ReservationClientTest, CaseA18EachIdIsOneSegment) {
  for (const char* id :
       {"a?x=1", "a#b", "x/y", "../close", "a/../b", "100%", "a b+c", "\xc3\xa9"}) {
    EXPECT_EQ(Reserve(id).slot, SlotAnswer::kHeld) << id;

    const std::string path = last_call().path;
    const std::string prefix = "/reservation/";
    ASSERT_THAT(path, testing::StartsWith(prefix));
    const std::string segment = path.substr(prefix.size());
    EXPECT_EQ(segment.find_first_of("/?#"), std::string::npos) << path;
    EXPECT_EQ(net::DecodePercent(segment), id);
  }
}

TEST_F(ReservationClientTest, CaseA18AnIdThatIsAnotherPathIsNotAsked) {
  for (const char* id : {"", ".", ".."}) {
    for (const Answer& answer : {Reserve(id), Check(id), Release(id)}) {
      EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer);
      EXPECT_THAT(answer.detail, HasSubstr("cannot stand in a path"));
    }
  }
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(ReservationClientTest, ARefusalIsLookedUpAndStays) {
  Answers("POST", {.status = 403});
  Answers("GET", {.status = 404});

  const Answer answer = Reserve("alice");

  EXPECT_EQ(answer.slot, SlotAnswer::kNotHeld);
  EXPECT_THAT(answer.detail, HasSubstr("403"));
  EXPECT_THAT(calls(), ElementsAre("POST /reservation/alice", "GET /reservation/alice"));
}

TEST_F(ReservationClientTest, ARefusalToTheHolderIsHeld) {
  Answers("POST", {.status = 403});

  EXPECT_EQ(Reserve("alice").slot, SlotAnswer::kHeld);
}

TEST_F(ReservationClientTest, ARefusalThatCannotBeLookedUpIsNoAnswer) {
  Answers("POST", {.status = 403});
  Answers("GET", {.manner = HttpManner::kClose});

  const Answer answer = Reserve("alice");

  EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer);
  EXPECT_THAT(answer.detail, AllOf(HasSubstr("403"), HasSubstr("when looked up: 127.0.0.1")));
}

TEST_F(ReservationClientTest, OnlyALookUpThatFindsNoneSaysThatTheSlotIsNotHeld) {
  for (const int asked : {403, 500, 503}) {
    Answers("POST", {.status = asked});
    for (const int looked_up : {202, 302, 400, 403, 405, 500, 502, 503}) {
      Answers("GET", {.status = looked_up});

      const Answer answer = Reserve("alice");

      EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer) << looked_up;
      EXPECT_THAT(answer.detail,
                  HasSubstr(base::StrCat("answered with status ", asked,
                                         "; when looked up: answered with status ", looked_up)));
    }
  }
}

TEST_F(ReservationClientTest, AnAskThatHangsAndAnOverloadedServerAreNoAnswer) {
  Answers("POST", {.manner = HttpManner::kSilent});
  Answers("GET", {.status = 503});

  const Answer answer = Reserve("alice", milliseconds(2000));

  EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer);
  EXPECT_THAT(answer.detail, AllOf(HasSubstr("timeout"), HasSubstr("503")));
}

TEST_F(ReservationClientTest, AnAskThatHangsIsLookedUpWithinTheTimeout) {
  Answers("POST", {.manner = HttpManner::kSilent});

  EXPECT_EQ(Reserve("alice", milliseconds(2000)).slot, SlotAnswer::kHeld);

  Answers("GET", {.status = 404});
  const Answer answer = Reserve("bob", milliseconds(2000));
  EXPECT_EQ(answer.slot, SlotAnswer::kNotHeld);
  EXPECT_THAT(answer.detail, HasSubstr("timeout"));
}

TEST_F(ReservationClientTest, AServerThatHangsIsNoAnswerWithinTheTimeout) {
  Answers("POST", {.manner = HttpManner::kSilent});
  Answers("GET", {.manner = HttpManner::kSilent});
  Answers("DELETE", {.manner = HttpManner::kSilent});

  for (const Answer& answer :
       {Reserve("alice", milliseconds(100)), Check("alice", milliseconds(100)),
        Release("alice", milliseconds(100))}) {
    EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer);
    EXPECT_THAT(answer.detail, HasSubstr("timeout"));
  }
  EXPECT_THAT(Ask(milliseconds(100)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("timeout")));
}

TEST_F(ReservationClientTest, ALateAnswerWithinTheTimeoutIsAnAnswer) {
  Answers("POST", {.delay = milliseconds(50)});

  EXPECT_EQ(Reserve("alice").slot, SlotAnswer::kHeld);
  EXPECT_THAT(calls(), ElementsAre("POST /reservation/alice"));
}

TEST_F(ReservationClientTest, AnAskWhoseConnectionBreaksIsLookedUp) {
  Answers("POST", {.manner = HttpManner::kClose});

  EXPECT_EQ(Reserve("alice").slot, SlotAnswer::kHeld);
}

TEST_F(ReservationClientTest, NobodyListeningIsNoAnswerAtOnce) {
  server_.Stop();

  for (const Answer& answer : {Reserve("alice"), Check("alice"), Release("alice")}) {
    EXPECT_EQ(answer.slot, SlotAnswer::kNoAnswer);
    EXPECT_THAT(answer.detail, AllOf(HasSubstr("connection refused"), Not(HasSubstr("looked up"))));
  }
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("connection refused")));
}

struct StatusCase {
  int status;
  SlotAnswer check;
  SlotAnswer release;
};

std::ostream& operator<<(std::ostream& out, const StatusCase& status_case) {
  return out << status_case.status;
}

class ReservationStatusTest : public ReservationClientTest,
                              public testing::WithParamInterface<StatusCase> {};

TEST_P(ReservationStatusTest, SaysWhetherTheSlotIsHeld) {
  for (const char* method : {"GET", "DELETE"}) {
    Answers(method, {.status = GetParam().status, .body = "ignored"});
  }

  EXPECT_EQ(Check("alice").slot, GetParam().check);
  EXPECT_EQ(Release("alice").slot, GetParam().release);
}

const StatusCase kStatusCases[] = {
    {200, SlotAnswer::kHeld, SlotAnswer::kNotHeld},
    {202, SlotAnswer::kNoAnswer, SlotAnswer::kNotHeld},
    {302, SlotAnswer::kNoAnswer, SlotAnswer::kHeld},
    {403, SlotAnswer::kNoAnswer, SlotAnswer::kHeld},
    {404, SlotAnswer::kNotHeld, SlotAnswer::kNotHeld},
    {405, SlotAnswer::kNoAnswer, SlotAnswer::kNotHeld},
    {500, SlotAnswer::kNoAnswer, SlotAnswer::kHeld},
    {501, SlotAnswer::kNoAnswer, SlotAnswer::kNotHeld},
};
INSTANTIATE_TEST_SUITE_P(Statuses, ReservationStatusTest, testing::ValuesIn(kStatusCases));

TEST_F(ReservationClientTest, ReadsTheOccupancy) {
  Answers("GET", {.body = R"({"name":"x","used":1,"slots":4,"more":{"slots":9}})"});

  const auto occupancy = Ask();

  ASSERT_THAT(occupancy, IsOk());
  ASSERT_TRUE(occupancy->has_value());
  EXPECT_EQ((*occupancy)->slots, 4);
  EXPECT_EQ((*occupancy)->used, 1);
  EXPECT_THAT(calls(), ElementsAre("GET /status"));
}

TEST_F(ReservationClientTest, AServerThatTakesNoMorePlayersHasSomeAllTheSame) {
  Answers("GET", {.body = R"({"slots":0,"used":1000000})"});

  const auto occupancy = Ask();

  ASSERT_THAT(occupancy, IsOk());
  EXPECT_EQ(occupancy->value().slots, 0);
  EXPECT_EQ(occupancy->value().used, 1'000'000);
}

TEST_F(ReservationClientTest, AServerThatDoesNotTellTellsNothing) {
  for (const int status : {201, 302, 404, 405, 500, 501}) {
    Answers("GET", {.status = status, .body = R"({"slots":4,"used":1})"});

    const auto occupancy = Ask();

    ASSERT_THAT(occupancy, IsOk()) << status;
    EXPECT_FALSE(occupancy->has_value()) << status;
  }
}

TEST_F(ReservationClientTest, GarbageTellsNothing) {
  for (const std::string& body :
       {std::string(), std::string("ok"), std::string("[4,1]"), std::string("{}"),
        std::string(R"({"slots":4})"), std::string(R"({"slots":4,"used":-1})"),
        std::string(R"({"slots":1000001,"used":1})"), std::string(R"({"slots":4.0,"used":1})"),
        std::string(R"({"slots":"4","used":1})"), std::string(R"({"slots":null,"used":1})"),
        std::string(R"({"slots":18446744073709551615,"used":1})"),
        std::string(R"({"slots":1e3,"used":1})"), std::string(R"({"slots":4,"used":1)"),
        std::string(60'000, '['), std::string(100'000, 'x')}) {
    Answers("GET", {.body = body});

    const auto occupancy = Ask();

    ASSERT_THAT(occupancy, IsOk()) << body.substr(0, 80);
    EXPECT_FALSE(occupancy->has_value()) << body.substr(0, 80);
  }
}

TEST_F(ReservationClientTest, CallsMayOutliveIt) {
  Answers("POST", {.status = 403, .delay = milliseconds(20)});

  const Answer answer = Await([this](auto done) {
    ReservationClient(&sender_).Reserve(server_.url(), "alice", kLong, std::move(done));
  });

  EXPECT_EQ(answer.slot, SlotAnswer::kHeld);
}

}  // namespace
}  // namespace muster::provision
