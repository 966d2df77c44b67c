#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "lobby/request.h"

namespace muster::lobby {

// Where a request stands with the fleet.
enum class RequestStage {
  // The store has a newer record, which is still to be told.
  kUnknown,
  // Waits in the line for a server with room.
  kWaiting,
  // Recorded for `server_id`, which is asked, or will be.
  kAsking,
  // `server_id` holds its slot; the record is still to say so.
  kHeld,
  kDone,
  // The record is still to say that it failed.
  kFailing,
  // The record says so, as soon as it is committed.
  kFailed,
  // `server_id` is still to give its slot back; then the record goes.
  kLeaving,
  // The record is still to be removed.
  kRemoving,
};

// A request as the fleet knows it.
struct FleetRequest {
  Request record;
  RequestStage stage = RequestStage::kUnknown;
  // Of kAsking, kHeld, kDone and kLeaving.
  std::string server_id;
  // Of kAsking: the call is under way.
  bool called = false;
  // Of kAsking: the server may hold a slot that the client left there.
  bool left_there = false;
  // Of kFailing.
  std::string reason;
  // The write was in conflict: not before the newer record is told.
  bool stale = false;
};

// All requests that are not over, the line of those that wait, oldest first, and the queue of those
// whose record is to be written. Pointers hold until Erase. Not thread-safe.
class FleetRequests {
 public:
  struct Older {
    bool operator()(const FleetRequest* a, const FleetRequest* b) const;
  };
  using Line = std::set<FleetRequest*, Older>;

  // Null when there is none.
  FleetRequest* Find(std::string_view client_id);
  // There must be none of that client.
  FleetRequest& Add(const Request& record);
  void Erase(FleetRequest& request);

  // The record as it is in the store now; it is stale no more.
  void Renew(FleetRequest& request, const Request& record);
  // Changes the stage; takes it into the line and the queue, and out of the line.
  void Move(FleetRequest& request, RequestStage stage);

  const Line& line() const { return line_; }
  // The next whose record is to be written, taken off the queue; null when there is none.
  FleetRequest* NextToWrite();
  bool HasWrites() const { return !to_write_.empty(); }

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<FleetRequest>, base::StringHash, base::StringEq>
      requests_;
  Line line_;
  // Clients; some may need it no more.
  std::deque<std::string> to_write_;
};

}  // namespace muster::lobby
