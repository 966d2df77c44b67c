#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "gameserver/game_events.h"
#include "gameserver/json_log.h"
#include "net/redis_url.h"

namespace muster::gameserver {

// Appends events to a Redis stream, in order, from a thread of its own. While Redis is away they
// wait and are tried again; each is written at least once. Thread-safe.
//
// Format: XADD {stream} * with flat text fields: product_id, game_id, type, then those of the type.
class EventStream final : public GameEvents {
 public:
  struct Options {
    net::RedisAddress redis;
    std::string stream = "game_event_stream";
    std::string product_id;
    // More are dropped, the newest first: so what the stream has of a game has no hole before its
    // end. A game has about ten.
    size_t max_waiting = 10'000;
    // Of connecting, and of each command.
    std::chrono::milliseconds timeout{1000};
    // Doubles from the first to the last with each failure.
    std::chrono::milliseconds first_pause{100};
    std::chrono::milliseconds longest_pause{5000};
  };
  struct Counts {
    size_t waiting = 0;
    uint64_t written = 0;
    uint64_t dropped = 0;
    uint64_t failures = 0;
  };

  // `log` hears when Redis goes away and when it is back.
  EventStream(Options options, JsonLog& log);
  // Forgets what waits. Returns within twice the timeout.
  ~EventStream() override;

  void Publish(GameEvent event) override;
  // Blocks until nothing waits, for at most `timeout`. Whether nothing waits.
  bool Flush(std::chrono::milliseconds timeout);
  Counts counts() const;

 private:
  class Connection;

  void Run(const std::stop_token& stop);
  // The oldest that waits; nothing when stopped.
  std::optional<GameEvent> Next(const std::stop_token& stop);
  void Written();
  // One failure more. How long to pause.
  std::chrono::milliseconds Failed(const absl::Status& status);
  absl::Status Append(const GameEvent& event);

  const Options options_;
  JsonLog& log_;
  mutable base::Mutex mu_;
  base::CondVar changed_;
  std::deque<GameEvent> waiting_ ABSL_GUARDED_BY(mu_);
  Counts counts_ ABSL_GUARDED_BY(mu_);
  // The next two are the thread's own. Null: not connected.
  std::unique_ptr<Connection> connection_;
  // Zero while Redis answers.
  std::chrono::milliseconds pause_{0};
  std::jthread thread_;
};

}  // namespace muster::gameserver
