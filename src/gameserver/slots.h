#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace muster::gameserver {

// Who holds a slot: players that are here, and players that are still to come, until their time
// runs out. Never more holders than slots. Not thread-safe.
class Slots {
 public:
  struct Options {
    size_t slots = 4;
    // For a player to come after the reservation.
    std::chrono::milliseconds reservation_ttl{60'000};
    // For a player to come back after a lost connection.
    std::chrono::milliseconds reconnect{10'000};
  };
  enum class Released { kYes, kNotHeld, kPlaying };

  Slots(Options options, const base::Clock& clock) : options_(options), clock_(clock) {}

  // Whether the player holds a slot now. Who held one before keeps it, and, while still to come,
  // has all of the reservation's time again. False: all slots are taken.
  bool Reserve(std::string_view player);
  bool Holds(std::string_view player) const { return holders_.find(player) != holders_.end(); }
  // Gives the slot of a player who is not connected to others.
  Released Release(std::string_view player);

  // The holder is here: the slot has no end. False: no slot is held.
  bool Connect(std::string_view player);
  // The holder is gone, and may come back for a while.
  void Disconnect(std::string_view player);
  // Frees the slots of those who did not come in time.
  void Expire();

  size_t size() const { return options_.slots; }
  size_t used() const { return holders_.size(); }
  size_t connected() const { return connected_; }

 private:
  enum class Presence { kExpected, kConnected };
  struct Holder {
    Presence presence = Presence::kExpected;
    // Of one who is expected.
    base::MonotonicTime deadline;
  };

  const Options options_;
  const base::Clock& clock_;
  std::map<std::string, Holder, std::less<>> holders_;
  size_t connected_ = 0;
};

}  // namespace muster::gameserver
