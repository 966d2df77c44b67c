#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/ids.h"
#include "lobby/fleet_decisions.h"
#include "lobby/fleet_options.h"
#include "lobby/game_server.h"
#include "lobby/game_server_client.h"
#include "lobby/provisioner.h"
#include "lobby/request.h"

namespace muster::lobby {

// Which request goes to which server, and which servers there shall be: the rules alone, without
// store, engine, network or clock. Whoever runs it owns the fleet's lease, tells it what happened,
// and does what it decides. Every decision can be made again by a successor from the store and the
// engine's list: a request is given to a server in the store before that server is asked, and a
// server stands in the store before the engine is asked.
//
// The fullest server with room is chosen, so that others become empty. A server that is starting
// has room, too: who waits is counted against it, so that no more servers are started than are
// needed. Costs of a decision grow with what changed, not with all that is there, but for the looks
// at each server. Not thread-safe.
//
// Between Decide and OnCommitted nothing else is told. When the fate of a commit is not known, the
// fleet is thrown away and made anew from the store.
class Fleet {
 public:
  Fleet(const FleetOptions& options, std::string version, base::IdGenerator ids);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // At take-over, before anything else is told: a server of the store. `launching`: this process is
  // still waiting for the engine's answer to its start, and will tell it.
  void OnServer(const GameServer& server, bool launching);
  // A record of the store: at take-over all of them, later those that changed. Records the fleet
  // wrote itself may come again.
  void OnRequest(const Request& request);
  // The record's expires_at has come: its slot is given back and it is removed, unless it changed.
  void OnExpired(const Request& request);
  // All that the engine has, as of a time after `asked_at`: what runs and is not in the store is
  // stopped; what is in the store and not there has ended. Nothing is started before the first one.
  void OnList(const std::vector<FoundServer>& found, base::Timestamp asked_at);

  // Answers to what was decided. `revisions`: of batch.requests in their order, 0 for a conflict;
  // then the record that was in the way is still to be told.
  void OnCommitted(const FleetDecisions& decisions, const std::vector<int64_t>& revisions);
  void OnReserved(const FleetDecisions::SlotCall& call, SlotAnswer answer,
                  const std::string& detail, base::Timestamp now);
  void OnReleased(const FleetDecisions::SlotCall& call, SlotAnswer answer);
  void OnStarted(const std::string& server_id, const absl::StatusOr<Place>& place,
                 base::Timestamp now);
  void OnStopped(const std::string& server_id, const absl::Status& status, base::Timestamp now);
  void OnOccupancy(const std::string& server_id,
                   const absl::StatusOr<std::optional<Occupancy>>& occupancy, base::Timestamp now);

  // Unasked for.
  void OnExit(const std::string& server_id, const std::string& reason, base::Timestamp now);
  // The server says that its occupancy changed.
  void OnServerChanged(const std::string& server_id);
  // An operator wants it to take no more players; `at_once`: its players are told, and it is
  // stopped. NOT_FOUND when there is none.
  absl::Status Drain(const std::string& server_id, bool at_once);
  // Starts nothing and gives no request to a server any more; stops servers without players, with
  // players, or none.
  void ShutDown(bool stop_empty, bool stop_used);
  // After ShutDown: nothing of it is left to do.
  bool HasShutDown() const;

  FleetDecisions Decide(base::Timestamp now);
  FleetView View() const;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace muster::lobby
