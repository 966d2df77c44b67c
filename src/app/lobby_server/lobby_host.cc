#include "app/lobby_server/lobby_host.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/jwks_keys.h"
#include "auth/jwt_authorizer.h"
#include "auth/server_token.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "lobby/server_command.h"

namespace muster::app::lobby_server {
namespace {

// Calls of the store that may wait for a worker: a burst of ten thousand players.
constexpr size_t kMaxQueuedCalls = 20'000;

std::vector<http::Route> Join(std::initializer_list<std::vector<http::Route>> lists) {
  std::vector<http::Route> all;
  for (const std::vector<http::Route>& list : lists) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

net::server::HttpServer::Options Counted(net::server::HttpServer::Options options,
                                         telemetry::LobbyMetrics& metrics) {
  options.on_refusal = [&metrics](net::server::Refusal refusal) {
    metrics.Refused(static_cast<size_t>(refusal));
  };
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LobbyHost>> LobbyHost::Start(const LobbyConfig& config,
                                                            const Surroundings& surroundings) {
  // The constructor is private.
  std::unique_ptr<LobbyHost> host(new LobbyHost(config, surroundings));
  MUSTER_RETURN_IF_ERROR(host->Open());
  MUSTER_RETURN_IF_ERROR(host->StartServing());
  if (config.works) MUSTER_RETURN_IF_ERROR(host->StartWorking());
  return host;
}

LobbyHost::LobbyHost(const LobbyConfig& config, const Surroundings& surroundings)
    : config_(config),
      surroundings_(surroundings),
      addresses_(config.addresses),
      observer_{surroundings.log, surroundings.metrics, surroundings.tracer, surroundings.clock,
                config.observability.log_calls},
      keys_sender_(config.observability.app_name),
      limiter_(config.rate, surroundings.clock),
      sender_({.user_agent = config.observability.app_name}),
      game_servers_(&sender_, &surroundings.clock),
      reporter_(surroundings.log, surroundings.metrics, config.observability.log_calls) {}

LobbyHost::~LobbyHost() { Stop(std::chrono::milliseconds(0)); }

absl::Status LobbyHost::Open() {
  MUSTER_ASSIGN_OR_RETURN(stores_, OpenStores(config_.store, surroundings_.clock));
  MUSTER_ASSIGN_OR_RETURN(server_token_key_, ServerTokenKey(*stores_.store));
  for (const std::string& problem : stores_.durability_problems()) {
    surroundings_.log.Warn("the store may lose what it has answered for", {{"detail", problem}});
  }
  if (config_.works) {
    MUSTER_ASSIGN_OR_RETURN(
        provisioner_, MakeProvisioner(config_.engine, [this](std::string_view detail) {
          surroundings_.log.Warn("the container engine says", {{"detail", detail}});
        }));
  }
  return absl::OkStatus();
}

std::unique_ptr<auth::Authorizer> LobbyHost::MakeAuthorizer() {
  if (config_.authorizer.is_dev) return std::make_unique<auth::DevAuthorizer>();
  std::unique_ptr<auth::JwksKeys> keys;
  if (!config_.authorizer.jwks.url.empty()) {
    const auto on_change = [&log = surroundings_.log](const absl::Status& status) {
      if (status.ok()) return log.Info("keys of players' tokens can be fetched again");
      log.Warn("keys of players' tokens cannot be fetched",
               {{"detail", base::FromAbsl(status.message())}});
    };
    keys = std::make_unique<auth::JwksKeys>(config_.authorizer.jwks, keys_sender_,
                                            surroundings_.clock, on_change);
  }
  return std::make_unique<auth::JwtAuthorizer>(config_.authorizer.jwt, std::move(keys),
                                               surroundings_.clock);
}

absl::Status LobbyHost::StartServing() {
  workers_ = std::make_unique<base::WorkerPool>(
      base::WorkerPool::Options{.threads = config_.store_workers, .max_queued = kMaxQueuedCalls});
  authorizer_ = MakeAuthorizer();
  callers_.emplace(http::Callers::Options{.admin_token = config_.authorizer.admin_token,
                                          .server_of_token =
                                              [this](std::string_view token) {
                                                return auth::ServerOfToken(server_token_key_,
                                                                           token);
                                              }},
                   *authorizer_);
  requests_.emplace(config_.requests,
                    lobby::Requests::Ports{*stores_.store, *stores_.bus, game_servers_, *workers_,
                                           surroundings_.clock},
                    base::RandomIdSeed());
  request_api_.emplace(*requests_, addresses_, surroundings_.clock);
  server_api_.emplace(http::ServerApi::Ports{*stores_.store, *stores_.bus, *workers_, addresses_,
                                             [this] { return View(); }});
  hub_.emplace(config_.sockets, http::SocketHub::Ports{*requests_, *stores_.store, *stores_.bus,
                                                       addresses_, surroundings_.metrics});
  health_api_.emplace(Checks(), *workers_);
  router_.emplace(Routes(), *callers_, limiter_, observer_);
  MUSTER_ASSIGN_OR_RETURN(server_, net::server::HttpServer::Start(
                                       Counted(config_.server, surroundings_.metrics), *router_));
  return absl::OkStatus();
}

std::vector<http::Route> LobbyHost::Routes() {
  if (!config_.serves_http) return health_api_->Routes();
  return Join(
      {health_api_->Routes(), request_api_->Routes(), server_api_->Routes(), hub_->Routes()});
}

std::vector<http::HealthApi::Check> LobbyHost::Checks() {
  std::vector<http::HealthApi::Check> checks = {
      {"lobby",
       [this] {
         return is_draining_ ? absl::UnavailableError("it is stopping") : absl::OkStatus();
       }},
      {"store", [this] { return stores_.store->Check(); }}};
  // A worker answers no player.
  if (config_.serves_http) {
    checks.push_back({"authorizer", [this] { return authorizer_->Ready(); }});
  }
  return checks;
}

std::map<std::string, std::string> LobbyHost::ServerEnvironment() const {
  std::map<std::string, std::string> environment = config_.server_environment;
  const bool is_process = config_.engine.kind == EngineConfig::Kind::kProcess;
  if (is_process) {
    // Processes are as open to players as the lobby is; only the lobby takes slots.
    environment.emplace("BIND_ADDRESS", config_.server.address);
    environment.emplace("CONTROL_BIND_ADDRESS", "127.0.0.1");
  }
  std::string url = config_.lobby_url;
  if (url.empty() && is_process && config_.serves_http) {
    const bool is_any = config_.server.address == "0.0.0.0" || config_.server.address == "::";
    const std::string host = is_any ? "127.0.0.1" : config_.server.address;
    url = base::StrCat("http://", base::JoinHostPort(host, server_->port()));
  }
  if (!url.empty()) environment.emplace("LOBBY_URL", url);
  if (config_.fleet.fleet.slots > 0) {
    environment.emplace("MAX_PLAYERS", absl::StrCat(config_.fleet.fleet.slots));
  }
  return environment;
}

absl::Status LobbyHost::StartWorking() {
  lobby::FleetRunner::Options options = config_.fleet;
  options.server_environment = ServerEnvironment();
  options.token_of = [this](const std::string& server_id) {
    return auth::MintServerToken(server_token_key_, server_id);
  };
  owned_runner_ = std::make_unique<lobby::FleetRunner>(
      options,
      lobby::FleetRunner::Ports{*stores_.store, *stores_.bus, *provisioner_, game_servers_,
                                reporter_, surroundings_.clock},
      base::RandomIdSeed());
  runner_ = owned_runner_.get();
  commands_ = stores_.bus->Subscribe(
      lobby::kServersChannel, [this](std::string_view text) { OnServerCommand(text); }, nullptr);
  return absl::OkStatus();
}

void LobbyHost::OnServerCommand(std::string_view text) {
  const std::optional<lobby::ServerCommand> command = lobby::DecodeCommand(text);
  if (!command) return;
  // Replicas that do not own the fleet say no, as the owner does for a server that is gone.
  const bool queued = workers_->Submit([this, command = *command] {
    const bool at_once = command.what == lobby::ServerCommand::What::kStop;
    const absl::Status status = owned_runner_->Drain(command.server_id, at_once);
    if (!status.ok()) return;
    surroundings_.log.Info("game server is to end",
                           {{"server_id", command.server_id}, {"at_once", at_once ? "yes" : "no"}});
  });
  if (!queued) {
    surroundings_.log.Warn("too many calls wait: a command was let go", {{"command", text}});
  }
}

lobby::FleetView LobbyHost::View() const {
  const lobby::FleetRunner* runner = runner_;
  return runner == nullptr ? lobby::FleetView() : runner->View();
}

telemetry::LobbyGauges LobbyHost::Look() const {
  telemetry::LobbyGauges gauges = Gauges(View());
  const lobby::FleetRunner* runner = runner_;
  gauges.is_owner = runner != nullptr && runner->is_owner();
  gauges.connections = static_cast<double>(server_->connections());
  gauges.web_sockets = static_cast<double>(server_->web_sockets());
  gauges.pending_server_calls = static_cast<double>(sender_.pending());
  gauges.bus_dropped = static_cast<double>(stores_.dropped());
  gauges.unreadable_records = static_cast<double>(stores_.store->unreadable_records());
  return gauges;
}

void LobbyHost::Stop(std::chrono::milliseconds grace) {
  is_draining_ = true;
  if (server_ != nullptr) server_->Stop(grace);
  // No new calls come. Those under way end before what they use does.
  commands_.reset();
  if (owned_runner_ != nullptr) owned_runner_->Stop();
  sender_.Stop();
  workers_.reset();
}

}  // namespace muster::app::lobby_server
