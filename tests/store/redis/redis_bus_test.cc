#include "store/redis/redis_bus.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/support/status_matchers.h"

// What the contract does not say: the server's absence, bounds, and the names of channels.
namespace muster::store::redis {
namespace {

using std::chrono::milliseconds;
using support::IsOk;
using support::RedisServer;
using testing::ElementsAre;

// Remembers what a subscription was told.
class Listener {
 public:
  Listener(RedisBus& bus, std::string_view channel)
      : subscription_(bus.Subscribe(
            channel, [this](std::string_view payload) { Add(std::string(payload)); },
            [this] { ++gaps_; })) {}

  std::vector<std::string> messages() const {
    base::MutexLock lock(&mu_);
    return messages_;
  }
  bool AwaitMessages(size_t count) {
    return Await([&] { return messages().size() >= count; });
  }
  int gaps() const { return gaps_; }

 private:
  void Add(std::string message) {
    base::MutexLock lock(&mu_);
    messages_.push_back(std::move(message));
  }

  mutable base::Mutex mu_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mu_);
  std::atomic<int> gaps_ = 0;
  std::unique_ptr<lobby::EventBus::Subscription> subscription_;
};

bool HasText(std::string_view text, std::string_view fragment) {
  return text.find(fragment) != std::string_view::npos;
}

RedisBus::Options QuickBusOn(const RedisServer& server) {
  auto options = BusOn(server, "own:");
  options.pause = {.first = milliseconds(1), .last = milliseconds(20)};
  return options;
}

TEST(RedisBus, SubscriptionsGoOnAfterAGapWhenTheServerIsBack) {
  RedisServer server;
  RedisBus bus(QuickBusOn(server), base::Clock::System());
  Listener work(bus, "work");
  Listener requests(bus, "requests");
  bus.Publish("work", "before");
  ASSERT_TRUE(work.AwaitMessages(1));
  EXPECT_EQ(work.gaps(), 0);

  server.Kill();
  server.Start();
  ASSERT_TRUE(Await([&] { return work.gaps() == 1 && requests.gaps() == 1; }));
  bus.Publish("work", "after");

  ASSERT_TRUE(work.AwaitMessages(2));
  EXPECT_THAT(work.messages(), ElementsAre("before", "after"));
  EXPECT_EQ(bus.reconnects(), 1);
  EXPECT_EQ(bus.dropped(), 0);
}

TEST(RedisBus, StartsWithoutAServerAndTellsOfTheGapWhenItComes) {
  RedisServer server;
  server.Stop();
  RedisBus bus(QuickBusOn(server), base::Clock::System());
  Listener work(bus, "work");

  server.Start();

  ASSERT_TRUE(Await([&] { return work.gaps() == 1; }));
  EXPECT_EQ(bus.reconnects(), 0);
  bus.Publish("work", "hello");
  EXPECT_TRUE(work.AwaitMessages(1));
}

TEST(RedisBus, AServerThatHangsIsLeftAndFoundAgain) {
  RedisServer server;
  auto options = QuickBusOn(server);
  options.connection.call_timeout = milliseconds(500);
  options.max_silence = milliseconds(500);
  RedisBus bus(options, base::Clock::System());
  Listener work(bus, "work");
  bus.Publish("work", "before");
  ASSERT_TRUE(work.AwaitMessages(1));

  server.Pause();
  bus.Publish("work", "lost");
  ASSERT_TRUE(Await([&] { return !bus.connected() && bus.dropped() == 1; }));
  server.Resume();

  ASSERT_TRUE(Await([&] { return bus.connected() && work.gaps() > 0; }));
  bus.Publish("work", "after");
  EXPECT_TRUE(Await([&] { return work.messages().back() == "after"; }));
}

TEST(RedisBus, ASilentServerIsAskedAndItsAnswerCounts) {
  RedisServer server;
  const auto looker = *RedisConnection::Open(ConnectionTo(server));
  auto options = QuickBusOn(server);
  options.max_silence = milliseconds(2'000);
  RedisBus bus(options, base::Clock::System());
  ASSERT_THAT(looker->Call({"CONFIG", "RESETSTAT"}), IsOk());

  ASSERT_TRUE(Await([&] {
    const auto stats = looker->Call({"INFO", "commandstats"});
    return stats.ok() && HasText(stats->value().text(), "cmdstat_ping:calls=2,");
  }));

  EXPECT_EQ(bus.reconnects(), 0);
}

TEST(RedisBus, WhatDoesNotFitIntoTheQueueIsDroppedAndCounted) {
  RedisServer server;
  server.Stop();
  auto options = QuickBusOn(server);
  options.max_queued = 10;
  options.pause = {.first = kPatience, .last = kPatience};
  RedisBus bus(options, base::Clock::System());

  for (int i = 0; i < 200; ++i) bus.Publish("work", std::to_string(i));

  // Those that the publisher has in its hands are put back.
  EXPECT_TRUE(Await([&] { return bus.dropped() >= 200 - 2 * 10; }));
}

TEST(RedisBus, SendsWhatWaitsBeforeItEnds) {
  RedisBus::Options options = BusOn(SharedServer(), NewPrefix());
  RedisBus receiver(options, base::Clock::System());
  Listener work(receiver, "work");
  {
    RedisBus sender(options, base::Clock::System());
    for (int i = 0; i < 500; ++i) sender.Publish("work", std::to_string(i));
  }

  ASSERT_TRUE(work.AwaitMessages(500));
  EXPECT_EQ(work.messages().back(), "499");
}

TEST(RedisBus, PrefixesAndDatabasesAreApart) {
  const std::string prefix = NewPrefix() + "[*?";
  auto other_database = BusOn(SharedServer(), prefix);
  other_database.connection.address.database = 1;
  RedisBus bus(BusOn(SharedServer(), prefix), base::Clock::System());
  RedisBus bus_of_database(other_database, base::Clock::System());
  RedisBus bus_of_prefix(BusOn(SharedServer(), NewPrefix()), base::Clock::System());
  Listener work(bus, "work");

  bus_of_database.Publish("work", "database");
  bus_of_prefix.Publish("work", "prefix");
  bus.Publish("work", "own");

  ASSERT_TRUE(work.AwaitMessages(1));
  EXPECT_THAT(work.messages(), ElementsAre("own"));
}

}  // namespace
}  // namespace muster::store::redis
