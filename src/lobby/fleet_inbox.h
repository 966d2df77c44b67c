#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "lobby/fleet.h"

namespace muster::lobby {

// What other threads tell the fleet's loop: results of calls, and that there is work. It outlives
// the loop where a call does; what comes then is not read. Thread-safe.
class FleetInbox {
 public:
  // Run by the loop. Null when there is no fleet, or not the one it is for.
  using Event = std::function<void(Fleet* fleet, base::Timestamp now)>;
  // Events of every fleet.
  static constexpr int64_t kAnyFleet = -1;

  struct Mail {
    struct Item {
      int64_t fleet = kAnyFleet;
      Event event;
    };
    std::vector<Item> items;
    // Servers whose occupancy changed.
    std::set<std::string> changed;
    // Requests were written.
    bool work = false;
    // Exits may have been missed.
    bool list = false;
    // The lease may be free.
    bool lease = false;
    bool stop = false;
  };

  // `fleet`: the number of the fleet it is for. Events are bounded by the calls under way.
  void Post(int64_t fleet, Event event);
  // A message on the bus's work channel.
  void PostWork(std::string_view payload);
  // Messages were lost.
  void PostGap();
  void PostList();
  void PostStop();

  // Waits until there is something, for at most `timeout`, and takes all of it. The wish to stop
  // stays.
  Mail Await(std::chrono::milliseconds timeout);

 private:
  void Tell(bool Mail::*what);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  base::Mutex mu_;
  base::CondVar wake_;
  Mail mail_ ABSL_GUARDED_BY(mu_);
  bool has_mail_ ABSL_GUARDED_BY(mu_) = false;
};

// Payload on the work channel: an owner gave the lease back. A server's id says that its occupancy
// changed; an empty one that requests were written.
inline constexpr std::string_view kLeaseIsFree = "lease";

}  // namespace muster::lobby
