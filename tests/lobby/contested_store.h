#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "lobby/store.h"

namespace muster::lobby {

// A way to a store on which somebody else is quicker: just before a write of a request another one
// changes the record. Everything else goes through. Thread-safe.
class ContestedStore final : public Store {
 public:
  explicit ContestedStore(Store& store) : store_(store) {}

  // So many more writes are contested.
  void Contest(int writes) { contests_ = writes; }

  absl::StatusOr<Request> WriteRequest(const Request& request) override {
    if (contests_-- > 0) {
      Request other = store_.FindRequest(request.client_id)
                          .value()
                          .value_or(Request{.client_id = request.client_id, .id = "other"});
      other.reason = "somebody else was quicker";
      EXPECT_TRUE(store_.WriteRequest(other).ok());
    }
    return store_.WriteRequest(request);
  }

  absl::StatusOr<std::optional<Request>> FindRequest(std::string_view client_id) override {
    return store_.FindRequest(client_id);
  }
  absl::StatusOr<std::vector<Request>> RequestsAfter(int64_t revision, size_t limit) override {
    return store_.RequestsAfter(revision, limit);
  }
  absl::StatusOr<std::vector<Request>> ExpiredRequests(base::Timestamp now, size_t limit) override {
    return store_.ExpiredRequests(now, limit);
  }
  absl::StatusOr<std::vector<GameServer>> Servers() override { return store_.Servers(); }
  absl::StatusOr<std::vector<int64_t>> Commit(const Lease& lease, const Batch& batch) override {
    return store_.Commit(lease, batch);
  }
  absl::StatusOr<std::optional<Lease>> AcquireLease(std::string_view name,
                                                    std::chrono::milliseconds ttl) override {
    return store_.AcquireLease(name, ttl);
  }
  absl::Status RenewLease(const Lease& lease, std::chrono::milliseconds ttl) override {
    return store_.RenewLease(lease, ttl);
  }
  absl::Status ReleaseLease(const Lease& lease) override { return store_.ReleaseLease(lease); }
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override {
    return store_.Setting(name, initial);
  }
  absl::Status Check() override { return store_.Check(); }
  int64_t unreadable_records() const override { return store_.unreadable_records(); }

 private:
  Store& store_;
  std::atomic<int> contests_{0};
};

}  // namespace muster::lobby
