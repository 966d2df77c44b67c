#include "app/lobby_server/lobby_app.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/lobby_server/lobby_config.h"
#include "app/lobby_server/lobby_host.h"
#include "app/signals.h"
#include "app/telemetry_stack.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "base/version.h"
#include "telemetry/lobby_metrics.h"
#include "telemetry/log.h"
#include "telemetry/metrics_endpoint.h"

namespace muster::app::lobby_server {
namespace {

// Of this program; empty when the kernel does not say.
std::string ProgramFolder() {
  std::array<char, 4096> path = {};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return "";
  const std::string_view text(path.data(), static_cast<size_t>(size));
  return std::string(text.substr(0, text.rfind('/')));
}

std::vector<std::string_view> RefusalNames() {
  std::vector<std::string_view> names;
  names.reserve(net::server::kRefusals);
  for (size_t i = 0; i < net::server::kRefusals; ++i) {
    names.push_back(net::server::RefusalName(static_cast<net::server::Refusal>(i)));
  }
  return names;
}

std::string_view RolesOf(const LobbyConfig& config) {
  if (config.serves_http && config.works) return "http,worker";
  return config.serves_http ? "http" : "worker";
}

std::string_view BackendOf(const LobbyConfig& config) {
  if (!config.works) return "none";
  constexpr std::array<std::string_view, 3> kNames = {"process", "docker", "swarm"};
  return kNames.at(static_cast<size_t>(config.engine.kind));
}

std::string_view StoreOf(const LobbyConfig& config) {
  return config.store.kind == StoreConfig::Kind::kSqlite ? "sqlite" : "redis";
}

void Warn(const LobbyConfig& config, telemetry::Logger& log) {
  if (!config.authorizer.is_dev) return;
  log.Warn("players are who they say they are: LOBBY_AUTH=dev",
           {{"listens_on", config.server.address}});
}

absl::Status Serve(const LobbyConfig& config) {
  const base::Clock& clock = base::Clock::System();
  TelemetryStack telemetry(config.observability, std::string(base::kVersion), clock);
  telemetry::Logger& log = telemetry.log();
  telemetry::LobbyMetrics metrics(telemetry.registry(), RefusalNames());
  Warn(config, log);
  MUSTER_ASSIGN_OR_RETURN(const auto host,
                          LobbyHost::Start(config, {log, metrics, telemetry.tracer(), clock}));
  metrics.Show([&host] { return host->Look(); });
  MUSTER_ASSIGN_OR_RETURN(const auto endpoint,
                          telemetry.StartEndpoint(config.observability.prometheus));
  log.Info("ready", {{"http", host->address()},
                     {"metrics", endpoint == nullptr ? "off" : endpoint->address()},
                     {"auth", config.authorizer.is_dev ? "dev" : "jwt"},
                     {"store", StoreOf(config)},
                     {"backend", BackendOf(config)},
                     {"roles", RolesOf(config)},
                     {"version", base::kVersion},
                     {"pid", static_cast<int64_t>(getpid())}});
  const int signal = WaitForStopSignal();
  log.Info("stopping", {{"signal", static_cast<int64_t>(signal)}});
  host->BeginDrain();
  // Balancers turn away meanwhile.
  static_cast<void>(base::WaitUnlessStopped(config.drain_delay, std::stop_token()));
  host->Stop(config.drain_grace);
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunLobby() {
  BlockStopSignals();
  IgnoreBrokenPipes();
  RaiseFileLimit();
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  const absl::StatusOr<LobbyConfig> config =
      ReadLobbyConfig(base::Environment::Process(), on_terminal, ProgramFolder());
  const absl::Status status = config.ok() ? Serve(*config) : config.status();
  if (status.ok()) return 0;
  telemetry::Logger log(config.ok() ? config->observability.log : telemetry::Logger::Options(),
                        base::Clock::System());
  log.Error("start failed", {{"detail", base::FromAbsl(status.message())}});
  return 1;
}

}  // namespace muster::app::lobby_server
