#include "store/redis/redis_pool.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::store::redis {

RedisPool::RedisPool(const Options& options, const base::Clock& clock)
    : options_(options), clock_(clock), pause_(options.pause) {}

RedisPool::~RedisPool() = default;

absl::StatusOr<RedisReply> RedisPool::Call(const RedisArgs& command) {
  return Run([&](RedisConnection& connection) { return connection.Call(command); });
}

absl::StatusOr<RedisReply> RedisPool::Eval(const RedisScript& script, const RedisArgs& keys,
                                           const RedisArgs& args) {
  return Run([&](RedisConnection& connection) { return connection.Eval(script, keys, args); });
}

int64_t RedisPool::failures() const {
  base::MutexLock lock(&mu_);
  return failures_;
}

absl::StatusOr<RedisReply> RedisPool::Run(
    const std::function<absl::StatusOr<RedisReply>(RedisConnection&)>& call) {
  MUSTER_ASSIGN_OR_RETURN(ConnectionPtr connection, Take());
  absl::StatusOr<RedisReply> reply = call(*connection);
  Return(std::move(connection), reply.status());
  return reply;
}

absl::StatusOr<RedisPool::ConnectionPtr> RedisPool::Take() {
  MUSTER_ASSIGN_OR_RETURN(ConnectionPtr connection, TakeIdle());
  if (connection != nullptr) return connection;
  return Connect();
}

absl::StatusOr<RedisPool::ConnectionPtr> RedisPool::TakeIdle() {
  const base::MonotonicTime deadline = clock_.MonotonicNow() + options_.max_wait;
  base::MutexLock lock(&mu_);
  while (true) {
    DropStale();
    if (!idle_.empty()) {
      ConnectionPtr connection = std::move(idle_.back().connection);
      idle_.pop_back();
      return connection;
    }
    const base::MonotonicTime now = clock_.MonotonicNow();
    if (state_ == State::kProbing || (state_ == State::kPausing && now < retry_at_)) {
      return last_error_;
    }
    if (open_ < options_.max_connections) break;
    if (now >= deadline) {
      return absl::UnavailableError(
          base::StrCat("redis: all ", options_.max_connections, " connections are in use"));
    }
    changed_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
  }
  ++open_;
  if (state_ == State::kPausing) state_ = State::kProbing;
  return ConnectionPtr();
}

absl::StatusOr<RedisPool::ConnectionPtr> RedisPool::Connect() {
  absl::StatusOr<ConnectionPtr> connection = RedisConnection::Open(options_.connection);
  base::MutexLock lock(&mu_);
  if (!connection.ok()) {
    Fail(connection.status());
    return connection;
  }
  state_ = State::kUp;
  pause_.Reset();
  return connection;
}

void RedisPool::Return(ConnectionPtr connection, const absl::Status& outcome) {
  base::MutexLock lock(&mu_);
  if (connection->broken()) {
    Fail(outcome);
  } else {
    idle_.push_back({std::move(connection), clock_.MonotonicNow()});
    changed_.Signal();
  }
}

void RedisPool::Fail(const absl::Status& why) {
  --open_;
  ++failures_;
  last_error_ = why;
  // What happened to one has most likely happened to all.
  open_ -= idle_.size();
  idle_.clear();
  // Many calls that fail together are one failure.
  if (state_ != State::kPausing) {
    state_ = State::kPausing;
    retry_at_ = clock_.MonotonicNow() + pause_.Next();
  }
  changed_.SignalAll();
}

void RedisPool::DropStale() {
  // Those before the last one have been idle for longer.
  if (idle_.empty() || clock_.MonotonicNow() - idle_.back().since < options_.max_idle) return;
  open_ -= idle_.size();
  idle_.clear();
}

}  // namespace muster::store::redis
