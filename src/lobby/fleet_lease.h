#pragma once

#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "base/clock.h"
#include "lobby/store.h"

namespace muster::lobby {

// The lease "fleet" as its holder sees it. It counts as lost when its time has run out by the
// monotonic clock, whatever the store says. Not thread-safe.
class FleetLease {
 public:
  // Both outlive the object.
  FleetLease(Store& store, const base::Clock& clock, std::chrono::milliseconds ttl)
      : store_(store), clock_(clock), ttl_(ttl) {}

  bool held() const { return lease_.has_value() && clock_.MonotonicNow() < until_; }
  // What commits are made with; only while it is held.
  const Lease& lease() const { return *lease_; }

  // OK also when somebody else has it: then held() is false. Errors are the store's.
  absl::Status Acquire();
  // Renews it when a third of its time is over. FAILED_PRECONDITION when it is lost, other errors
  // are the store's.
  absl::Status Keep();
  // When Keep has to renew it, or Acquire may find it free.
  std::chrono::milliseconds UntilDue() const;
  // It may be free already.
  void TryNow() { tried_.reset(); }
  void Drop() { lease_.reset(); }
  void Release();

 private:
  Store& store_;
  const base::Clock& clock_;
  const std::chrono::milliseconds ttl_;
  std::optional<Lease> lease_;
  base::MonotonicTime until_{};
  std::optional<base::MonotonicTime> tried_;
};

}  // namespace muster::lobby
