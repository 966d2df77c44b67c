#include "http/request_api.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/http/edge_fixture.h"

namespace muster::http {
namespace {

using lobby::Request;
using lobby::RequestState;
using nlohmann::json;
using testing::HasSubstr;

constexpr char kControlUrl[] = "http://container1:3000";

json BodyOf(const Answer& answer) { return json::parse(answer.body, nullptr, false); }

TEST(RequestApi, AcceptsAnAskWithTheRequestAndWhereToLook) {
  Edge edge;

  const Answer answer = edge.Call("POST", "/v1/requests", "alice");

  const Request request = edge.Find("alice");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.Header("Location"), "/v1/requests/" + request.id);
  const int64_t now = edge.clock().Now().time_since_epoch().count();
  const json wanted = {
      {"id", request.id}, {"state", "created"}, {"created_at_ms", now}, {"changed_at_ms", now}};
  EXPECT_EQ(BodyOf(answer), wanted);
}

TEST(RequestApi, SaysInPlainTextToo) {
  Edge edge;

  const Answer answer = edge.Call("POST", "/request", "alice");

  EXPECT_EQ(answer.Header("Location"), "/v1/requests/" + edge.Find("alice").id);
}

TEST(RequestApi, LooksAtNoBody) {
  Edge edge;

  const Answer answer = edge.Call({.method = "POST",
                                   .path = "/v1/requests",
                                   .headers = {{"Authorization", "alice"}},
                                   .body = "{not json"});

  EXPECT_EQ(answer.status, 202);
}

TEST(RequestApi, AnswersAnAskWithThePlace) {
  Edge edge;
  edge.servers().Add(kControlUrl, {.held = {"alice"}});
  edge.Put(DoneRequest());

  const Answer answer = edge.Call("POST", "/v1/requests", "alice", {{"Host", "play.example:3000"}});

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(BodyOf(answer)["state"], "done");
  EXPECT_EQ(BodyOf(answer)["address"], "play.example:45677");
}

TEST(RequestApi, TellsAFailureAsAProblem) {
  Edge edge;
  edge.Put({.client_id = "alice",
            .state = RequestState::kFailed,
            .attempts = 3,
            .reason = "port taken",
            .retry_at = edge.clock().Now() + std::chrono::seconds(5)});

  const Answer answer = edge.Call("POST", "/v1/requests", "alice");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  EXPECT_EQ(answer.Header("Retry-After"), "5");
  EXPECT_EQ(BodyOf(answer)["detail"], "port taken");
}

TEST(RequestApi, TellsOfAStoreThatIsAway) {
  Edge edge;
  edge.store().FailNext(absl::UnavailableError("the disk is full"));

  const Answer answer = edge.Call("POST", "/request", "alice");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(answer.body, "the disk is full");
}

TEST(RequestApi, RefusesWhoIsOneTooMany) {
  Edge edge({.max_pending = 1});
  edge.Call("POST", "/request", "alice");

  const Answer answer = edge.Call("POST", "/request", "bob");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_THAT(answer.body, HasSubstr("1 requests wait already"));
}

TEST(RequestApi, RefusesCallsWhenTooManyWait) {
  Edge edge({.workers = {.threads = 1, .max_queued = 0}});

  for (const char* method : {"POST", "GET"}) {
    const Answer answer = edge.Call(method, "/v1/requests", "alice");

    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.Header("Retry-After"), "1");
    EXPECT_THAT(answer.body, HasSubstr("too many calls wait"));
  }
}

TEST(RequestApi, ListsTheCallersRequestOrNothing) {
  Edge edge;
  edge.Put({.client_id = "alice"});

  const Answer alices = edge.Call("GET", "/v1/requests", "alice");
  const Answer bobs = edge.Call("GET", "/v1/requests", "bob");

  ASSERT_EQ(BodyOf(alices).size(), 1u);
  EXPECT_EQ(BodyOf(alices)[0]["id"], "id-of-alice");
  EXPECT_EQ(bobs.status, 200);
  EXPECT_EQ(bobs.body, "[]");
}

TEST(RequestApi, GetsARequestByItsId) {
  Edge edge;
  edge.Put(DoneRequest());

  const Answer answer =
      edge.Call("GET", "/v1/requests/id-of-alice", "alice", {{"Host", "play.example"}});
  const Answer other = edge.Call("GET", "/v1/requests/another", "alice");

  EXPECT_EQ(BodyOf(answer)["address"], "play.example:45677");
  EXPECT_EQ(other.status, 404);
  EXPECT_THAT(other.body, HasSubstr("there is none"));
}

TEST(RequestApi, CancelsARequest) {
  Edge edge;
  edge.Put(DoneRequest());

  const Answer answer = edge.Call("DELETE", "/v1/requests/id-of-alice", "alice");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(BodyOf(answer)["state"], "cancelled");
  EXPECT_EQ(edge.Find("alice").state, RequestState::kCancelled);
  EXPECT_EQ(edge.Find("alice").place, PlaceOnServer1());
}

TEST(RequestApi, AcceptsAnAskWhileTheCancelledOneGivesItsSlotBack) {
  Edge edge;
  edge.Put(DoneRequest());
  edge.Call("DELETE", "/v1/requests/id-of-alice", "alice");

  const Answer answer = edge.Call("POST", "/request", "alice");

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(edge.Find("alice").state, RequestState::kCancelled);
}

TEST(RequestApi, LetsAnAdministratorNameThePlayer) {
  Edge edge;
  edge.Put({.client_id = "a b/c"});

  const Answer listed = edge.Call("GET", "/v1/requests?x=1&client=a+b%2Fc", Edge::Admin());
  const Answer cancelled =
      edge.Call("DELETE", "/v1/requests/id-of-a%20b%2Fc?client=a%20b/c", Edge::Admin());

  EXPECT_EQ(BodyOf(listed).size(), 1u);
  EXPECT_EQ(cancelled.status, 202);
  EXPECT_EQ(edge.Find("a b/c").state, RequestState::kCancelled);
}

TEST(RequestApi, TellsAnAdministratorWhatIsWrongWithTheName) {
  Edge edge;
  const std::pair<const char*, const char*> cases[] = {{"", "?client="},
                                                       {"?client=", "it is empty"},
                                                       {"?client=..", "dots"},
                                                       {"?client=%zz", "cannot be decoded"}};

  for (const auto& [query, detail] : cases) {
    for (const char* path : {"/v1/requests", "/v1/requests/1"}) {
      const Answer answer = edge.Call("GET", std::string(path) + query, Edge::Admin());

      EXPECT_EQ(answer.status, 400) << query;
      EXPECT_THAT(answer.body, HasSubstr(detail));
    }
    EXPECT_EQ(edge.Call("DELETE", std::string("/v1/requests/1") + query, Edge::Admin()).status,
              400);
  }
}

TEST(RequestApi, TakesAnAdministratorWhoPlaysForAPlayer) {
  Edge edge;
  edge.authorizer().Set("chief", auth::Identity{.client_id = "chief", .is_admin = true});
  edge.Put({.client_id = "chief"});

  EXPECT_EQ(BodyOf(edge.Call("GET", "/v1/requests", "chief")).size(), 1u);
}

}  // namespace
}  // namespace muster::http
