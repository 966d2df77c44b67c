#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "lobby/event_bus.h"
#include "store/redis/back_off.h"
#include "store/redis/redis_connection.h"

namespace muster::store::redis {

// Receives the messages of all channels whose names begin alike, on a thread with a connection of
// its own, and gives them to those who want them. All callbacks run on that thread, one after the
// other. A subscription must not be ended by its own callback, and outlives no subscriber.
// Thread-safe.
class RedisSubscriber {
 public:
  struct Options {
    RedisConnection::Options connection;
    // Of all channels.
    std::string prefix;
    // After half of this without a message the server is asked whether it is there; after all of it
    // the connection counts as broken.
    std::chrono::milliseconds max_silence{10'000};
    BackOff::Options pause;
  };
  using OnConnected = std::function<void()>;

  // `on_connected` is called on the thread each time that it is about to receive, before the gap
  // is told; it may be empty. `clock` outlives the subscriber.
  RedisSubscriber(Options options, OnConnected on_connected, const base::Clock& clock);
  // Takes a tenth of a second at most, if no callback runs and no attempt to connect is under way.
  ~RedisSubscriber();
  RedisSubscriber(const RedisSubscriber&) = delete;
  RedisSubscriber& operator=(const RedisSubscriber&) = delete;

  // Returns when the first attempt to connect has ended, or `timeout` has passed.
  void AwaitFirstAttempt(std::chrono::milliseconds timeout);

  // `on_gap` is called each time that the connection was made after this call.
  std::unique_ptr<lobby::EventBus::Subscription> Subscribe(std::string_view channel,
                                                           lobby::EventBus::OnMessage on_message,
                                                           lobby::EventBus::OnGap on_gap);

  // Whether messages are received, as far as is known.
  bool connected() const;
  // Connections after the first one.
  int64_t reconnects() const;

 private:
  class Receiver;

  void Loop(const std::stop_token& stop);
  // A connection on which messages come; null when it cannot be made.
  std::unique_ptr<RedisConnection> Connect();
  // Returns all who are there at that moment: who comes later misses nothing.
  std::vector<Receiver*> SetConnected(bool connected);
  // Returns when the connection broke or `stop` was requested.
  void Receive(RedisConnection& connection, const std::stop_token& stop);
  // Gives a message to its receivers.
  void Deliver(const RedisValue& reply);
  // Calls `tell` with each of them, without the mutex, unless it ended before its turn.
  void TellEach(const std::vector<Receiver*>& receivers,
                const std::function<void(const Receiver&)>& tell);
  // Those of a channel.
  std::vector<Receiver*> ReceiversOf(std::string_view channel) const;
  void End(const Receiver* receiver);

  const Options options_;
  const OnConnected on_connected_;
  const base::Clock& clock_;

  // Of the thread.
  BackOff pause_;

  mutable base::Mutex mu_;
  base::CondVar changed_;
  std::vector<Receiver*> receivers_ ABSL_GUARDED_BY(mu_);
  // The one whose callback runs now.
  const Receiver* running_ ABSL_GUARDED_BY(mu_) = nullptr;
  bool attempted_ ABSL_GUARDED_BY(mu_) = false;
  bool connected_ ABSL_GUARDED_BY(mu_) = false;
  int64_t connections_ ABSL_GUARDED_BY(mu_) = 0;
  std::jthread thread_;
};

}  // namespace muster::store::redis
