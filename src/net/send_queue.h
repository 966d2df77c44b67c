#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/http.h"

namespace muster::net {

// A request on its way through an AsyncSender.
struct SendJob {
  base::HttpRequest request;
  std::function<void(absl::StatusOr<base::HttpResponse>)> done;
  // "host:port".
  std::string endpoint;
  base::MonotonicTime deadline;
};

// Which request is sent when. A request is admitted, and then under way until Finished, while there
// is room for it in all and at its endpoint; else it waits. Of one endpoint those that came first
// are admitted first, and endpoints take turns. Not thread-safe.
class SendQueue {
 public:
  struct Limits {
    size_t max_in_flight;
    size_t max_per_host;
    size_t max_waiting;
  };

  explicit SendQueue(const Limits& limits) : limits_(limits) {}

  // False when too many wait, and `job` is as it was.
  [[nodiscard]] bool Add(SendJob&& job);
  // The next one of those that were admitted; nothing when all have been taken.
  std::optional<SendJob> TakeAdmitted();
  // One that was taken is over.
  void Finished(const std::string& endpoint);

  // Removes those that waited past their deadline.
  std::vector<SendJob> TakeExpired(base::MonotonicTime now);
  // Of all that wait; nothing when none does.
  std::optional<base::MonotonicTime> next_deadline() const;

  // Removes all but those that were taken.
  std::vector<SendJob> TakeAll();

  size_t waiting() const { return deadlines_.size(); }
  // Admitted, and not Finished.
  size_t in_flight() const { return in_flight_; }

 private:
  struct Host {
    size_t in_flight = 0;
    // By their number, which grows.
    std::map<uint64_t, SendJob> waiting;
    // Its key in turns_; 0 when it has none.
    uint64_t turn = 0;
  };
  // So that hosts can be found from what waits there.
  using HostEntry = std::pair<const std::string, Host>;
  using Deadline = std::pair<base::MonotonicTime, uint64_t>;

  void Admit(Host* host, SendJob job);
  // Admits what there is room for.
  void AdmitWaiting();
  SendJob TakeWaiting(HostEntry* entry, uint64_t number);
  // Gives the host a turn, takes it away or forgets the host, as it is now.
  void Settle(HostEntry* entry);

  const Limits limits_;
  uint64_t last_number_ = 0;
  size_t in_flight_ = 0;
  std::deque<SendJob> admitted_;
  // Those with something under way or waiting.
  std::map<std::string, Host> hosts_;
  // Hosts that have room and something waiting, who waits longest for a turn first.
  std::map<uint64_t, HostEntry*> turns_;
  // Of all that wait.
  std::map<Deadline, HostEntry*> deadlines_;
};

}  // namespace muster::net
