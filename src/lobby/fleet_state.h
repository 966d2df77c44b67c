#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lobby/fleet.h"
#include "lobby/fleet_requests.h"
#include "lobby/fleet_servers.h"

namespace muster::lobby {

// The rules of Fleet, in three parts: the slots of requests (fleet_slots.cc), the lives of servers
// (fleet_lives.cc), and the round that decides (fleet_round.cc).
class Fleet::State {
 public:
  State(const FleetOptions& options, std::string version, base::IdGenerator ids)
      : options_(options),
        version_(std::move(version)),
        ids_(ids),
        expected_slots_(options.slots),
        servers_(options.slots) {}

  void OnRequest(const Request& record);
  void OnExpired(const Request& record);
  void OnCommitted(const FleetDecisions& decisions, const std::vector<int64_t>& revisions);
  void OnReserved(const FleetDecisions::SlotCall& call, SlotAnswer answer,
                  const std::string& detail, base::Timestamp now);
  void OnReleased(const FleetDecisions::SlotCall& call, SlotAnswer answer);

  void OnServer(const GameServer& record, bool launching);
  void OnList(const std::vector<FoundServer>& found, base::Timestamp asked_at);
  void OnStarted(const std::string& server_id, const absl::StatusOr<Place>& place,
                 base::Timestamp now);
  void OnStopped(const std::string& server_id, const absl::Status& status, base::Timestamp now);
  void OnOccupancy(const std::string& server_id,
                   const absl::StatusOr<std::optional<Occupancy>>& occupancy, base::Timestamp now);
  void OnExit(const std::string& server_id, const std::string& reason, base::Timestamp now);
  void OnServerChanged(const std::string& server_id);
  absl::Status Drain(const std::string& server_id, bool at_once);
  void ShutDown(bool stop_empty, bool stop_used);
  bool HasShutDown() const;

  FleetDecisions Decide(base::Timestamp now);
  FleetView View() const;

 private:
  // fleet_slots.cc
  void Settle(FleetRequest& request);
  void AskAgain(FleetRequest& request, FleetServer& server);
  void Hold(FleetRequest& request, FleetServer& server, RequestStage stage);
  void Leave(FleetRequest& request);
  void Forget(FleetRequest& request);
  void Cancel(FleetRequest& request);
  void Fail(FleetRequest& request, const std::string& reason);
  void OnConflict(FleetRequest& request);
  void OnHeld(FleetRequest& request, FleetServer& server, base::Timestamp now);
  void OnStrayAnswer(const FleetDecisions::SlotCall& call, SlotAnswer answer, base::Timestamp now);
  void OnRefused(FleetRequest& request, FleetServer& server, base::Timestamp now);
  void JudgeRefusal(FleetServer& server, base::Timestamp now);
  void OnKept(FleetServer& server, const std::string& client_id);
  void OnUnanswered(FleetServer& server);
  void OnUnansweredAsk(FleetServer& server, const std::string& detail);
  void DropLeft(FleetServer& server, const std::string& client_id);

  // fleet_lives.cc
  FleetServer* FindRunning(const std::string& server_id);
  void Write(FleetServer& server);
  void LookSoon(FleetServer& server);
  void ReadOccupancy(FleetServer& server, const std::optional<Occupancy>& occupancy);
  void DropKept(FleetServer& server);
  void OnFirstAnswer(FleetServer& server, const std::optional<Occupancy>& occupancy,
                     base::Timestamp now);
  void OnFound(const FoundServer& found, base::Timestamp asked_at);
  void FailStart(FleetServer& server, const absl::Status& status, base::Timestamp now,
                 const std::string& detail = "");
  void FailClaims(const absl::Status& status);
  void End(FleetServer& server, const std::string& reason, const std::string& detail = "",
           FleetDecisions::News::Kind kind = FleetDecisions::News::Kind::kEnded);
  void Empty(FleetServer& server, const std::string& reason);

  // fleet_round.cc
  void See(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  void SeeUnlisted(FleetServer& server, base::Timestamp now);
  void SeeBooting(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  void SeeRunning(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  void SeeEnding(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  bool EndForShutDown(FleetServer& server);
  bool EndIfIdle(FleetServer& server, base::Timestamp now);
  void EndBackOff(FleetServer& server, base::Timestamp now);
  void CallSlots(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  void ReleaseSlots(FleetServer& server, base::Timestamp now, FleetDecisions& decisions);
  void Look(FleetServer& server, base::Timestamp now, std::chrono::milliseconds timeout,
            FleetDecisions& decisions);
  void WriteRequests(base::Timestamp now, FleetDecisions& decisions);
  void WriteDone(FleetRequest& request, base::Timestamp now);
  void WriteFailed(FleetRequest& request, base::Timestamp now);
  void WriteServers(FleetDecisions& decisions);
  void GiveServers(base::Timestamp now, FleetDecisions& decisions);
  void Give(FleetRequest& request, FleetServer& server, base::Timestamp now,
            FleetDecisions& decisions);
  int ServersToStart() const;
  void StartServers(base::Timestamp now, FleetDecisions& decisions);
  // Before a call that was refused so many times is made again.
  std::chrono::milliseconds PauseAfter(int refusals) const;
  FleetDecisions::SlotCall SlotCallOf(const FleetServer& server, const std::string& client_id,
                                      const std::string& request_id) const;

  const FleetOptions options_;
  const std::string version_;
  base::IdGenerator ids_;
  // What a server that is started will take; 0: not known.
  int expected_slots_;
  FleetServers servers_;
  FleetRequests requests_;
  // Their records are to be written.
  std::vector<std::string> servers_to_write_;
  std::vector<FleetDecisions::News> news_;
  // The engine's list was seen.
  bool listed_ = false;
  bool shutting_down_ = false;
  bool stop_empty_ = false;
  bool stop_used_ = false;
  // Of starts, in a row.
  int failures_ = 0;
  base::Timestamp next_start_{};
};

// What players are told of a server that hangs or is gone without a word.
inline constexpr char kDoesNotAnswer[] = "the game server does not answer";

// `first`, doubled `times` times, at most `last`.
std::chrono::milliseconds Doubled(std::chrono::milliseconds first, int times,
                                  std::chrono::milliseconds last);

}  // namespace muster::lobby
