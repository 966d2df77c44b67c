#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/edge_fixture.h"

// What clients of POST /request have always relied on. The tests are named after the acceptance
// cases.
namespace muster::http {
namespace {

using lobby::Request;
using lobby::RequestState;
using testing::_;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr char kControlUrl[] = "http://container1:3000";

Answer Ask(Edge& edge, std::string_view client_id) {
  return edge.Call("POST", "/request", client_id, {{"Host", "play.example:3000"}});
}

TEST(RequestCaseA1, AnEmptyIdIsAnErrorAndWritesNothing) {
  Edge edge;
  edge.authorizer().Set("ghost", auth::Identity{.client_id = ""});
  edge.Put({.client_id = "alice"});
  const int64_t calls = edge.store().calls();

  const Answer answer = Ask(edge, "ghost");

  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "Internal Server Error");
  EXPECT_EQ(edge.store().calls(), calls);
}

TEST(RequestCaseA2, AFirstAskBeginsARequest) {
  Edge edge;

  const Answer answer = Ask(edge, "client1");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "Accepted");
  EXPECT_EQ(edge.Find("client1").state, RequestState::kCreated);
  EXPECT_THAT(edge.bus().published(),
              ElementsAre(Pair(lobby::kWorkChannel, ""), Pair(lobby::kRequestsChannel, _)));
}

TEST(RequestCaseA3, AskingAgainChangesNothing) {
  for (const RequestState state : {RequestState::kCreated, RequestState::kInProgress}) {
    Edge edge;
    const Request before = edge.Put({.client_id = "client1", .state = state});

    const Answer answer = Ask(edge, "client1");

    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(edge.Find("client1"), before);
    EXPECT_THAT(edge.bus().published(), IsEmpty());
  }
}

TEST(RequestCaseA4, AskingAfterAFailureBeginsAnew) {
  Edge edge;
  const Request failed =
      edge.Put({.client_id = "client1", .state = RequestState::kFailed, .attempts = 1});

  const Answer answer = Ask(edge, "client1");

  const Request begun = edge.Find("client1");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(begun.state, RequestState::kCreated);
  EXPECT_EQ(begun.attempts, 1);
  EXPECT_NE(begun.id, failed.id);
  EXPECT_THAT(edge.bus().published(),
              ElementsAre(Pair(lobby::kWorkChannel, ""), Pair(lobby::kRequestsChannel, _)));
}

struct HostCase {
  const char* host;
  const char* address;

  friend std::ostream& operator<<(std::ostream& out, const HostCase& row) {
    return out << row.host;
  }
};

class RequestCaseA5 : public testing::TestWithParam<HostCase> {};

TEST_P(RequestCaseA5, TheAddressIsTheCallersHostAndTheGamesPort) {
  Edge edge;
  edge.servers().Add(kControlUrl, {.held = {"alice"}});
  const Request before = edge.Put(DoneRequest());

  const Answer answer = edge.Call("POST", "/request", "alice", {{"Host", GetParam().host}});

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, GetParam().address);
  EXPECT_THAT(answer.content_type, testing::StartsWith("text/plain"));
  EXPECT_EQ(edge.Find("alice"), before);
}

INSTANTIATE_TEST_SUITE_P(Hosts, RequestCaseA5,
                         testing::ValuesIn(std::to_array<HostCase>({
                             {"play.example:3000", "play.example:45677"},
                             {"play.example", "play.example:45677"},
                             {"[2001:db8::1]:3000", "[2001:db8::1]:45677"},
                             {"[2001:db8::1]", "[2001:db8::1]:45677"},
                         })));

net::server::Request AskOf(const std::string& client_id) {
  return {.method = "POST", .path = "/request", .headers = {{"Authorization", client_id}}};
}

TEST(RequestCaseA14, TwoAsksAtOnceBeginOneRequest) {
  constexpr size_t kClients = 50;
  Edge edge({.workers = {.threads = 4}});
  std::vector<std::shared_ptr<AnswerSink>> answers;
  answers.reserve(2 * kClients);

  for (size_t i = 0; i < kClients; ++i) {
    answers.push_back(edge.Begin(AskOf("client" + std::to_string(i))));
    answers.push_back(edge.Begin(AskOf("client" + std::to_string(i))));
  }

  for (const auto& answer : answers) EXPECT_EQ(answer->Await().status, 202);
  EXPECT_EQ(edge.store().RequestsAfter(0, 2 * kClients).value().size(), kClients);
  // To the fleet, and to whoever watches.
  EXPECT_EQ(edge.bus().published().size(), 2 * kClients);
}

TEST(RequestCaseA18, AnIdIsDataWhateverItHolds) {
  for (const char* id : {"a?x=1", "a#b", "x/y", "a b", "%2e%2e", "queue", "../close"}) {
    Edge edge;
    edge.servers().Add(kControlUrl, {.held = {id}});
    Request request = DoneRequest();
    request.client_id = id;
    edge.Put(request);

    EXPECT_EQ(Ask(edge, id).status, 200) << id;
  }
}

TEST(RequestCaseA18, AnIdThatMeansAnotherPathIsRefused) {
  Edge edge;
  const std::vector<std::string> ids = {".",     "..",       "a\nb",
                                        "a\x7f", "\xff\xfe", std::string(257, 'a')};

  for (const std::string& id : ids) {
    const Answer answer = Ask(edge, id);

    EXPECT_EQ(answer.status, 400) << id;
    EXPECT_THAT(answer.body, testing::HasSubstr("client id")) << id;
  }
  EXPECT_EQ(edge.store().calls(), 0);
}

TEST(RequestCaseA19, TheReasonIsToldWhenNoAttemptIsLeft) {
  Edge edge;
  edge.Put({.client_id = "alice",
            .state = RequestState::kFailed,
            .attempts = 3,
            .reason = "the image cannot be pulled",
            .retry_at = edge.clock().Now() + std::chrono::milliseconds(29'001)});

  const Answer answer = Ask(edge, "alice");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "the image cannot be pulled");
  EXPECT_EQ(answer.Header("Retry-After"), "30");
  edge.clock().Advance(std::chrono::seconds(30));
  EXPECT_EQ(Ask(edge, "alice").status, 202);
}

TEST(LostReservation, IsLookedForAgainBeforeItIsGivenUp) {
  Edge edge;
  edge.servers().Add(kControlUrl, {.held = {"alice"}});
  const Request before = edge.Put(DoneRequest());
  edge.servers().SetMood(kControlUrl, fakes::FakeGameServerClient::Mood::kHangs);

  EXPECT_EQ(Ask(edge, "alice").status, 202);
  EXPECT_EQ(edge.Find("alice"), before);
  edge.servers().SetMood(kControlUrl, fakes::FakeGameServerClient::Mood::kAnswers);
  EXPECT_EQ(Ask(edge, "alice").status, 200);
}

TEST(LostReservation, BeginsANewRequest) {
  Edge edge;
  edge.servers().Add(kControlUrl, {.held = {}});
  const Request before = edge.Put(DoneRequest());

  EXPECT_EQ(Ask(edge, "alice").status, 202);

  const Request begun = edge.Find("alice");
  EXPECT_EQ(begun.state, RequestState::kCreated);
  EXPECT_NE(begun.id, before.id);
  EXPECT_EQ(begun.place, lobby::Place());
  EXPECT_THAT(edge.bus().published(),
              ElementsAre(Pair(lobby::kWorkChannel, ""), Pair(lobby::kRequestsChannel, _)));
}

}  // namespace
}  // namespace muster::http
