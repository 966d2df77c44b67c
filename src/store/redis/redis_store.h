#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lobby/store.h"
#include "store/redis/redis_pool.h"
#include "store/redis/scripts.h"

namespace muster::store::redis {

// The memory of lobbies with several replicas. Each step is one script on the server (scripts.h),
// so that replicas see it whole or not at all. Durable when the server is told `appendonly yes` and
// `appendfsync always`; a server that loses its latest writes gives their revisions again, to
// others; see DurabilityProblems. Thread-safe.
class RedisStore final : public lobby::Store {
 public:
  struct Options {
    RedisPool::Options pool;
    // Of each key, so that the server may serve others, too.
    std::string prefix = "muster:";
    // Requests in the states created and in_progress; see Store::WriteRequest.
    int64_t max_pending = 100'000;
  };

  // Connects when the first call comes. `clock` outlives the store.
  RedisStore(Options options, const base::Clock& clock);

  absl::StatusOr<std::optional<lobby::Request>> FindRequest(std::string_view client_id) override;
  // A record that cannot be read is overwritten.
  absl::StatusOr<lobby::Request> WriteRequest(const lobby::Request& request) override;
  absl::StatusOr<std::vector<lobby::Request>> RequestsAfter(int64_t revision,
                                                            size_t limit) override;
  // Records that cannot be read are removed when they have expired.
  absl::StatusOr<std::vector<lobby::Request>> ExpiredRequests(base::Timestamp now,
                                                              size_t limit) override;
  absl::StatusOr<std::vector<lobby::GameServer>> Servers() override;
  absl::StatusOr<std::vector<int64_t>> Commit(const lobby::Lease& lease,
                                              const lobby::Batch& batch) override;
  // The server's clock measures the time of leases.
  absl::StatusOr<std::optional<lobby::Lease>> AcquireLease(std::string_view name,
                                                           std::chrono::milliseconds ttl) override;
  absl::Status RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) override;
  absl::Status ReleaseLease(const lobby::Lease& lease) override;
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override;
  absl::Status Check() override;
  int64_t unreadable_records() const override { return unreadable_records_; }

  // See durability.h. For once, at the start: it makes a connection of its own.
  absl::StatusOr<std::vector<std::string>> DurabilityProblems() const;
  // See RedisPool.
  int64_t failures() const { return pool_.failures(); }

 private:
  absl::StatusOr<RedisReply> Eval(const RedisScript& script, const RedisArgs& args);
  absl::StatusOr<RedisReply> EvalWithLease(const RedisScript& script, std::string_view lease,
                                           const RedisArgs& args);
  // `unreadable`: counts as none.
  absl::StatusOr<RedisReply> Write(const lobby::Request& request, std::string_view unreadable);
  // The record, if it is one of that client; counts those that are not.
  std::optional<lobby::Request> Read(std::string_view client_id, std::string_view record);

  const Options options_;
  // Of all scripts; that of a lease comes after them.
  const RedisArgs keys_;
  std::atomic<int64_t> unreadable_records_{0};
  RedisPool pool_;
};

}  // namespace muster::store::redis
