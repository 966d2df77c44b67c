#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "base/clock.h"
#include "lobby/game_server.h"
#include "lobby/game_server_client.h"

namespace muster::lobby {

// Between the first looks at a new server, growing up to call_pause: a process is there within
// milliseconds, and a refused connection costs nothing.
inline constexpr std::chrono::milliseconds kFirstLookPause{5};

enum class ServerPhase {
  // Recorded by a predecessor; the engine's list will tell whether it came to be.
  kUnlisted,
  // The engine is asked to start it.
  kLaunching,
  // Runs, and has not answered yet.
  kBooting,
  kReady,
  kDraining,
  // The engine is, or will be, asked to stop it.
  kEnding,
  // Only its record is left.
  kEnded,
};

// A slot that a server may hold for a client who is not to have it.
struct LeftSlot {
  std::string request_id;
  // A call about it is under way, whose answer decides.
  bool busy = false;
  // So often the server kept it, and when it is asked again.
  int kept = 0;
  std::optional<base::Timestamp> next_call;
};

// What counts of a server for all of them together.
struct Standing {
  bool starting = false;
  bool empty = false;
  // Adopted, and not looked at yet.
  bool unsure = false;
  int room = 0;
  // May be asked for a slot now.
  bool open = false;
};

// A server as the fleet knows it. After changes FleetServers::Update is to be called.
struct FleetServer {
  GameServer record;
  ServerPhase phase = ServerPhase::kUnlisted;
  // Since when the engine has it: a list from before does not tell.
  base::Timestamp launched_at{};
  // The store has a record of it; it is to be written.
  bool recorded = true;
  bool write = false;
  // Why it ends.
  std::string reason;

  // Clients: recorded for it; of these, to be called still; those whose slot it holds.
  absl::flat_hash_set<std::string> asking;
  std::deque<std::string> to_call;
  absl::flat_hash_set<std::string> holders;
  std::map<std::string, LeftSlot, std::less<>> left;
  // Calls about slots under way.
  int calls = 0;

  // Tells its occupancy; else what it takes is learned from its refusals.
  bool tells = false;
  Occupancy look;
  // Held when it was looked at, by nobody the fleet knows of.
  int foreign = 0;
  // Confirmed since the latest look was asked for, and since the one under way was.
  int since_look = 0;
  int since_asked = 0;
  // What it held when it refused; 0: not known.
  int learned = 0;

  // A look is under way; when it is answered, another one is due.
  bool looking = false;
  bool look_again = false;
  bool looked = false;
  bool answering = false;
  // It was started by this fleet, and has held no slot yet.
  bool fresh = false;
  // It said no, and is not asked before full_until.
  bool refused = false;
  // In a row.
  int unanswered_looks = 0;
  int unanswered_calls = 0;
  bool stopping = false;
  int failed_stops = 0;

  base::Timestamp asked_at{};
  base::Timestamp next_look{};
  std::chrono::milliseconds look_pause = kFirstLookPause;
  std::optional<base::Timestamp> start_deadline;
  base::Timestamp full_until{};
  std::optional<base::Timestamp> empty_since;
  base::Timestamp next_stop{};

  // Of FleetServers.
  Standing standing;
  bool touched = false;
  std::optional<base::Timestamp> wakes_at;
};

}  // namespace muster::lobby
