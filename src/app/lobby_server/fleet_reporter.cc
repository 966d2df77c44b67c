#include "app/lobby_server/fleet_reporter.h"

#include "base/strings.h"

namespace muster::app::lobby_server {

void FleetReporter::OnOwner(bool owner) {
  log_.Info(owner ? "owns the fleet" : "no longer owns the fleet");
}

void FleetReporter::OnServerStarted(const std::string& server_id, std::chrono::milliseconds took) {
  metrics_.ServerStarted(took);
  log_.Info("game server started", {{"server_id", server_id}, {"took_ms", took.count()}});
}

void FleetReporter::OnServerFailed(const std::string& server_id, const std::string& reason) {
  metrics_.ServerFailed();
  log_.Warn("game server failed to start", {{"server_id", server_id}, {"reason", reason}});
}

void FleetReporter::OnServerEnded(const std::string& server_id, const std::string& reason) {
  metrics_.ServerEnded();
  log_.Info("game server ended", {{"server_id", server_id}, {"reason", reason}});
}

void FleetReporter::OnServerStopFailed(const std::string& server_id, const std::string& reason) {
  log_.Warn("game server cannot be stopped", {{"server_id", server_id}, {"reason", reason}});
}

void FleetReporter::OnServersLeft(int count, bool in_time) {
  if (in_time) return log_.Info("game servers stay", {{"count", int64_t{count}}});
  log_.Warn("stopped before all game servers were", {{"count", int64_t{count}}});
}

void FleetReporter::OnRequestDone(const lobby::Request& request) {
  const auto waited = request.changed_at - request.created_at;
  metrics_.RequestDone(waited);
  if (!log_requests_) return;
  log_.Info("request done", {{"client_id", request.client_id},
                             {"request_id", request.id},
                             {"server_id", request.place.server_id},
                             {"waited_ms", waited.count()}});
}

void FleetReporter::OnRequestFailed(const lobby::Request& request) {
  metrics_.RequestFailed();
  log_.Warn("request failed", {{"client_id", request.client_id},
                               {"request_id", request.id},
                               {"attempts", int64_t{request.attempts}},
                               {"reason", request.reason}});
}

void FleetReporter::OnTrouble(std::string_view what, const absl::Status& status) {
  if (status.ok()) return log_.Info("works again", {{"what", what}});
  metrics_.Trouble(what);
  log_.Warn("fails", {{"what", what}, {"detail", base::FromAbsl(status.message())}});
}

telemetry::LobbyGauges Gauges(const lobby::FleetView& view) {
  telemetry::LobbyGauges gauges;
  gauges.waiting_requests = view.waiting;
  for (const lobby::FleetView::Server& each : view.servers) {
    switch (each.server.state) {
      case lobby::ServerState::kStarting:
        ++gauges.servers_starting;
        break;
      case lobby::ServerState::kReady:
        ++gauges.servers_ready;
        break;
      case lobby::ServerState::kDraining:
        ++gauges.servers_draining;
        break;
    }
    gauges.slots += each.server.slots;
    gauges.slots_used += each.used;
  }
  return gauges;
}

}  // namespace muster::app::lobby_server
