#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "lobby/store.h"

namespace muster::fakes {

// A store in plain memory, whose calls fail where a test wants them to. As with a store that is a
// process of its own, what a lobby wrote stays when that lobby crashes. Thread-safe.
class MemoryStore final : public lobby::Store {
 public:
  // `clock` outlives the store; leases expire by it.
  explicit MemoryStore(const base::Clock& clock, int64_t max_pending = 100'000)
      : clock_(clock), max_pending_(max_pending) {}

  // The next call says `status`, and does nothing.
  void FailNext(absl::Status status);
  // The next `calls` calls work; then all say UNAVAILABLE, and do nothing, until Recover.
  void CrashAfter(int64_t calls);
  // Undoes FailNext and CrashAfter.
  void Recover();
  // How many there were, failed ones included.
  int64_t calls() const;

  absl::StatusOr<std::optional<lobby::Request>> FindRequest(std::string_view client_id) override;
  absl::StatusOr<lobby::Request> WriteRequest(const lobby::Request& request) override;
  absl::StatusOr<std::vector<lobby::Request>> RequestsAfter(int64_t revision,
                                                            size_t limit) override;
  absl::StatusOr<std::vector<lobby::Request>> ExpiredRequests(base::Timestamp now,
                                                              size_t limit) override;
  absl::StatusOr<std::vector<lobby::GameServer>> Servers() override;
  absl::StatusOr<std::vector<int64_t>> Commit(const lobby::Lease& lease,
                                              const lobby::Batch& batch) override;
  absl::StatusOr<std::optional<lobby::Lease>> AcquireLease(std::string_view name,
                                                           std::chrono::milliseconds ttl) override;
  absl::Status RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) override;
  absl::Status ReleaseLease(const lobby::Lease& lease) override;
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override;
  absl::Status Check() override;
  int64_t unreadable_records() const override { return 0; }

 private:
  struct LatestLease {
    int64_t fence = 0;
    base::MonotonicTime until = base::MonotonicTime::min();
  };

  // What a call begins with: its failure, if it is to have one.
  absl::Status Enter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  int64_t CountPending() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // 0 for none.
  int64_t RevisionOf(std::string_view client_id) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Returns the new revision.
  int64_t Put(lobby::Request request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The lease while it is present; else null.
  LatestLease* FindPresent(const lobby::Lease& lease) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const base::Clock& clock_;
  const int64_t max_pending_;
  mutable base::Mutex mu_;
  absl::Status next_failure_ ABSL_GUARDED_BY(mu_);
  int64_t calls_left_ ABSL_GUARDED_BY(mu_) = std::numeric_limits<int64_t>::max();
  int64_t calls_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t last_revision_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, lobby::Request, std::less<>> requests_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, lobby::GameServer, std::less<>> servers_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, LatestLease, std::less<>> leases_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string, std::less<>> settings_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
