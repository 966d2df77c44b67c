#include "store/sqlite/transaction.h"

#include "base/status_macros.h"
#include "lobby/records.h"

namespace muster::store::sqlite {
namespace {

bool MayReplace(const std::optional<RequestRow>& present, int64_t replaced) {
  if (!present) return replaced == 0;
  if (present->revision == replaced) return true;
  // A record that cannot be read back counts as none.
  return replaced == 0 && !lobby::DecodeRequest(present->record).ok();
}

}  // namespace

absl::StatusOr<Transaction::Outcome> Transaction::WriteRequest(RequestRow& row, int64_t replaced,
                                                               int64_t max_pending) {
  MUSTER_ASSIGN_OR_RETURN(const auto present, tables_.FindRequest(row.client_id));
  if (!MayReplace(present, replaced)) return Outcome::kOtherRecord;
  const int64_t more = int64_t{row.pending} - int64_t{present && present->pending};
  if (more > 0 && state_.pending + more > max_pending) return Outcome::kTooManyPending;
  row.revision = state_.last_revision + 1;
  MUSTER_RETURN_IF_ERROR(present ? tables_.UpdateRequest(row) : tables_.InsertRequest(row));
  state_.last_revision = row.revision;
  state_.pending += more;
  return Outcome::kWritten;
}

absl::Status Transaction::RemoveRequest(std::string_view client_id, int64_t revision) {
  MUSTER_ASSIGN_OR_RETURN(const auto present, tables_.FindRequest(client_id));
  if (!present || present->revision != revision) return absl::OkStatus();
  MUSTER_RETURN_IF_ERROR(tables_.RemoveRequest(client_id));
  state_.pending -= int64_t{present->pending};
  return absl::OkStatus();
}

absl::Status Transaction::RemoveRevision(int64_t revision) {
  MUSTER_ASSIGN_OR_RETURN(const bool was_pending, tables_.RemoveRevision(revision));
  state_.pending -= int64_t{was_pending};
  return absl::OkStatus();
}

bool Transaction::IsPresent(const lobby::Lease& lease, base::MonotonicTime now) const {
  const auto latest = state_.leases.find(lease.name);
  return latest != state_.leases.end() && latest->second.fence == lease.fence &&
         now < latest->second.until;
}

absl::StatusOr<std::optional<lobby::Lease>> Transaction::AcquireLease(
    std::string_view name, base::MonotonicTime now, std::chrono::milliseconds ttl) {
  WriterState::LatestLease& latest = state_.leases[std::string(name)];
  if (now < latest.until) return std::nullopt;
  latest = {.fence = latest.fence + 1, .until = now + ttl};
  MUSTER_RETURN_IF_ERROR(tables_.SetFence(name, latest.fence));
  return lobby::Lease{.name = std::string(name), .fence = latest.fence};
}

void Transaction::ExtendLease(const lobby::Lease& lease, base::MonotonicTime until) {
  state_.leases.find(lease.name)->second.until = until;
}

}  // namespace muster::store::sqlite
