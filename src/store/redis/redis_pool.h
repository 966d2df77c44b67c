#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "store/redis/back_off.h"
#include "store/redis/redis_connection.h"

namespace muster::store::redis {

// Connections to one server for any number of threads. Errors are UNAVAILABLE. While the server is
// away, or is not the one to work with (see RedisConnection), calls fail at once and one of them
// after each pause tries to reach it; nobody has to start anything anew when it is back.
// Thread-safe.
class RedisPool {
 public:
  struct Options {
    RedisConnection::Options connection;
    // A call takes some 100 us and Redis does one at a time: more would only wait there.
    size_t max_connections = 8;
    // For a connection, when all are in use.
    std::chrono::milliseconds max_wait{1'000};
    // One that was not used for so long may have been cut silently: a new one is made.
    std::chrono::milliseconds max_idle{30'000};
    BackOff::Options pause;
  };

  // Connects when the first call comes. `clock` outlives the pool.
  RedisPool(const Options& options, const base::Clock& clock);
  // No call may be under way.
  ~RedisPool();
  RedisPool(const RedisPool&) = delete;
  RedisPool& operator=(const RedisPool&) = delete;

  // As those of RedisConnection. A call is never made twice: only the caller knows whether it may.
  absl::StatusOr<RedisReply> Call(const RedisArgs& command);
  absl::StatusOr<RedisReply> Eval(const RedisScript& script, const RedisArgs& keys,
                                  const RedisArgs& args);

  // Connections that broke, servers that turned us away, and attempts to connect that failed.
  int64_t failures() const;

 private:
  using ConnectionPtr = std::unique_ptr<RedisConnection>;
  struct Idle {
    ConnectionPtr connection;
    base::MonotonicTime since;
  };
  enum class State {
    kUp,
    // Nobody tries before `retry_at_`.
    kPausing,
    // One call tries.
    kProbing,
  };

  absl::StatusOr<RedisReply> Run(
      const std::function<absl::StatusOr<RedisReply>(RedisConnection&)>& call);
  absl::StatusOr<ConnectionPtr> Take();
  // Null: the caller is to make a new connection, which is counted in `open_` already.
  absl::StatusOr<ConnectionPtr> TakeIdle();
  absl::StatusOr<ConnectionPtr> Connect();
  void Return(ConnectionPtr connection, const absl::Status& outcome);
  void Fail(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropStale() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  const base::Clock& clock_;

  mutable base::Mutex mu_;
  base::CondVar changed_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kUp;
  base::MonotonicTime retry_at_ ABSL_GUARDED_BY(mu_);
  absl::Status last_error_ ABSL_GUARDED_BY(mu_);
  BackOff pause_ ABSL_GUARDED_BY(mu_);
  // The one that was used last is at the end, and is used next.
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mu_);
  // Idle, in use, and being made.
  size_t open_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t failures_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace muster::store::redis
