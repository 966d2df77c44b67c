#pragma once

#include <string>
#include <string_view>

#include "lobby/fleet_runner.h"
#include "telemetry/lobby_metrics.h"
#include "telemetry/log.h"

namespace muster::app::lobby_server {

// Tells log and metrics what became of the fleet's work. Thread-safe.
class FleetReporter final : public lobby::FleetObserver {
 public:
  // Both outlive the object. `log_requests`: a line for each request that got a slot.
  FleetReporter(telemetry::Logger& log, telemetry::LobbyMetrics& metrics, bool log_requests)
      : log_(log), metrics_(metrics), log_requests_(log_requests) {}

  void OnOwner(bool owner) override;
  void OnServerStarted(const std::string& server_id, std::chrono::milliseconds took) override;
  void OnServerFailed(const std::string& server_id, const std::string& reason) override;
  void OnServerEnded(const std::string& server_id, const std::string& reason) override;
  void OnServerStopFailed(const std::string& server_id, const std::string& reason) override;
  void OnServersLeft(int count, bool in_time) override;
  void OnRequestDone(const lobby::Request& request) override;
  void OnRequestFailed(const lobby::Request& request) override;
  void OnTrouble(std::string_view what, const absl::Status& status) override;

 private:
  telemetry::Logger& log_;
  telemetry::LobbyMetrics& metrics_;
  const bool log_requests_;
};

// The fleet in numbers.
telemetry::LobbyGauges Gauges(const lobby::FleetView& view);

}  // namespace muster::app::lobby_server
