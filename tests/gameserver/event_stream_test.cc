#include "gameserver/event_stream.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gameserver/eventually.h"
#include "tests/gameserver/stream_reader.h"
#include "tests/support/real_part.h"
#include "tests/support/redis_server.h"

namespace muster::gameserver {
namespace {

using std::chrono::milliseconds;
using support::RedisServer;
using testing::ElementsAre;
using testing::SizeIs;

constexpr milliseconds kLong{30'000};

GameEvent Numbered(int number) { return {"game_removed", "g" + std::to_string(number), {}}; }

class EventStreamTest : public testing::Test {
 protected:
  void SetUp() override { MUSTER_NEED_PART(RedisServer::IsInstalled(), "redis-server"); }

  static EventStream::Options Options(const RedisServer& redis) {
    EventStream::Options options;
    options.redis.host = "127.0.0.1";
    options.redis.port = redis.port();
    options.redis.database = 1;
    options.product_id = "exrps";
    options.first_pause = milliseconds(5);
    options.longest_pause = milliseconds(50);
    return options;
  }

  JsonLog log_{base::Clock::System(), [](std::string_view) {}};
};

TEST_F(EventStreamTest, WritesFlatFieldsInOrder) {
  RedisServer redis;
  EventStream stream(Options(redis), log_);

  stream.Publish({"state_change", "g 1", {{"new_state", "creator_joined"}}});
  stream.Publish({"game_removed", "g\n2", {}});

  ASSERT_TRUE(stream.Flush(kLong));
  EXPECT_THAT(ReadStream(redis.port(), 1),
              ElementsAre("product_id=exrps game_id=g 1 type=state_change new_state=creator_joined",
                          "product_id=exrps game_id=g\n2 type=game_removed"));
  EXPECT_EQ(stream.counts().written, 2u);
}

TEST_F(EventStreamTest, LogsInWithAPassword) {
  RedisServer redis({.password = "secret"});
  EventStream::Options options = Options(redis);
  options.redis.user = "default";
  options.redis.password = "secret";
  EventStream stream(options, log_);

  stream.Publish(Numbered(1));

  ASSERT_TRUE(stream.Flush(kLong));
  EXPECT_THAT(ReadStream(redis.port(), 1, "secret"), SizeIs(1));
}

TEST_F(EventStreamTest, AWrongPasswordIsAFailureThatIsTriedAgain) {
  RedisServer redis({.password = "secret"});
  EventStream stream(Options(redis), log_);

  stream.Publish(Numbered(1));

  EXPECT_TRUE(Eventually([&] { return stream.counts().failures > 2; }));
  EXPECT_EQ(stream.counts().waiting, 1u);
  EXPECT_FALSE(stream.Flush(milliseconds(1)));
}

TEST_F(EventStreamTest, LosesNothingWhileRedisIsAway) {
  RedisServer redis({.durable = true});
  EventStream stream(Options(redis), log_);
  stream.Publish(Numbered(0));
  ASSERT_TRUE(stream.Flush(kLong));
  redis.Kill();
  for (int i = 1; i < 50; ++i) stream.Publish(Numbered(i));
  ASSERT_TRUE(Eventually([&] { return stream.counts().failures > 2; }));

  redis.Start();

  ASSERT_TRUE(stream.Flush(kLong));
  const std::vector<std::string> entries = ReadStream(redis.port(), 1);
  ASSERT_THAT(entries, SizeIs(50));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(entries[i], "product_id=exrps game_id=g" + std::to_string(i) + " type=game_removed");
  }
}

TEST_F(EventStreamTest, DropsTheNewestWhenTooManyWaitAndCountsThem) {
  RedisServer redis({.durable = true});
  EventStream::Options options = Options(redis);
  options.max_waiting = 3;
  redis.Stop();
  EventStream stream(options, log_);

  for (int i = 0; i < 5; ++i) stream.Publish(Numbered(i));
  EXPECT_EQ(stream.counts().waiting, 3u);
  EXPECT_EQ(stream.counts().dropped, 2u);
  redis.Start();

  ASSERT_TRUE(stream.Flush(kLong));
  EXPECT_THAT(
      ReadStream(redis.port(), 1),
      ElementsAre(testing::HasSubstr("g0"), testing::HasSubstr("g1"), testing::HasSubstr("g2")));
}

TEST_F(EventStreamTest, ARedisThatHangsIsAFailure) {
  RedisServer redis;
  EventStream::Options options = Options(redis);
  options.timeout = milliseconds(50);
  EventStream stream(options, log_);
  redis.Pause();

  stream.Publish(Numbered(1));

  EXPECT_TRUE(Eventually([&] { return stream.counts().failures > 0; }));
  redis.Resume();
  EXPECT_TRUE(stream.Flush(kLong));
}

TEST_F(EventStreamTest, EndsWhileRedisIsAway) {
  RedisServer redis;
  EventStream::Options options = Options(redis);
  options.first_pause = options.longest_pause = kLong;
  redis.Stop();
  auto stream = std::make_unique<EventStream>(options, log_);
  stream->Publish(Numbered(1));
  ASSERT_TRUE(Eventually([&] { return stream->counts().failures > 0; }));

  stream.reset();

  SUCCEED();
}

}  // namespace
}  // namespace muster::gameserver
