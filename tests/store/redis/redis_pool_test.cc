#include "store/redis/redis_pool.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::store::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::IsOk;
using support::RedisServer;
using support::StatusIs;
using testing::HasSubstr;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

// A server and a pool whose pauses and idle times a test lets pass.
class RedisPoolTest : public testing::Test {
 protected:
  absl::Status Ping() { return pool_.Call({"PING"}).status(); }
  // All that the server ever took; its own tools are not asked over the pool.
  std::string ConnectionId() {
    const auto reply = pool_.Call({"CLIENT", "ID"});
    return reply.ok() ? std::to_string(reply->value().integer()) : reply.status().ToString();
  }

  fakes::FakeClock clock_;
  RedisServer server_;
  RedisPool pool_{{.connection = ConnectionTo(server_),
                   .max_idle = seconds(30),
                   .pause = {.first = milliseconds(100), .last = milliseconds(200)}},
                  clock_};
};

TEST_F(RedisPoolTest, UsesAConnectionAgain) {
  const std::string first = ConnectionId();

  EXPECT_EQ(ConnectionId(), first);
}

TEST_F(RedisPoolTest, MakesANewConnectionAfterALongSilence) {
  const std::string first = ConnectionId();

  clock_.Advance(seconds(29));
  EXPECT_EQ(ConnectionId(), first);
  clock_.Advance(seconds(30));
  EXPECT_NE(ConnectionId(), first);
}

TEST_F(RedisPoolTest, AnErrorOfTheServerKeepsTheConnection) {
  const std::string first = ConnectionId();

  EXPECT_THAT(pool_.Call({"NO"}), StatusIs(kUnavailable, HasSubstr("unknown command")));

  EXPECT_EQ(ConnectionId(), first);
  EXPECT_EQ(pool_.failures(), 0);
}

struct TurnedAway {
  const char* error;
  RedisArgs command;
  // What makes the server turn the command away, and what ends that.
  std::vector<RedisArgs> begin;
  RedisArgs end;
};

std::vector<TurnedAway> AllTurnedAway() {
  const RedisArgs replica = {"REPLICAOF", "127.0.0.1", "1"};
  const RedisArgs master = {"REPLICAOF", "NO", "ONE"};
  return {{"READONLY", {"SET", "key", "1"}, {replica}, master},
          {"READONLY", {"EVAL", "redis.call('SET', KEYS[1], '1')", "1", "key"}, {replica}, master},
          {"NOPERM",
           {"SET", "key", "1"},
           {{"ACL", "SETUSER", "default", "-set"}},
           {"ACL", "SETUSER", "default", "+set"}},
          {"MASTERDOWN",
           {"GET", "key"},
           {{"CONFIG", "SET", "replica-serve-stale-data", "no"}, replica},
           master}};
}

TEST_F(RedisPoolTest, AServerThatTurnsUsAwayIsTriedAnewWithANewConnection) {
  for (const TurnedAway& test : AllTurnedAway()) {
    ASSERT_THAT(pool_.Call(test.command), IsOk());
    const std::string before = ConnectionId();
    const int64_t failures = pool_.failures();
    // Those who come anew may be turned away at once.
    const auto connected = RedisConnection::Open(ConnectionTo(server_));
    for (const RedisArgs& step : test.begin) ASSERT_THAT((*connected)->Call(step), IsOk());

    EXPECT_THAT(pool_.Call(test.command), StatusIs(kUnavailable, HasSubstr(test.error)));
    EXPECT_EQ(pool_.failures(), failures + 1) << test.error;
    ASSERT_THAT((*connected)->Call(test.end), IsOk());
    clock_.Advance(milliseconds(200));

    EXPECT_THAT(pool_.Call(test.command), IsOk());
    EXPECT_NE(ConnectionId(), before) << test.error;
  }
}

TEST_F(RedisPoolTest, TriesAgainOnlyAfterPausesThatGrow) {
  server_.Kill();
  EXPECT_THAT(Ping(), StatusIs(kUnavailable, HasSubstr("cannot connect")));

  for (const int pause_ms : {100, 200, 200}) {
    const int64_t failures = pool_.failures();
    clock_.Advance(milliseconds(pause_ms - 1));
    EXPECT_THAT(Ping(), StatusIs(kUnavailable, HasSubstr("cannot connect")));
    EXPECT_EQ(pool_.failures(), failures);
    clock_.Advance(milliseconds(1));
    EXPECT_THAT(Ping(), StatusIs(kUnavailable, HasSubstr("cannot connect")));
    EXPECT_EQ(pool_.failures(), failures + 1);
  }
}

TEST_F(RedisPoolTest, RecoversByItselfWithAShortPauseForTheNextTime) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(Ping(), IsOk());
    server_.Stop();
    EXPECT_THAT(Ping(), StatusIs(kUnavailable, HasSubstr("redis at")));
    server_.Start();
    clock_.Advance(milliseconds(100));
  }

  EXPECT_THAT(Ping(), IsOk());
  EXPECT_EQ(pool_.failures(), 2);
}

// Calls from many threads at once; how many went well.
int CallFromMany(RedisPool& pool, int threads, int calls) {
  std::atomic<int> well = 0;
  {
    std::vector<std::jthread> callers;
    callers.reserve(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) {
      callers.emplace_back([&] {
        for (int call = 0; call < calls; ++call) well += pool.Call({"PING"}).ok() ? 1 : 0;
      });
    }
  }
  return well;
}

TEST(RedisPool, ManyThreadsShareFewConnections) {
  RedisServer server;
  RedisPool pool({.connection = ConnectionTo(server), .max_connections = 2, .max_wait = kPatience},
                 base::Clock::System());

  EXPECT_EQ(CallFromMany(pool, 8, 50), 400);

  // Ours, and the one that asks.
  const std::string clients = Ask(server, {"INFO", "clients"});
  EXPECT_THAT(clients, testing::AnyOf(HasSubstr("connected_clients:2\r"),
                                      HasSubstr("connected_clients:3\r")));
}

TEST(RedisPool, AServerThatHangsCostsOneTimeoutNotOneForEachCall) {
  RedisServer server;
  auto connection = ConnectionTo(server);
  connection.call_timeout = milliseconds(300);
  fakes::FakeClock clock;
  RedisPool pool({.connection = connection, .max_connections = 2}, clock);
  ASSERT_THAT(pool.Call({"PING"}), IsOk());
  server.Pause();

  EXPECT_EQ(CallFromMany(pool, 8, 100), 0);

  // At most one for each connection, for the clock stands still.
  EXPECT_LE(pool.failures(), 2);
  server.Resume();
  clock.Advance(seconds(10));
  EXPECT_THAT(pool.Call({"PING"}), IsOk());
}

TEST(RedisPool, WhoGetsNoConnectionInTimeIsTold) {
  RedisServer server;
  RedisPool pool(
      {.connection = ConnectionTo(server), .max_connections = 1, .max_wait = milliseconds(50)},
      base::Clock::System());
  std::jthread blocked([&] { EXPECT_THAT(pool.Call({"BLPOP", "list", "0"}), IsOk()); });
  ASSERT_TRUE(Await([&] {
    return Ask(server, {"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
  }));

  EXPECT_THAT(pool.Call({"PING"}),
              StatusIs(kUnavailable, HasSubstr("all 1 connections are in use")));

  Ask(server, {"RPUSH", "list", "1"});
}

}  // namespace
}  // namespace muster::store::redis
