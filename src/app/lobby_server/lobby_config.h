#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "app/lobby_server/authorizer_config.h"
#include "app/lobby_server/engine_config.h"
#include "app/observability_config.h"
#include "base/environment.h"
#include "http/addresses.h"
#include "http/rate_limiter.h"
#include "http/socket_hub.h"
#include "lobby/fleet_runner.h"
#include "lobby/requests.h"
#include "net/server/http_server.h"

namespace muster::app::lobby_server {

// Where the lobby keeps its records.
struct StoreConfig {
  enum class Kind { kSqlite, kRedis };
  Kind kind = Kind::kSqlite;
  // A path or ":memory:" of kSqlite, a URL of kRedis.
  std::string location;
  // Requests in the states created and in_progress; more are refused.
  int64_t max_pending_requests = 0;
};

// All that muster-lobby reads from its environment.
struct LobbyConfig {
  // Answers players; places them and looks after servers.
  bool serves_http = true;
  bool works = true;
  ObservabilityConfig observability;
  AuthorizerConfig authorizer;
  StoreConfig store;
  EngineConfig engine;
  net::server::HttpServer::Options server;
  http::Addresses::Options addresses;
  http::RateLimiter::Options rate;
  http::SocketHub::Options sockets;
  lobby::Requests::Options requests;
  // Without what the running lobby adds: environment and tokens of servers.
  lobby::FleetRunner::Options fleet;
  // Variables that every game server is told.
  std::map<std::string, std::string> server_environment;
  // How game servers reach the lobby; empty: where it listens, when they are processes.
  std::string lobby_url;
  // Threads for blocking calls of the store.
  size_t store_workers = 0;
  // Between readiness saying no and the listener closing.
  std::chrono::milliseconds drain_delay{0};
  std::chrono::milliseconds drain_grace{0};
};

// INVALID_ARGUMENT with every problem when one variable or more is wrong. `program_folder`: of this
// program, where others of ours lie; may be empty.
absl::StatusOr<LobbyConfig> ReadLobbyConfig(const base::Environment& environment, bool on_terminal,
                                            const std::string& program_folder);

}  // namespace muster::app::lobby_server
