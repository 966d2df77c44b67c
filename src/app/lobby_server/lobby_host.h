#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "app/lobby_server/fleet_reporter.h"
#include "app/lobby_server/lobby_config.h"
#include "app/lobby_server/lobby_stores.h"
#include "auth/authorizer.h"
#include "base/worker_pool.h"
#include "http/callers.h"
#include "http/health_api.h"
#include "http/observed_reply.h"
#include "http/request_api.h"
#include "http/router.h"
#include "http/server_api.h"
#include "http/socket_hub.h"
#include "net/async_sender.h"
#include "net/curl_sender.h"
#include "provision/reservation_client.h"
#include "telemetry/lobby_metrics.h"

namespace muster::app::lobby_server {

// A running lobby: its parts in the order in which they need each other.
class LobbyHost {
 public:
  // Parts that the program has whether it serves or not; they outlive the host.
  struct Surroundings {
    telemetry::Logger& log;
    telemetry::LobbyMetrics& metrics;
    telemetry::Tracer& tracer;
    const base::Clock& clock;
  };

  // Serves when it returns. Errors name what could not be opened or bound.
  static absl::StatusOr<std::unique_ptr<LobbyHost>> Start(const LobbyConfig& config,
                                                          const Surroundings& surroundings);
  // Stops.
  ~LobbyHost();
  LobbyHost(const LobbyHost&) = delete;
  LobbyHost& operator=(const LobbyHost&) = delete;

  // "host:port" of the HTTP listener.
  const std::string& address() const { return server_->address(); }
  telemetry::LobbyGauges Look() const;

  // Readiness says no from now on; the rest goes on.
  void BeginDrain() { is_draining_ = true; }
  // Answers under way get `grace`; then game servers end or stay, as configured. May be called
  // twice.
  void Stop(std::chrono::milliseconds grace);

 private:
  LobbyHost(const LobbyConfig& config, const Surroundings& surroundings);

  absl::Status Open();
  absl::Status StartServing();
  absl::Status StartWorking();
  std::unique_ptr<auth::Authorizer> MakeAuthorizer();
  std::vector<http::Route> Routes();
  std::vector<http::HealthApi::Check> Checks();
  std::map<std::string, std::string> ServerEnvironment() const;
  void OnServerCommand(std::string_view text);
  lobby::FleetView View() const;

  const LobbyConfig config_;
  const Surroundings surroundings_;
  const http::Addresses addresses_;
  const http::Observer observer_;
  std::atomic<bool> is_draining_{false};
  std::string server_token_key_;
  LobbyStores stores_;
  net::CurlSender keys_sender_;
  std::unique_ptr<auth::Authorizer> authorizer_;
  http::RateLimiter limiter_;
  net::AsyncSender sender_;
  provision::ReservationClient game_servers_;
  std::unique_ptr<base::WorkerPool> workers_;
  std::optional<http::Callers> callers_;
  std::optional<lobby::Requests> requests_;
  std::optional<http::RequestApi> request_api_;
  std::optional<http::ServerApi> server_api_;
  std::optional<http::SocketHub> hub_;
  std::optional<http::HealthApi> health_api_;
  std::optional<http::Router> router_;
  std::unique_ptr<net::server::HttpServer> server_;
  FleetReporter reporter_;
  std::unique_ptr<lobby::Provisioner> provisioner_;
  // Null where this replica does not work, and before it does.
  std::atomic<lobby::FleetRunner*> runner_{nullptr};
  std::unique_ptr<lobby::FleetRunner> owned_runner_;
  std::unique_ptr<lobby::EventBus::Subscription> commands_;
};

}  // namespace muster::app::lobby_server
