#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "lobby/game_server_client.h"
#include "net/async_sender.h"

namespace muster::provision {

// Speaks to game servers over HTTP, as GameServerClient says. Thread-safe; calls under way may
// outlive it.
//
// Ids go into the path as one segment, percent-encoded where RFC 3986 asks for it. Ids that no
// encoding keeps apart from the path itself ("", ".", "..") get kNoAnswer without a call.
//
// Reserve leaves a quarter of its timeout for looking up what became of an ask without an answer.
// When the server cannot have seen the ask at all, it says kNoAnswer at once.
//
// GET {control_url}/status answers {"slots": 4, "used": 1}; other members are passed over. An
// answer that is not 200, no such JSON, or holds a number below 0 or above 1,000,000 tells nothing.
// `used` may be above `slots`: a server that takes no more players has some all the same.
class ReservationClient final : public lobby::GameServerClient {
 public:
  // Both outlive the client, and the calls.
  explicit ReservationClient(net::AsyncSender* sender,
                             const base::Clock* clock = &base::Clock::System());

  void Reserve(const std::string& control_url, const std::string& client_id,
               std::chrono::milliseconds timeout, OnSlot done) override;
  void Check(const std::string& control_url, const std::string& client_id,
             std::chrono::milliseconds timeout, OnSlot done) override;
  // Any answer of 2xx, and 404, 405 and 501, is kNotHeld; any other one is kHeld.
  void Release(const std::string& control_url, const std::string& client_id,
               std::chrono::milliseconds timeout, OnSlot done) override;
  void Ask(const std::string& control_url, std::chrono::milliseconds timeout,
           OnOccupancy done) override;

 private:
  net::AsyncSender* const sender_;
  const base::Clock* const clock_;
};

}  // namespace muster::provision
