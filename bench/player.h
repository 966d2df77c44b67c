#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace muster::bench {

// A player's WebSocket at a lobby that takes names for proof (LOBBY_AUTH=dev), subscribed to the
// player's request. Not thread-safe.
class Player {
 public:
  // Waits until it is subscribed. UNAVAILABLE when the lobby does not let it in.
  static absl::StatusOr<Player> Join(const std::string& lobby, const std::string& client_id);
  ~Player();
  Player(Player&& other) noexcept;
  Player& operator=(Player&&) = delete;

  int fd() const { return fd_; }
  // What makes the lobby look for a slot.
  std::string AskText() const;

  // Reads what has come, and waits for something when `wait`; true once the lobby has said that
  // the slot is ready. INTERNAL with its message when it says that there is none, UNAVAILABLE when
  // it closed the socket, or said nothing for a minute.
  absl::StatusOr<bool> IsReady(bool wait);
  // Asks, and waits until the slot is ready. Errors as those of Fetch and IsReady.
  absl::Status AskAndWait(const std::string& lobby);

 private:
  Player(int fd, std::string client_id);
  // The next message, once it is whole.
  std::optional<std::string> NextMessage();
  // False when nothing has come.
  absl::StatusOr<bool> Receive(bool wait);
  absl::Status AwaitText(std::string_view text);

  int fd_;
  std::string client_id_;
  std::string received_;
};

}  // namespace muster::bench
