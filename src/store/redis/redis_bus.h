#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "lobby/event_bus.h"
#include "store/redis/redis_publisher.h"
#include "store/redis/redis_subscriber.h"

namespace muster::store::redis {

// The bus of lobbies with several replicas: the publish/subscribe of a Redis server, through which
// a replica's own messages come back, too. After each time that the server was away every
// subscription is told of a gap. A subscription must not be ended by its own callback, and outlives
// no bus. Thread-safe.
class RedisBus final : public lobby::EventBus {
 public:
  struct Options {
    RedisConnection::Options connection;
    // Of each channel; the number of the database follows, for which Redis has no channels apart.
    std::string prefix = "muster:";
    // See RedisPublisher and RedisSubscriber.
    size_t max_queued = 10'000;
    std::chrono::milliseconds max_silence{10'000};
    BackOff::Options pause;
  };

  // Returns when it receives messages, or cannot reach the server, or after connect_timeout. It
  // goes on trying. `clock` outlives the bus.
  RedisBus(const Options& options, const base::Clock& clock);

  void Publish(std::string_view channel, std::string payload) override;
  std::unique_ptr<Subscription> Subscribe(std::string_view channel, OnMessage on_message,
                                          OnGap on_gap) override;

  // See RedisPublisher and RedisSubscriber.
  bool connected() const { return subscriber_.connected(); }
  int64_t dropped() const { return publisher_.dropped(); }
  int64_t reconnects() const { return subscriber_.reconnects(); }

 private:
  // Of the channels as Redis knows them.
  const std::string prefix_;
  RedisPublisher publisher_;
  RedisSubscriber subscriber_;
};

}  // namespace muster::store::redis
