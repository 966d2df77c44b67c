#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/stop_wait.h"
#include "gtest/gtest.h"
#include "store/redis/redis_bus.h"
#include "store/redis/redis_connection.h"
#include "store/redis/redis_store.h"
#include "tests/support/redis_server.h"

namespace muster::store::redis {

// Far above what a call takes on a busy machine; no test waits for it to pass.
inline constexpr std::chrono::milliseconds kPatience{30'000};

// The server that tests share who do not stop it. Each uses keys of its own.
support::RedisServer& SharedServer();
// Another one each time, such as "test7:".
std::string NewPrefix();

// How to reach a server with a lot of patience.
RedisConnection::Options ConnectionTo(const support::RedisServer& server);
RedisStore::Options StoreOn(const support::RedisServer& server, const std::string& prefix);
RedisBus::Options BusOn(const support::RedisServer& server, const std::string& prefix);

// For a look behind the store. The reply's text, or its number as text; an error fails the test.
std::string Ask(const support::RedisServer& server, const RedisArgs& command);

// Whether the condition holds, before patience ends.
template <typename Condition>
bool Await(Condition condition) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline = clock.MonotonicNow() + kPatience;
  while (!condition()) {
    if (clock.MonotonicNow() >= deadline ||
        !base::WaitUnlessStopped(std::chrono::milliseconds(2), {})) {
      return false;
    }
  }
  return true;
}

}  // namespace muster::store::redis
