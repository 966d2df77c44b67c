#include "http/server_api.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/http/edge_fixture.h"

namespace muster::http {
namespace {

using lobby::GameServer;
using lobby::ServerState;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

GameServer Server1() {
  lobby::Place place = PlaceOnServer1();
  place.node = "n1";
  return {.id = "server1",
          .state = ServerState::kReady,
          .place = place,
          .version = "v",
          .slots = 4,
          .created_at = base::Timestamp(std::chrono::milliseconds(1000))};
}

json List(Edge& edge) {
  return json::parse(
      edge.Call("GET", "/v1/servers", Edge::Admin(), {{"Host", "play.example:3000"}}).body);
}

TEST(ServerApi, ListsNoServers) {
  Edge edge;

  EXPECT_EQ(List(edge), json::array());
}

TEST(ServerApi, ListsWhatTheStoreKnows) {
  Edge edge;
  edge.Put(Server1());
  edge.Put(GameServer{.id = "server2"});

  const json wanted = {
      {{"id", "server1"},
       {"state", "ready"},
       {"address", "play.example:45677"},
       {"node", "n1"},
       {"slots", 4},
       {"created_at_ms", 1000}},
      {{"id", "server2"}, {"state", "starting"}, {"slots", 0}, {"created_at_ms", 0}}};
  EXPECT_EQ(List(edge), wanted);
}

TEST(ServerApi, ListsWhatTheOwnerOfTheFleetKnows) {
  Edge edge;
  edge.Put(Server1());
  GameServer seen = Server1();
  seen.slots = 5;
  edge.view().servers = {{.server = seen, .used = 3, .answering = true}};

  const json list = List(edge);

  EXPECT_EQ(list[0]["slots"], 5);
  EXPECT_EQ(list[0]["used"], 3);
  EXPECT_EQ(list[0]["answering"], true);
}

TEST(ServerApi, DrainsAServer) {
  Edge edge;
  edge.Put(Server1());

  const Answer answer = edge.Call("DELETE", "/v1/servers/server1", Edge::Admin());

  EXPECT_EQ(answer.status, 202);
  EXPECT_THAT(edge.bus().published(), ElementsAre(Pair(lobby::kServersChannel, "drain server1")));
}

TEST(ServerApi, StopsAServerAtOnceWhenToldSo) {
  Edge edge;
  edge.Put(Server1());

  edge.Call("DELETE", "/v1/servers/server1?now=true", Edge::Admin());
  edge.Call("DELETE", "/v1/servers/server1?now=false", Edge::Admin());

  EXPECT_THAT(edge.bus().published(), ElementsAre(Pair(lobby::kServersChannel, "stop server1"),
                                                  Pair(lobby::kServersChannel, "drain server1")));
}

TEST(ServerApi, EndsNoServerThatIsNotThere) {
  Edge edge;

  EXPECT_EQ(edge.Call("DELETE", "/v1/servers/server1", Edge::Admin()).status, 404);
  EXPECT_EQ(edge.Call("DELETE", "/v1/servers/server1?now=%zz", Edge::Admin()).status, 400);
  EXPECT_THAT(edge.bus().published(), IsEmpty());
}

TEST(ServerApi, TellsTheFleetThatAServerChanged) {
  Edge edge;

  const Answer answer =
      edge.Call("POST", "/v1/servers/server1/changed", Edge::ServerToken("server1"));

  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(edge.bus().published(), ElementsAre(Pair(lobby::kWorkChannel, "server1")));
}

TEST(ServerApi, TellsOfAStoreThatIsAway) {
  Edge edge;
  for (const char* method : {"GET", "DELETE"}) {
    edge.store().FailNext(absl::UnavailableError("the disk is full"));
    const std::string path = method == std::string("GET") ? "/v1/servers" : "/v1/servers/server1";

    const Answer answer = edge.Call(method, path, Edge::Admin());

    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(json::parse(answer.body)["detail"], "the disk is full");
  }
}

TEST(ServerApi, RefusesCallsWhenTooManyWait) {
  Edge edge({.workers = {.threads = 1, .max_queued = 0}});

  EXPECT_EQ(edge.Call("GET", "/v1/servers", Edge::Admin()).status, 503);
  const Answer answer = edge.Call("DELETE", "/v1/servers/server1", Edge::Admin());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
}

}  // namespace
}  // namespace muster::http
