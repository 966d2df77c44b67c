#include "http/socket_hub.h"

#include <array>
#include <memory>
#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/fakes/fake_web_socket.h"
#include "tests/http/edge_fixture.h"
#include "tests/telemetry/scrape.h"

namespace muster::http {
namespace {

using lobby::Request;
using lobby::RequestState;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kSubscribe[] = R"({"type":"subscribe","topic":"requests"})";
constexpr char kSubscribed[] = R"({"type":"subscribed","id":0,"data":{"topic":"requests"}})";

// A player at the other end of a WebSocket, until it goes out of scope.
class Player {
 public:
  Player(Edge& edge, std::string_view client_id)
      : socket_(std::make_shared<fakes::FakeWebSocket>()),
        handler_(edge.Upgrade(client_id).socket) {
    handler_->OnOpen(socket_);
  }
  ~Player() { handler_->OnClose(); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  void Say(std::string_view text) { handler_->OnMessage(text); }
  // Once the hub has said so much in all: the last of it.
  std::string Await(size_t count) { return socket_->Await(count).back(); }
  std::vector<std::string> heard() const { return socket_->messages(); }
  fakes::FakeWebSocket& socket() { return *socket_; }

 private:
  const std::shared_ptr<fakes::FakeWebSocket> socket_;
  const std::unique_ptr<net::server::WebSocketHandler> handler_;
};

Request WithRevision(Request request, int64_t revision) {
  request.revision = revision;
  return request;
}

// The types of what was said of requests, and their revisions.
std::vector<std::string> Changes(const std::vector<std::string>& heard) {
  std::vector<std::string> changes;
  for (const std::string& text : heard) {
    const json message = json::parse(text);
    if (message["id"] == 0) continue;
    changes.push_back(message["type"].get<std::string>() + " " + message["id"].dump());
  }
  return changes;
}

TEST(SocketHub, TellsWhatIsThereAtOnce) {
  Edge edge;
  const Request request = edge.Put(DoneRequest());
  Player alice(edge, "alice");

  alice.Say(kSubscribe);

  const json message = json::parse(alice.Await(2));
  EXPECT_EQ(alice.heard().front(), kSubscribed);
  EXPECT_EQ(message["type"], "request.ready");
  EXPECT_EQ(message["id"], request.revision);
  EXPECT_EQ(message["data"]["address"], "play.example:45677");
}

TEST(SocketHub, TellsNothingBeforeItIsAsked) {
  Edge edge;
  const Player alice(edge, "alice");

  edge.Publish(edge.Put(DoneRequest()));

  EXPECT_THAT(alice.heard(), IsEmpty());
}

TEST(SocketHub, TellsEachChange) {
  Edge edge;
  Player alice(edge, "alice");
  alice.Say(kSubscribe);
  Request request = DoneRequest();
  request.id = "1";

  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 3));
  edge.Publish(WithRevision(request, 4));

  EXPECT_THAT(Changes(alice.heard()), ElementsAre("request.waiting 3", "request.ready 4"));
}

TEST(SocketHub, TellsAllSocketsOfAClient) {
  Edge edge;
  Player phone(edge, "alice");
  Player desk(edge, "alice");
  phone.Say(kSubscribe);
  desk.Say(kSubscribe);

  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 3));

  EXPECT_THAT(Changes(phone.heard()), SizeIs(1));
  EXPECT_THAT(Changes(desk.heard()), SizeIs(1));
}

TEST(SocketHub, TellsNobodyOfOthers) {
  Edge edge;
  edge.Put({.client_id = "bob"});
  Player alice(edge, "alice");
  alice.Say(kSubscribe);

  edge.Publish(WithRevision({.client_id = "bob", .id = "2"}, 3));
  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 4));

  EXPECT_THAT(Changes(alice.heard()), ElementsAre("request.waiting 4"));
}

TEST(SocketHub, NeverTellsWhatIsOlder) {
  Edge edge;
  Player alice(edge, "alice");
  alice.Say(kSubscribe);

  for (const int64_t revision : {5, 4, 5, 6}) {
    edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, revision));
  }

  EXPECT_THAT(Changes(alice.heard()), ElementsAre("request.waiting 5", "request.waiting 6"));
}

TEST(SocketHub, TellsAgainWhatIsThereButNothingOlder) {
  Edge edge;
  edge.Put({.client_id = "bob"});
  const Request request = edge.Put({.client_id = "alice"});
  Player alice(edge, "alice");
  alice.Say(kSubscribe);
  alice.Await(2);

  alice.Say(kSubscribe);
  edge.Publish(WithRevision(request, request.revision - 1));
  alice.Await(4);

  EXPECT_THAT(Changes(alice.heard()), ElementsAre("request.waiting 2", "request.waiting 2"));
}

// The request of a player who was told that it waits is done, and the hub does not hear of it.
Request FinishUnheard(Edge& edge, Player& player) {
  Request request = edge.Put({.client_id = "alice"});
  player.Say(kSubscribe);
  player.Await(2);
  request.state = RequestState::kDone;
  return edge.Put(request);
}

TEST(SocketHub, ReadsAgainWhatItMayHaveMissed) {
  Edge edge;
  Player alice(edge, "alice");
  const Request request = FinishUnheard(edge, alice);

  edge.bus().Break();

  EXPECT_EQ(json::parse(alice.Await(3))["id"], request.revision);
}

TEST(SocketHub, ReadsUntilTheStoreIsBack) {
  Edge edge;
  Player alice(edge, "alice");
  FinishUnheard(edge, alice);
  edge.store().FailNext(absl::UnavailableError("away"));

  edge.bus().Break();

  EXPECT_EQ(json::parse(alice.Await(3))["type"], "request.ready");
}

TEST(SocketHub, TellsLaterWhatCouldNotBeReadAtOnce) {
  Edge edge;
  edge.Put(DoneRequest());
  Player alice(edge, "alice");
  edge.store().FailNext(absl::UnavailableError("away"));

  alice.Say(kSubscribe);

  EXPECT_EQ(json::parse(alice.Await(2))["type"], "request.ready");
}

TEST(SocketHub, EndsWhileTheStoreIsAway) {
  auto edge = std::make_unique<Edge>();
  auto alice = std::make_unique<Player>(*edge, "alice");
  edge->store().CrashAfter(0);
  alice->Say(kSubscribe);
  edge->bus().Break();

  alice.reset();
  edge.reset();
}

TEST(SocketHub, PassesOverWhatItCannotRead) {
  Edge edge;
  Player alice(edge, "alice");
  alice.Say(kSubscribe);

  edge.bus().Publish(lobby::kRequestsChannel, "{\"client_id\":\"alice\"}");
  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 3));

  EXPECT_THAT(Changes(alice.heard()), ElementsAre("request.waiting 3"));
}

struct Hostile {
  const char* name;
  std::string text;
  const char* detail;

  friend std::ostream& operator<<(std::ostream& out, const Hostile& row) { return out << row.name; }
};

class HostileMessageTest : public testing::TestWithParam<Hostile> {};

TEST_P(HostileMessageTest, IsAnsweredWithWhatIsWrong) {
  Edge edge;
  Player alice(edge, "alice");

  alice.Say(GetParam().text);
  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 3));

  const json message = json::parse(alice.Await(1));
  EXPECT_EQ(message["type"], "error");
  EXPECT_EQ(message["id"], 0);
  EXPECT_THAT(message["data"]["detail"].get<std::string>(), HasSubstr(GetParam().detail));
  EXPECT_THAT(alice.heard(), SizeIs(1));
}

const std::array kHostile = {
    Hostile{"nothing", "", "one JSON object"},
    Hostile{"no json", "subscribe", "one JSON object"},
    Hostile{"half of one", R"({"type":"subscribe")", "one JSON object"},
    Hostile{"an array", R"([{"type":"subscribe","topic":"requests"}])", "one JSON object"},
    Hostile{"null", "null", "one JSON object"},
    Hostile{"two", R"({"type":"subscribe","topic":"requests"}{})", "one JSON object"},
    Hostile{"very deep", std::string(16'000, '['), "one JSON object"},
    Hostile{"deep and whole", std::string(8000, '[') + std::string(8000, ']'), "one JSON object"},
    Hostile{"no type", "{}", "the type is none of"},
    Hostile{"a type that is no text", R"({"type":1})", "the type is none of"},
    Hostile{"an unknown type", R"({"type":"shout"})", "the type is none of"},
    Hostile{"no topic", R"({"type":"subscribe"})", "the topic is none of"},
    Hostile{"a topic that is no text", R"({"type":"subscribe","topic":["requests"]})",
            "the topic is none of"},
    Hostile{"an unknown topic", R"({"type":"subscribe","topic":"servers"})",
            "the topic is none of"},
};

INSTANTIATE_TEST_SUITE_P(Messages, HostileMessageTest, testing::ValuesIn(kHostile));

TEST(SocketHub, PassesOverMembersItDoesNotKnow) {
  Edge edge;
  Player alice(edge, "alice");

  alice.Say(R"({"id":7,"type":"subscribe","topic":"requests","data":{}})");

  EXPECT_EQ(alice.Await(1), kSubscribed);
}

TEST(SocketHub, SaysThatItIsAWebSocket) {
  Edge edge;

  const Answer answer = edge.Call("GET", "/v1/ws", "alice");

  EXPECT_EQ(answer.status, 426);
  EXPECT_EQ(answer.Header("Upgrade"), "websocket");
}

TEST(SocketHub, IsForPlayersOnly) {
  Edge edge;

  EXPECT_EQ(edge.Upgrade("").status, 401);
  EXPECT_EQ(edge.Upgrade(Edge::Admin()).status, 403);
  EXPECT_EQ(edge.Upgrade(Edge::ServerToken("server1")).status, 403);
}

TEST(SocketHub, RefusesAClientWithTooMany) {
  Edge edge({.sockets = {.max_sockets_per_client = 2}});
  const Player first(edge, "alice");
  const Player second(edge, "alice");

  const Answer answer = edge.Upgrade("alice");

  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(edge.Upgrade("bob").status, 101);
}

TEST(SocketHub, MakesRoomWhenASocketIsGone) {
  Edge edge({.sockets = {.max_sockets_per_client = 1}});
  { const Player alice(edge, "alice"); }
  // The handshake fails: the handler is never told of a socket.
  edge.Upgrade("alice").socket.reset();

  EXPECT_EQ(edge.Upgrade("alice").status, 101);
}

TEST(SocketHub, LetsASlowReaderBe) {
  Edge edge;
  Player alice(edge, "alice");
  alice.socket().Close(net::server::CloseCode::kTryAgainLater, "too slow");

  alice.Say(kSubscribe);
  edge.Publish(WithRevision({.client_id = "alice", .id = "1"}, 3));

  EXPECT_THAT(alice.heard(), IsEmpty());
}

TEST(SocketHub, CountsMessages) {
  Edge edge;
  Player alice(edge, "alice");

  alice.Say("");
  alice.Say("");

  EXPECT_TRUE(
      telemetry::Shows(edge.registry(), "app_web_socket_messages_total{direction=\"in\"} 2"));
  EXPECT_TRUE(
      telemetry::Shows(edge.registry(), "app_web_socket_messages_total{direction=\"out\"} 2"));
}

}  // namespace
}  // namespace muster::http
