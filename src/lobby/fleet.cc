#include "lobby/fleet.h"

#include <utility>

#include "lobby/fleet_state.h"

namespace muster::lobby {

Fleet::Fleet(const FleetOptions& options, std::string version, base::IdGenerator ids)
    : state_(std::make_unique<State>(options, std::move(version), ids)) {}

Fleet::~Fleet() = default;

void Fleet::OnServer(const GameServer& server, bool launching) {
  state_->OnServer(server, launching);
}

void Fleet::OnRequest(const Request& request) { state_->OnRequest(request); }

void Fleet::OnExpired(const Request& request) { state_->OnExpired(request); }

void Fleet::OnList(const std::vector<FoundServer>& found, base::Timestamp asked_at) {
  state_->OnList(found, asked_at);
}

void Fleet::OnCommitted(const FleetDecisions& decisions, const std::vector<int64_t>& revisions) {
  state_->OnCommitted(decisions, revisions);
}

void Fleet::OnReserved(const FleetDecisions::SlotCall& call, SlotAnswer answer,
                       const std::string& detail, base::Timestamp now) {
  state_->OnReserved(call, answer, detail, now);
}

void Fleet::OnReleased(const FleetDecisions::SlotCall& call, SlotAnswer answer) {
  state_->OnReleased(call, answer);
}

void Fleet::OnStarted(const std::string& server_id, const absl::StatusOr<Place>& place,
                      base::Timestamp now) {
  state_->OnStarted(server_id, place, now);
}

void Fleet::OnStopped(const std::string& server_id, const absl::Status& status,
                      base::Timestamp now) {
  state_->OnStopped(server_id, status, now);
}

void Fleet::OnOccupancy(const std::string& server_id,
                        const absl::StatusOr<std::optional<Occupancy>>& occupancy,
                        base::Timestamp now) {
  state_->OnOccupancy(server_id, occupancy, now);
}

void Fleet::OnExit(const std::string& server_id, const std::string& reason, base::Timestamp now) {
  state_->OnExit(server_id, reason, now);
}

void Fleet::OnServerChanged(const std::string& server_id) { state_->OnServerChanged(server_id); }

absl::Status Fleet::Drain(const std::string& server_id, bool at_once) {
  return state_->Drain(server_id, at_once);
}

void Fleet::ShutDown(bool stop_empty, bool stop_used) { state_->ShutDown(stop_empty, stop_used); }

bool Fleet::HasShutDown() const { return state_->HasShutDown(); }

FleetDecisions Fleet::Decide(base::Timestamp now) { return state_->Decide(now); }

FleetView Fleet::View() const { return state_->View(); }

}  // namespace muster::lobby
