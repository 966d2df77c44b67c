#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lobby/store.h"

namespace muster::fakes {

// A replica's own way to any store, which ends where a test wants it to: for the store it is as if
// that replica had crashed between two calls. Thread-safe as the store is.
class CrashingStore final : public lobby::Store {
 public:
  // `store` outlives it.
  explicit CrashingStore(lobby::Store& store) : store_(store) {}

  // So many more calls work; all others say UNAVAILABLE and do nothing. Of the first of these, if
  // `done`, only the answer is lost.
  void CrashAfter(int64_t calls, bool done) {
    last_is_done_ = done;
    calls_left_ = calls;
  }
  void Recover() { calls_left_ = std::numeric_limits<int64_t>::max(); }

  absl::StatusOr<std::optional<lobby::Request>> FindRequest(std::string_view client_id) override {
    return Through([&] { return store_.FindRequest(client_id); });
  }
  absl::StatusOr<lobby::Request> WriteRequest(const lobby::Request& request) override {
    return Through([&] { return store_.WriteRequest(request); });
  }
  absl::StatusOr<std::vector<lobby::Request>> RequestsAfter(int64_t revision,
                                                            size_t limit) override {
    return Through([&] { return store_.RequestsAfter(revision, limit); });
  }
  absl::StatusOr<std::vector<lobby::Request>> ExpiredRequests(base::Timestamp now,
                                                              size_t limit) override {
    return Through([&] { return store_.ExpiredRequests(now, limit); });
  }
  absl::StatusOr<std::vector<lobby::GameServer>> Servers() override {
    return Through([&] { return store_.Servers(); });
  }
  absl::StatusOr<std::vector<int64_t>> Commit(const lobby::Lease& lease,
                                              const lobby::Batch& batch) override {
    return Through([&] { return store_.Commit(lease, batch); });
  }
  absl::StatusOr<std::optional<lobby::Lease>> AcquireLease(std::string_view name,
                                                           std::chrono::milliseconds ttl) override {
    return Through([&] { return store_.AcquireLease(name, ttl); });
  }
  absl::Status RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) override {
    return Through([&] { return store_.RenewLease(lease, ttl); });
  }
  absl::Status ReleaseLease(const lobby::Lease& lease) override {
    return Through([&] { return store_.ReleaseLease(lease); });
  }
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override {
    return Through([&] { return store_.Setting(name, initial); });
  }
  absl::Status Check() override {
    return Through([&] { return store_.Check(); });
  }
  int64_t unreadable_records() const override { return store_.unreadable_records(); }

 private:
  // `call`, or that there is no way.
  template <typename Call>
  auto Through(const Call& call) -> decltype(call()) {
    const int64_t left = calls_left_--;
    if (left > 0) return call();
    if (left == 0 && last_is_done_) call().IgnoreError();
    return absl::UnavailableError("there is no way to the store");
  }

  lobby::Store& store_;
  std::atomic<bool> last_is_done_{false};
  std::atomic<int64_t> calls_left_{std::numeric_limits<int64_t>::max()};
};

}  // namespace muster::fakes
