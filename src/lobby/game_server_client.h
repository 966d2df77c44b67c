#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace muster::lobby {

// Whether a game server holds a slot for a client.
enum class SlotAnswer {
  kHeld,
  // It said so.
  kNotHeld,
  // It did not answer, or not so that one could tell: `detail` says why.
  kNoAnswer,
};

// How many players a server takes and has; what it takes is at least 0.
struct Occupancy {
  int slots = 0;
  // Held slots, of players that are there or still to come.
  int used = 0;
};

// The calls to game servers. Each ends within its timeout, by calling `done` once, on a thread of
// the client or the caller's; `done` must be short. Thread-safe.
//
// Format: POST, GET and DELETE {control_url}/reservation/{client id as one segment}, no body, no
// headers of ours; 200 means held, anything else not. GET {control_url}/status is ours, and servers
// need not have it.
class GameServerClient {
 public:
  using OnSlot = std::function<void(SlotAnswer answer, const std::string& detail)>;
  // Nothing: the server answers but does not tell.
  using OnOccupancy = std::function<void(absl::StatusOr<std::optional<Occupancy>>)>;

  virtual ~GameServerClient() = default;

  // Asks for a slot. When the answer is not 200, or does not come while a connection was made, the
  // slot may be held all the same: then, within the same timeout, it is looked up before anything
  // is said. It is kNotHeld only when the look-up was answered with 404; a server that answers the
  // look-up with anything but 200 and 404 has not told.
  virtual void Reserve(const std::string& control_url, const std::string& client_id,
                       std::chrono::milliseconds timeout, OnSlot done) = 0;
  // Whether the slot is still held: kNotHeld only when the server said 404.
  virtual void Check(const std::string& control_url, const std::string& client_id,
                     std::chrono::milliseconds timeout, OnSlot done) = 0;
  // Gives the slot back: kNotHeld when the server said so or does not know how (404, 405, 501);
  // kHeld with any other answer, such as that the player is there.
  virtual void Release(const std::string& control_url, const std::string& client_id,
                       std::chrono::milliseconds timeout, OnSlot done) = 0;
  virtual void Ask(const std::string& control_url, std::chrono::milliseconds timeout,
                   OnOccupancy done) = 0;
};

}  // namespace muster::lobby
