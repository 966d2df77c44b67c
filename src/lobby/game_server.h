#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "lobby/request.h"

namespace muster::lobby {

enum class ServerState {
  // Recorded before the engine is asked for it, so that none runs unknown.
  kStarting,
  // Answered once.
  kReady,
  // Takes no more players; stopped when it is empty.
  kDraining,
};

// For example "starting".
std::string_view ServerStateName(ServerState state);

// A game server that the lobby started, as the store keeps it.
struct GameServer {
  // Names it everywhere: in the store, the engine's labels and the server's own environment. Lower
  // case letters, digits and hyphens, 2 to 40 of them.
  std::string id;
  ServerState state = ServerState::kStarting;
  // `place.server_id` is `id`; the rest is empty until the engine has it.
  Place place;
  // What it was made from: servers of another version are drained.
  std::string version;
  // Players it takes; 0: not known.
  int slots = 0;
  base::Timestamp created_at{};

  bool operator==(const GameServer&) const = default;
};

}  // namespace muster::lobby
