#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::net::server {

// Counts the connections that are open, in all and of each peer, and lets no more in than there may
// be. Thread-safe; outlives its tickets.
class Admission {
 public:
  struct Limits {
    size_t connections = 0;
    // 0: no limit of its own.
    size_t per_peer = 0;
  };

  // The place of one connection, given back at the end of its life. Movable.
  class Ticket {
   public:
    Ticket(Admission& admission, std::string peer)
        : admission_(&admission), peer_(std::move(peer)) {}
    Ticket(Ticket&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), peer_(std::move(other.peer_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (admission_ != nullptr) admission_->Leave(peer_);
    }
    const std::string& peer() const { return peer_; }

   private:
    Admission* admission_;
    std::string peer_;
  };

  explicit Admission(Limits limits) : limits_(limits) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Nothing when there are too many connections, in all or of this peer.
  std::optional<Ticket> Enter(std::string peer);
  size_t connections() const;
  // Returns when no connection is left, or after `timeout`.
  void WaitUntilEmpty(std::chrono::milliseconds timeout);

 private:
  void Leave(std::string_view peer);

  const Limits limits_;

  mutable base::Mutex mutex_;
  base::CondVar left_;
  size_t connections_ ABSL_GUARDED_BY(mutex_) = 0;
  // Empty without a limit for each.
  absl::flat_hash_map<std::string, size_t, base::StringHash, base::StringEq> per_peer_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace muster::net::server
