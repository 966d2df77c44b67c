#include "lobby/fleet_lease.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace muster::lobby {

absl::Status FleetLease::Acquire() {
  lease_.reset();
  const base::MonotonicTime asked_at = clock_.MonotonicNow();
  MUSTER_ASSIGN_OR_RETURN(lease_, store_.AcquireLease("fleet", ttl_));
  tried_ = asked_at;
  until_ = asked_at + ttl_;
  return absl::OkStatus();
}

absl::Status FleetLease::Keep() {
  if (!held()) return absl::FailedPreconditionError("the fleet's lease ran out");
  if (UntilDue() > std::chrono::milliseconds(0)) return absl::OkStatus();
  const base::MonotonicTime asked_at = clock_.MonotonicNow();
  MUSTER_RETURN_IF_ERROR(store_.RenewLease(*lease_, ttl_));
  tried_ = asked_at;
  until_ = asked_at + ttl_;
  return absl::OkStatus();
}

std::chrono::milliseconds FleetLease::UntilDue() const {
  if (!tried_.has_value()) return std::chrono::milliseconds(0);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*tried_ + ttl_ / 3 - clock_.MonotonicNow());
  return std::max(std::chrono::milliseconds(0), left);
}

void FleetLease::Release() {
  if (!lease_.has_value()) return;
  // If it fails, the lease runs out.
  store_.ReleaseLease(*lease_).IgnoreError();
  lease_.reset();
}

}  // namespace muster::lobby
