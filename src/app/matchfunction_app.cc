#include "app/matchfunction_app.h"

#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/matchfunction_config.h"
#include "app/signals.h"
#include "app/telemetry_stack.h"
#include "auth/iam_access_control.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/version.h"
#include "net/curl_sender.h"
#include "rpc/grpc_log.h"
#include "rpc/server.h"
#include "telemetry/access_metrics.h"
#include "telemetry/call_metrics.h"
#include "telemetry/log.h"
#include "telemetry/match_metrics.h"
#include "telemetry/metrics_endpoint.h"

namespace muster::app {
namespace {

using Access = std::unique_ptr<auth::IamAccessControl>;

telemetry::AccessGauges Gauges(const auth::AccessState& state) {
  using Seconds = std::chrono::duration<double>;
  return {state.ready, Seconds(state.keys_age).count(), Seconds(state.revocations_age).count(),
          static_cast<double>(state.cached_tokens), static_cast<double>(state.waiting_calls)};
}

// Null, and said so, when calls need no token.
Access StartAccess(const AccessConfig& config, base::HttpSender& sender, telemetry::Logger& log) {
  if (!config.enabled) {
    log.Warn("access control is off: whoever reaches the port may call");
    return nullptr;
  }
  if (config.is_exposed) {
    log.Warn("calls to iam are not encrypted: AB_BASE_URL is http",
             {{"url", config.options.iam.base_url}});
  }
  const auto on_change = [&log](std::string_view what, const absl::Status& status) {
    if (status.ok()) return log.Info("call to iam works again", {{"what", what}});
    log.Warn("call to iam fails", {{"what", what}, {"detail", base::FromAbsl(status.message())}});
  };
  auto access =
      auth::IamAccessControl::Start(config.options, sender, base::Clock::System(), on_change);
  access->OnReady([&log] { log.Info("access control is ready"); });
  return access;
}

absl::Status Serve(const MatchFunctionConfig& config) {
  const base::Clock& clock = base::Clock::System();
  net::CurlSender iam_sender(config.observability.app_name);
  TelemetryStack telemetry(config.observability, std::string(base::kVersion), clock);
  telemetry::Logger& log = telemetry.log();
  const rpc::GrpcLogCapture grpc_log(log);
  telemetry::MatchMetrics match_metrics(telemetry.registry());
  telemetry::AccessMetrics access_metrics(telemetry.registry(), auth::VerdictNames());
  std::optional<telemetry::CallMetrics> call_metrics;
  if (config.observability.count_calls) call_metrics.emplace(telemetry.registry());
  const Access access = StartAccess(config.access, iam_sender, log);
  if (access != nullptr) {
    access_metrics.ShowEnabled([&access] { return Gauges(access->state()); });
  }
  MUSTER_ASSIGN_OR_RETURN(const auto endpoint,
                          telemetry.StartEndpoint(config.observability.prometheus));
  MUSTER_ASSIGN_OR_RETURN(const auto server,
                          rpc::Server::Start(config.server, config.logic,
                                             {log, match_metrics, access_metrics,
                                              call_metrics ? &*call_metrics : nullptr,
                                              telemetry.tracer(), access.get(), clock}));
  log.Info("ready", {{"grpc", server->address()},
                     {"metrics", endpoint == nullptr ? "off" : endpoint->address()},
                     {"auth", access == nullptr ? "off" : "on"},
                     {"logic", config.logic_name},
                     {"version", base::kVersion},
                     {"pid", static_cast<int64_t>(getpid())}});
  const int signal = WaitForStopSignal();
  log.Info("stopping", {{"signal", static_cast<int64_t>(signal)}});
  server->Stop();
  if (access != nullptr) access->Stop();
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunMatchFunction(const match::LogicRegistry& logics) {
  BlockStopSignals();
  IgnoreBrokenPipes();
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  const absl::StatusOr<MatchFunctionConfig> config =
      ReadMatchFunctionConfig(base::Environment::Process(), logics, on_terminal);
  const absl::Status status = config.ok() ? Serve(*config) : config.status();
  if (status.ok()) return 0;
  telemetry::Logger log(config.ok() ? config->observability.log : telemetry::Logger::Options(),
                        base::Clock::System());
  log.Error("start failed", {{"detail", base::FromAbsl(status.message())}});
  return 1;
}

}  // namespace muster::app
