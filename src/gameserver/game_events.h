#pragma once

#include <string>
#include <utility>
#include <vector>

namespace muster::gameserver {

// Something that happened to a game, for the lobby and whoever else follows.
struct GameEvent {
  // "state_change", "player_disconnect" or "game_removed".
  std::string type;
  std::string game_id;
  // What the type adds, for example {"new_state", "creator_joined"}.
  std::vector<std::pair<std::string, std::string>> fields;

  bool operator==(const GameEvent&) const = default;
};

// Where events go, in the order of the calls. Never waits. Thread-safe.
class GameEvents {
 public:
  virtual ~GameEvents() = default;
  virtual void Publish(GameEvent event) = 0;
};

}  // namespace muster::gameserver
