#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lobby/game_server.h"
#include "lobby/request.h"

namespace muster::lobby {

// The right to be the only one who does a thing, until it expires. The fence grows with every
// lease of that name, so that a holder who was slow to notice can be told from the present one.
struct Lease {
  std::string name;
  int64_t fence = 0;

  bool operator==(const Lease&) const = default;
};

// What the holder of a lease writes in one step.
struct Batch {
  // Each replaces the record of its revision; 0: the client must have none.
  std::vector<Request> requests;
  // Each is removed if it still has that revision; only client_id and revision count.
  std::vector<Request> removed_requests;
  std::vector<GameServer> servers;
  std::vector<std::string> removed_servers;

  size_t size() const {
    return requests.size() + removed_requests.size() + servers.size() + removed_servers.size();
  }
  bool empty() const { return size() == 0; }
};

// The lobby's memory. What a call has returned OK for is durable, and seen by all replicas. Calls
// block; thread-safe. Every call may say UNAVAILABLE: the store cannot be reached or is full, and
// nothing was written, or, if the connection broke at the wrong moment, all of it. A record that
// cannot be read back counts as none; it goes when its client writes another one or it has expired.
class Store {
 public:
  // Of one batch. It cannot be cut in two, and a store may do nothing else meanwhile: so many take
  // it some 100 ms.
  static constexpr size_t kMaxBatchItems = 10'000;

  virtual ~Store() = default;

  virtual absl::StatusOr<std::optional<Request>> FindRequest(std::string_view client_id) = 0;

  // Replaces the record with request.revision by this one; revision 0: there must be none. Returns
  // it with its new revision. ABORTED when another record is there. RESOURCE_EXHAUSTED when it
  // would be one request too many in the states created and in_progress.
  virtual absl::StatusOr<Request> WriteRequest(const Request& request) = 0;

  // Requests whose revision is greater, in the order of revisions; at most `limit`. Nothing that
  // was written before the call and is still there is missed, also when the writer was slow.
  virtual absl::StatusOr<std::vector<Request>> RequestsAfter(int64_t revision, size_t limit) = 0;

  // Requests with expires_at <= `now`, those that expired first; at most `limit`.
  virtual absl::StatusOr<std::vector<Request>> ExpiredRequests(base::Timestamp now,
                                                               size_t limit) = 0;

  virtual absl::StatusOr<std::vector<GameServer>> Servers() = 0;

  // Writes all of the batch, except requests whose revision is no longer there. Returns, for
  // batch.requests in their order, the new revision, or 0 where another record was in the way.
  // Nothing is written and it is FAILED_PRECONDITION when `lease` is not the present one, and
  // INVALID_ARGUMENT when there are more than kMaxBatchItems.
  virtual absl::StatusOr<std::vector<int64_t>> Commit(const Lease& lease, const Batch& batch) = 0;

  // The lease, when nobody holds it or its time has run out; nothing while somebody does.
  virtual absl::StatusOr<std::optional<Lease>> AcquireLease(std::string_view name,
                                                            std::chrono::milliseconds ttl) = 0;
  // It holds for `ttl` from now on. FAILED_PRECONDITION when it is not the present one.
  virtual absl::Status RenewLease(const Lease& lease, std::chrono::milliseconds ttl) = 0;
  // Lets others have it at once. OK also when it is not the present one.
  virtual absl::Status ReleaseLease(const Lease& lease) = 0;

  // The value stored under that name; `initial` is stored when there is none yet.
  virtual absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) = 0;

  // OK when it can be reached and written now; else why not.
  virtual absl::Status Check() = 0;

  // How often this store met a record that cannot be read back: damage, or the work of another
  // program, which somebody should look at.
  virtual int64_t unreadable_records() const = 0;
};

}  // namespace muster::lobby
