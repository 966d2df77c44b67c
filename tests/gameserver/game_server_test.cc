#include "gameserver/game_server.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "gameserver/plain_http_sender.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/gameserver/eventually.h"
#include "tests/gameserver/player_client.h"
#include "tests/gameserver/stream_reader.h"
#include "tests/support/http_server.h"
#include "tests/support/real_part.h"
#include "tests/support/redis_server.h"
#include "tests/support/status_matchers.h"

namespace muster::gameserver {
namespace {

using std::chrono::milliseconds;
using support::RedisServer;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHost = R"({"gameId":"g1","userId":"host","username":"Ann"})";
constexpr const char* kGuest = R"({"gameId":"g1","userId":"guest","username":"Ben"})";

// A whole server on ports of its own; its time is the test's.
class GameServerTest : public testing::Test {
 protected:
  GameServerTest() {
    options_.player_port.threads = options_.control_port.threads = 1;
    // No limit but those that a test sets.
    options_.player_port.max_socket_messages_per_second = 0;
    // Clients that do not listen are waited for no longer than half of it.
    options_.grace = milliseconds(1000);
  }

  void Start() {
    auto server = GameServer::Start(options_, Parts());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  GameServer::Parts Parts() {
    return {clock_, log_, sender_, [this](std::string_view why) {
              base::MutexLock lock(&mu_);
              ends_.emplace_back(why);
            }};
  }

  // "status body"; what went wrong when there was no answer.
  std::string Call(const std::string& method, const std::string& path,
                   const std::string& body = "") {
    const auto response =
        sender_.Send({.method = method,
                      .url = "http://127.0.0.1:" + std::to_string(server_->control_port()) + path,
                      .body = body,
                      .timeout = milliseconds(30'000)},
                     {});
    if (!response.ok()) return std::string(response.status().message());
    return std::to_string(response->status) + " " + response->body;
  }
  std::unique_ptr<PlayerClient> Connect(const std::string& target) {
    return std::make_unique<PlayerClient>(server_->player_port(), target);
  }
  // A player with a reservation, who has been greeted.
  std::unique_ptr<PlayerClient> Join(const std::string& player) {
    EXPECT_EQ(Call("POST", "/reservation/" + player), "200 reserved\n");
    auto client = Connect("/?user_id=" + player);
    EXPECT_THAT(client->Next(), HasSubstr("welcome"));
    return client;
  }
  // Of a game made with kHost.
  std::string Token() {
    const std::string answer = Call("POST", "/create_game", kHost);
    const size_t at = answer.find(":\"");
    return at == std::string::npos ? "" : answer.substr(at + 2, 32);
  }
  void ExpectClosed() {
    EXPECT_EQ(Call("POST", "/reservation/latecomer"), "403 full\n");
    EXPECT_THAT(Call("POST", "/create_game", kHost), HasSubstr("no room for another"));
    EXPECT_THAT(Call("GET", "/readyz"), HasSubstr("503"));
  }
  std::vector<std::string> ends() {
    base::MutexLock lock(&mu_);
    return ends_;
  }

  fakes::FakeClock clock_;
  JsonLog log_{clock_, [](std::string_view) {}};
  PlainHttpSender sender_{"tester"};
  GameServer::Options options_;
  base::Mutex mu_;
  std::vector<std::string> ends_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<GameServer> server_;
};

TEST_F(GameServerTest, LetsReservedPlayersTalk) {
  Start();
  const auto alice = Join("alice");
  const auto bob = Join("b%2Fb");
  EXPECT_EQ(alice->Next(), R"({"type":"player_joined","player":"b/b"})");

  bob->Send("hello");

  EXPECT_EQ(alice->Next(), R"({"type":"message","from":"b/b","data":"hello"})");
  EXPECT_EQ(Call("GET", "/status"), R"(200 {"slots":4,"used":2,"players":2})");
  bob->Close();
  EXPECT_EQ(alice->Next(), R"({"type":"player_left","player":"b/b"})");
}

TEST_F(GameServerTest, ClosesWhoHasNoReservation) {
  Start();

  EXPECT_EQ(Connect("/?user_id=alice")->Next(), "closed 1008 no slot is reserved for this user");
}

struct BadVisit {
  const char* target;
  const char* answer;
};

TEST_F(GameServerTest, TurnsAwayWhoDoesNotSayWhoComesToWhat) {
  Start();
  const std::string both = "closed 1000 A user ID and game token must be supplied.";

  EXPECT_EQ(Connect("/")->Next(), both);
  EXPECT_EQ(Connect("/?game_token=t")->Next(), both);
  EXPECT_EQ(Connect("/?user_id=u&game_token=t")->Next(),
            "closed 1000 Supplied token has no active games associated with it.");
  for (const BadVisit& visit : {BadVisit{"/?user_id=%zz", "400"},
                                {"/?user_id=..", "400"},
                                {"/?user_id=%00", "400"},
                                {"/?user_id=%ff", "400"},
                                {"/elsewhere?user_id=u", "404"}}) {
    EXPECT_EQ(Connect(visit.target)->refusal(), visit.answer) << visit.target;
  }
}

TEST_F(GameServerTest, TheGamePortIsForWebSocketsOnly) {
  Start();

  const auto response =
      sender_.Send({.url = "http://127.0.0.1:" + std::to_string(server_->player_port())}, {});

  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 426);
}

TEST_F(GameServerTest, AReservationEndsWhenNobodyComes) {
  Start();
  ASSERT_EQ(Call("POST", "/reservation/alice"), "200 reserved\n");
  clock_.Advance(options_.slots.reservation_ttl);

  EXPECT_TRUE(Eventually([this] { return Call("GET", "/reservation/alice") == "404 not held\n"; }));
}

TEST_F(GameServerTest, PlaysAGameOfTheLobbys) {
  Start();
  const std::string token = Token();
  const auto host = Connect("/?game_token=" + token + "&user_id=host");
  ASSERT_THAT(Call("POST", "/join_game", kGuest), HasSubstr(token));
  // The server reads the host's request before the guest's: the answer to a message says so.
  host->Send("hello");
  EXPECT_THAT(host->Next(), HasSubstr("Unexpected message."));
  const auto guest = Connect("/?game_token=" + token + "&user_id=guest");

  EXPECT_THAT(guest->Next(), HasSubstr(R"("p2Name":"Ben")"));
  EXPECT_THAT(host->Next(), HasSubstr("player_joined"));
  host->Close();

  EXPECT_THAT(guest->Next(), HasSubstr("\"code\":4002"));
  EXPECT_EQ(guest->Next(), "closed 1000 The host left the game.");
  EXPECT_EQ(Call("GET", "/active_games"), "200 []");
}

TEST_F(GameServerTest, WritesWhatHappensToGames) {
  MUSTER_NEED_PART(RedisServer::IsInstalled(), "redis-server");
  const RedisServer redis;
  options_.events = {.redis = {.host = "127.0.0.1", .port = redis.port(), .database = 1},
                     .product_id = "exrps"};
  Start();
  const auto host = Connect("/?game_token=" + Token() + "&user_id=host");
  host->Send("hello");
  host->Next();

  server_->Stop();

  EXPECT_EQ(host->Next().substr(0, 11), "closed 1001");
  EXPECT_THAT(ReadStream(redis.port(), 1),
              ElementsAre("product_id=exrps game_id=g1 type=state_change new_state=creator_joined",
                          "product_id=exrps game_id=g1 type=game_removed"));
}

TEST_F(GameServerTest, TellsTheLobby) {
  base::Mutex mu;
  std::string seen;
  support::HttpServer lobby([&](const support::HttpCall& call) {
    base::MutexLock lock(&mu);
    seen = call.method + " " + call.path + " " + call.headers.at("authorization");
    return support::HttpReply{};
  });
  options_.lobby = {.lobby_url = lobby.url(), .server_id = "s1", .token = "secret"};
  Start();

  Call("POST", "/reservation/alice");

  EXPECT_TRUE(Eventually([&] { return lobby.calls() > 0; }));
  base::MutexLock lock(&mu);
  EXPECT_EQ(seen, "POST /v1/servers/s1/changed Bearer secret");
  server_->Stop();
}

TEST_F(GameServerTest, ClosesPlayersWhenItStops) {
  Start();
  const auto alice = Join("alice");

  server_->Stop();
  server_->Stop();

  EXPECT_EQ(alice->Next().substr(0, 11), "closed 1001");
}

TEST_F(GameServerTest, EndsWhenIdle) {
  options_.idle_exit = milliseconds(1000);
  Start();
  const auto alice = Join("alice");
  clock_.Advance(milliseconds(10'000));
  EXPECT_EQ(Call("DELETE", "/reservation/alice"), "409 the player is playing\n");
  EXPECT_THAT(ends(), ElementsAre());

  alice->Close();
  EXPECT_TRUE(Eventually([this] {
    clock_.Advance(milliseconds(10'000));
    return !ends().empty();
  }));

  EXPECT_THAT(ends(), ElementsAre("idle"));
  ExpectClosed();
}

TEST_F(GameServerTest, NeverGivesTheTokenOfAGameAndEndsForBeingIdle) {
  options_.idle_exit = milliseconds(1);
  // No game is removed for the hours that pass in the test.
  options_.games.host_timeout = std::chrono::hours(1000);
  Start();

  for (int i = 0; i < 300; ++i) {
    clock_.Advance(milliseconds(1000));
    if (!Call("POST", "/create_game", kHost).starts_with("200")) break;
    ASSERT_THAT(ends(), ElementsAre());
    ASSERT_THAT(Call("POST", "/remove_game", kHost), HasSubstr("gameToken"));
  }

  EXPECT_TRUE(Eventually([this] {
    clock_.Advance(milliseconds(1000));
    return !ends().empty();
  }));
  ExpectClosed();
}

TEST_F(GameServerTest, EndsWhenAskedWhereThatIsAllowed) {
  Start();
  EXPECT_THAT(Call("POST", "/close"), HasSubstr("404"));
  options_.allow_close = true;
  Start();
  EXPECT_EQ(Call("POST", "/close"), "200 closing\n");
  ExpectClosed();

  clock_.Advance(milliseconds(1000));

  EXPECT_TRUE(Eventually([this] { return !ends().empty(); }));
  EXPECT_THAT(ends(), ElementsAre("asked to"));
}

TEST_F(GameServerTest, NeverGivesMoreSlotsThanItHas) {
  Start();
  std::atomic<int> reserved{0};

  {
    std::vector<std::jthread> clients;
    clients.reserve(20);
    for (int i = 0; i < 20; ++i) {
      clients.emplace_back([&, i] {
        const std::string answer = Call("POST", "/reservation/p" + std::to_string(i));
        if (answer == "200 reserved\n") ++reserved;
      });
    }
  }

  EXPECT_EQ(reserved, 4);
  EXPECT_EQ(Call("GET", "/status"), R"(200 {"slots":4,"used":4,"players":0})");
}

TEST_F(GameServerTest, CutsOffWhoSaysTooMuchAtOnceAndCountsIt) {
  options_.player_port.max_socket_message_bytes = 100;
  Start();
  const auto alice = Join("alice");

  alice->Send(std::string(101, 'x'));

  EXPECT_THAT(alice->Next(), HasSubstr("closed 1009"));
  EXPECT_TRUE(Eventually([this] {
    return Call("GET", "/metrics").find("{reason=\"socket_message_too_long\"} 1\n") !=
           std::string::npos;
  }));
}

TEST_F(GameServerTest, CutsOffWhoSaysTooMuchInASecond) {
  options_.player_port.max_socket_messages_per_second = 2;
  Start();
  const auto alice = Join("alice");

  for (int i = 0; i < 10; ++i) alice->Send("x");

  EXPECT_THAT(alice->Next(), HasSubstr("closed 1008"));
}

TEST_F(GameServerTest, DoesNotStartOnATakenPort) {
  Start();
  options_.player_port.port = server_->player_port();

  EXPECT_THAT(GameServer::Start(options_, Parts()),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr(std::to_string(options_.player_port.port))));
}

}  // namespace
}  // namespace muster::gameserver
