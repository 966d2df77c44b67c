#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "lobby/store.h"
#include "store/sqlite/tables.h"

namespace muster::store::sqlite {

// What the one writer of a file knows without looking; put back as it was when a commit fails.
struct WriterState {
  struct LatestLease {
    int64_t fence = 0;
    // Leases die with the process, so that only the fence is in the file.
    base::MonotonicTime until = base::MonotonicTime::min();
  };

  int64_t last_revision = 0;
  // Requests that wait.
  int64_t pending = 0;
  std::map<std::string, LatestLease, std::less<>> leases;
};

// One caller's steps within a transaction that others may share. An error of a step says that the
// whole transaction has failed; what a caller may be refused is no error but a result.
class Transaction {
 public:
  enum class Outcome { kWritten, kOtherRecord, kTooManyPending };

  Transaction(Tables& tables, WriterState& state) : tables_(tables), state_(state) {}

  // Replaces the record of revision `replaced`, 0 for none, by `row`, whose revision it sets. At
  // most `max_pending` wait thereafter, unless there were more already and it adds none.
  absl::StatusOr<Outcome> WriteRequest(RequestRow& row, int64_t replaced, int64_t max_pending);
  // Does nothing when the record has another revision.
  absl::Status RemoveRequest(std::string_view client_id, int64_t revision);
  // Whosever it is.
  absl::Status RemoveRevision(int64_t revision);

  bool IsPresent(const lobby::Lease& lease, base::MonotonicTime now) const;
  absl::StatusOr<std::optional<lobby::Lease>> AcquireLease(std::string_view name,
                                                           base::MonotonicTime now,
                                                           std::chrono::milliseconds ttl);
  // Of a lease that is present.
  void ExtendLease(const lobby::Lease& lease, base::MonotonicTime until);

  Tables& tables() { return tables_; }

 private:
  Tables& tables_;
  WriterState& state_;
};

}  // namespace muster::store::sqlite
