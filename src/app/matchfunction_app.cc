#include "app/matchfunction_app.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "app/matchfunction_config.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/version.h"
#include "rpc/server.h"
#include "telemetry/log.h"
#include "telemetry/match_metrics.h"
#include "telemetry/metrics_endpoint.h"

namespace muster::app {
namespace {

absl::Status Serve(const MatchFunctionConfig& config, telemetry::Logger& log) {
  const base::Clock& clock = base::Clock::System();
  telemetry::MatchMetrics metrics(config.metrics_prefix, std::string(base::kVersion));
  MUSTER_ASSIGN_OR_RETURN(const auto endpoint,
                          telemetry::MetricsEndpoint::Start(config.metrics, metrics.registry()));
  MUSTER_ASSIGN_OR_RETURN(const auto server,
                          rpc::Server::Start(config.server, config.logic, log, metrics, clock));
  log.Info("ready", {{"grpc", server->address()},
                     {"metrics", endpoint->address()},
                     {"logic", config.logic_name},
                     {"version", base::kVersion},
                     {"pid", static_cast<int64_t>(getpid())}});
  const int signal = WaitForStopSignal();
  log.Info("stopping", {{"signal", static_cast<int64_t>(signal)}});
  server->Stop();
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunMatchFunction(const match::LogicRegistry& logics) {
  BlockStopSignals();
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  const absl::StatusOr<MatchFunctionConfig> config =
      ReadMatchFunctionConfig(base::Environment::Process(), logics, on_terminal);
  telemetry::Logger log(config.ok() ? config->log : telemetry::Logger::Options(),
                        base::Clock::System());
  const absl::Status status = config.ok() ? Serve(*config, log) : config.status();
  if (status.ok()) return 0;
  log.Error("start failed", {{"detail", base::FromAbsl(status.message())}});
  return 1;
}

}  // namespace muster::app
