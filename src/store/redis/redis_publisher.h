#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "store/redis/back_off.h"
#include "store/redis/redis_connection.h"

namespace muster::store::redis {

// Sends messages to channels of a Redis server, on a thread of its own. Thread-safe.
class RedisPublisher {
 public:
  struct Options {
    RedisConnection::Options connection;
    // Messages that wait while the server is away or slow, beside a hundred that are being sent;
    // one more is dropped. A burst of a thousand players fits some times.
    size_t max_queued = 10'000;
    BackOff::Options pause;
  };

  explicit RedisPublisher(const Options& options);
  // Sends what waits, but gives up at the first failure.
  ~RedisPublisher();
  RedisPublisher(const RedisPublisher&) = delete;
  RedisPublisher& operator=(const RedisPublisher&) = delete;

  // Never waits for the network. Messages go out in the order in which they come here, each at most
  // once.
  void Publish(std::string channel, std::string payload);

  // The server was away: the next message needs a new connection.
  void Reconnect();

  // Messages that did not fit into the queue, or whose fate is not known.
  int64_t dropped() const;

 private:
  struct Message {
    std::string channel;
    std::string payload;
  };

  void Loop();
  // Waits for messages and takes some; empty when there is none and the publisher stops.
  std::vector<Message> TakeSome();
  // Puts them back to the front, because nothing of them was sent.
  void PutBack(std::vector<Message> messages);
  // Waits until the next attempt; false, and what waits is dropped, when the publisher stops.
  bool Pause();
  bool Connect();
  void Send(const std::vector<Message>& messages);
  void CountDropped(size_t count);

  const Options options_;

  // Of the thread.
  std::unique_ptr<RedisConnection> connection_;
  BackOff pause_;

  mutable base::Mutex mu_;
  base::CondVar wake_;
  std::deque<Message> queue_ ABSL_GUARDED_BY(mu_);
  bool reconnect_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int64_t dropped_ ABSL_GUARDED_BY(mu_) = 0;
  std::thread thread_;
};

}  // namespace muster::store::redis
