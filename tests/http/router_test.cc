#include "http/router.h"

#include <array>
#include <ostream>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/edge_fixture.h"
#include "tests/telemetry/scrape.h"

namespace muster::http {
namespace {

using lobby::GameServer;

// Who calls, in the order of a row's statuses.
enum Who { kNobody, kAlice, kBob, kAdmin, kChief, kServer1, kServer2, kAllWho };

constexpr std::array<const char*, kAllWho> kNames = {"nobody",
                                                     "the player",
                                                     "another player",
                                                     "the administrator's token",
                                                     "a player who is an administrator",
                                                     "the server",
                                                     "another server"};

std::string AuthorizationOf(Who who) {
  const std::array<std::string, kAllWho> all = {"",
                                                "alice",
                                                "bob",
                                                Edge::Admin(),
                                                "chief",
                                                Edge::ServerToken("server1"),
                                                Edge::ServerToken("server2")};
  return all.at(who);
}

struct Row {
  std::string_view method;
  std::string_view pattern;
  std::string_view target;
  std::array<int, kAllWho> statuses;

  friend std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.method << " " << row.target;
  }
};

// The calls by the rights. The request is alice's and done, the server is server1.
constexpr std::array kTable = {
    Row{"GET", "/healthz", "/healthz", {200, 200, 200, 200, 200, 200, 200}},
    Row{"GET", "/readyz", "/readyz", {200, 200, 200, 200, 200, 200, 200}},
    Row{"POST", "/request", "/request", {401, 200, 202, 403, 202, 403, 403}},
    Row{"POST", "/request", "/request?client=alice", {401, 200, 202, 403, 202, 403, 403}},
    Row{"POST", "/v1/requests", "/v1/requests", {401, 200, 202, 403, 202, 403, 403}},
    Row{"GET", "/v1/requests", "/v1/requests", {401, 200, 200, 400, 200, 403, 403}},
    Row{"GET", "/v1/requests/{id}", "/v1/requests/1", {401, 200, 404, 400, 404, 403, 403}},
    Row{"GET",
        "/v1/requests/{id}",
        "/v1/requests/1?client=alice",
        {401, 200, 404, 200, 200, 403, 403}},
    Row{"DELETE", "/v1/requests/{id}", "/v1/requests/1", {401, 202, 404, 400, 404, 403, 403}},
    Row{"DELETE",
        "/v1/requests/{id}",
        "/v1/requests/1?client=alice",
        {401, 202, 404, 202, 202, 403, 403}},
    Row{"GET", "/v1/ws", "/v1/ws", {401, 426, 426, 403, 426, 403, 403}},
    Row{"GET", "/v1/servers", "/v1/servers", {401, 403, 403, 200, 200, 403, 403}},
    Row{"DELETE", "/v1/servers/{id}", "/v1/servers/server1", {401, 403, 403, 202, 202, 403, 403}},
    Row{"POST",
        "/v1/servers/{id}/changed",
        "/v1/servers/server1/changed",
        {401, 403, 403, 403, 403, 204, 403}},
};

int StatusOf(const Row& row, Who who) {
  Edge edge;
  edge.authorizer().Set("chief", auth::Identity{.client_id = "chief", .is_admin = true});
  lobby::Request request = DoneRequest();
  request.id = "1";
  edge.Put(request);
  edge.Put(GameServer{.id = "server1"});
  edge.servers().Add("http://container1:3000", {.held = {"alice"}});
  return edge.Call(row.method, row.target, AuthorizationOf(who)).status;
}

class RightsTest : public testing::TestWithParam<Row> {};

TEST_P(RightsTest, LetEachCallerDoNoMoreThanItMay) {
  for (size_t who = 0; who < kAllWho; ++who) {
    EXPECT_EQ(StatusOf(GetParam(), static_cast<Who>(who)), GetParam().statuses[who]) << kNames[who];
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, RightsTest, testing::ValuesIn(kTable));

TEST(Rights, AreTestedOfEveryRoute) {
  using Name = std::pair<std::string_view, std::string_view>;
  Edge edge;
  std::set<Name> offered;
  std::set<Name> tested;
  for (const Route& route : edge.router().routes()) offered.emplace(route.method, route.pattern);
  for (const Row& row : kTable) tested.emplace(row.method, row.pattern);

  EXPECT_EQ(tested, offered);
}

TEST(Rights, OfAPlayerEndAtAnothersRequest) {
  Edge edge;
  const lobby::Request before = edge.Put(DoneRequest());

  const Answer answer = edge.Call("DELETE", "/v1/requests/id-of-alice?client=alice", "bob");

  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(edge.Find("alice"), before);
}

struct Unknown {
  std::string_view method;
  std::string_view path;
  std::string_view authorization;
  int status;

  friend std::ostream& operator<<(std::ostream& out, const Unknown& row) {
    return out << row.method << " " << row.path << " by '" << row.authorization << "'";
  }
};

class UnknownCallTest : public testing::TestWithParam<Unknown> {};

TEST_P(UnknownCallTest, IsRefused) {
  Edge edge;

  const Answer answer = edge.Call(GetParam().method, GetParam().path, GetParam().authorization);

  EXPECT_EQ(answer.status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Calls, UnknownCallTest,
                         testing::ValuesIn(std::to_array<Unknown>({
                             {"GET", "/", "", 404},
                             {"GET", "/nothing", "", 404},
                             {"GET", "/requests", "", 404},
                             {"GET", "/v10", "", 404},
                             {"GET", "/healthz/", "", 404},
                             {"POST", "/healthz", "", 405},
                             {"HEAD", "/healthz", "", 405},
                             {"GET", "/v1", "", 401},
                             {"GET", "/v1/", "", 401},
                             {"GET", "/v1/nothing", "", 401},
                             {"PUT", "/v1/requests", "", 401},
                             {"GET", "/request", "", 401},
                             {"GET", "/request/more", "", 401},
                             {"GET", "/v1/nothing", "alice", 404},
                             {"GET", "/request", "alice", 405},
                             {"post", "/request", "alice", 405},
                             {"GET", "/request/more", "alice", 404},
                             {"POST", "/request/", "alice", 404},
                             {"POST", "//request", "alice", 404},
                             {"GET", "/v1/requests/", "alice", 404},
                             {"GET", "/v1/requests/1/2", "alice", 404},
                             {"GET", "/v1/requests/%zz", "alice", 404},
                             {"PUT", "/v1/requests/1", "alice", 405},
                             {"GET", "/v1/nothing", "..", 400},
                         })));

TEST(Router, TellsWhichMethodsAPathHas) {
  Edge edge;

  const Answer answer = edge.Call("PATCH", "/v1/requests/1", "alice");

  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("Allow"), "GET, DELETE");
}

TEST(Router, TellsGameServersWhatIsNotThere) {
  Edge edge;

  EXPECT_EQ(edge.Call("GET", "/v1/nothing", Edge::ServerToken("server1")).status, 404);
}

TEST(Router, TellsNothingWhileCallersCannotBeToldApart) {
  Edge edge;
  edge.authorizer().Fail(absl::UnavailableError("no keys yet"));

  for (const char* path : {"/request", "/v1/requests", "/v1/nothing"}) {
    const Answer answer = edge.Call("GET", path, "alice");

    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(answer.Header("Retry-After"), "1") << path;
  }
}

TEST(Router, LogsWhatIsWrongInside) {
  Edge edge;
  edge.authorizer().Set("ghost", auth::Identity{.client_id = ""});

  for (const char* path : {"/v1/requests", "/v1/nothing"}) {
    EXPECT_EQ(edge.Call("GET", path, "ghost").status, 500) << path;
  }
  EXPECT_THAT(edge.log().Lines("empty id"), testing::SizeIs(2));
}

TEST(Router, SaysUnauthorizedInPlainTextToClientsOfThePlainCall) {
  Edge edge;

  for (const char* method : {"POST", "GET"}) {
    const Answer answer = edge.Call(method, "/request", "");

    EXPECT_EQ(answer.body, "Unauthorized");
    EXPECT_THAT(answer.content_type, testing::StartsWith("text/plain"));
    EXPECT_EQ(answer.Header("WWW-Authenticate"), "Bearer");
  }
}

TEST(Router, DecodesParametersOnce) {
  Edge edge;
  lobby::Request request = DoneRequest();
  request.id = "a/%41";
  edge.Put(request);

  EXPECT_EQ(edge.Call("GET", "/v1/requests/a%2F%2541", "alice").status, 200);
}

Edge::Options OneASecond() { return {.rate = {.per_second = 1, .burst = 2}}; }

TEST(Router, RefusesAClientThatCallsTooOften) {
  Edge edge(OneASecond());
  edge.Call("POST", "/request", "alice");
  edge.Call("GET", "/v1/requests", "alice");

  const Answer answer = edge.Call("POST", "/request", "alice");

  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(answer.body, "too many calls");
  EXPECT_TRUE(telemetry::Shows(edge.registry(), "app_http_rate_limited_total 1"));
}

TEST(Router, LimitsEachClientByItself) {
  Edge edge(OneASecond());
  for (int i = 0; i < 3; ++i) edge.Call("POST", "/request", "alice");

  EXPECT_EQ(edge.Call("POST", "/request", "bob").status, 202);
  edge.clock().Advance(std::chrono::seconds(1));
  EXPECT_EQ(edge.Call("POST", "/request", "alice").status, 202);
}

TEST(Router, LimitsNobodyWhoIsNoPlayer) {
  Edge edge(OneASecond());

  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(edge.Call("GET", "/healthz", "alice").status, 200);
    EXPECT_EQ(edge.Call("GET", "/v1/servers", Edge::Admin()).status, 200);
    EXPECT_EQ(edge.Call("POST", "/v1/servers/s/changed", Edge::ServerToken("s")).status, 204);
  }
}

}  // namespace
}  // namespace muster::http
