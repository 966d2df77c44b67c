#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "lobby/fleet_server.h"
#include "lobby/game_server.h"

namespace muster::lobby {

// Calls about slots that are under way at one server, at most.
inline constexpr int kMaxSlotCalls = 64;

// All servers: those with room in order, fullest first, sums over all, and who is to be seen to.
// Costs of each call are O(log n). Pointers hold until Erase. Not thread-safe.
class FleetServers {
 public:
  // `slots`: of a server that does not tell; 0: without bound, until it refuses.
  explicit FleetServers(int slots) : slots_(slots) {}

  FleetServer* Find(std::string_view id);
  // There must be none of that id.
  FleetServer& Add(const GameServer& record, ServerPhase phase);
  void Erase(FleetServer& server);

  // After any change: its place in the order, and the sums.
  void Recount(FleetServer& server);
  // The same, and it is seen to in the next round.
  void Update(FleetServer& server);
  // It is to be seen to at that time.
  void WakeAt(FleetServer& server, base::Timestamp time);
  // Those that were updated, or whose time has come.
  std::vector<FleetServer*> TakeDue(base::Timestamp now);
  // When the next is due; nothing when none is.
  std::optional<base::Timestamp> next_wake() const;

  // Null when no server may be asked for a slot now.
  FleetServer* Fullest() const;
  int Capacity(const FleetServer& server) const;
  int Used(const FleetServer& server) const;

  // By id.
  const std::map<std::string, std::unique_ptr<FleetServer>, std::less<>>& all() const {
    return servers_;
  }
  int size() const { return static_cast<int>(servers_.size()); }
  int starting() const { return starting_; }
  int empty() const { return empty_; }
  int unsure() const { return unsure_; }
  int64_t room() const { return room_; }

 private:
  Standing StandingOf(const FleetServer& server) const;
  void Count(const FleetServer& server, int sign);

  const int slots_;
  std::map<std::string, std::unique_ptr<FleetServer>, std::less<>> servers_;
  // With ids, which the records own.
  std::set<std::pair<int, std::string_view>> open_;
  std::set<std::pair<base::Timestamp, std::string_view>> agenda_;
  std::vector<FleetServer*> touched_;
  int starting_ = 0;
  int empty_ = 0;
  int unsure_ = 0;
  int64_t room_ = 0;
};

}  // namespace muster::lobby
