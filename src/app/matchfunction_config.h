#pragma once

#include "absl/status/statusor.h"
#include "base/environment.h"
#include "match/logic_registry.h"
#include "rpc/server.h"
#include "telemetry/log.h"
#include "telemetry/metrics_endpoint.h"

namespace muster::app {

// All that muster-matchfunction takes from its environment; .env.template lists the variables.
struct MatchFunctionConfig {
  rpc::Server::Options server;
  telemetry::Logger::Options log;
  telemetry::MetricsEndpoint::Options metrics;
  std::string metrics_prefix;
  std::string logic_name;
  match::LogicFactory logic;
};

// Reads the environment. INVALID_ARGUMENT with all problems in one message. `on_terminal` decides
// the default of LOG_FORMAT.
absl::StatusOr<MatchFunctionConfig> ReadMatchFunctionConfig(const base::Environment& environment,
                                                            const match::LogicRegistry& logics,
                                                            bool on_terminal);

// "app-server" -> "appServer": the default prefix of metrics.
std::string CamelCase(std::string_view name);

}  // namespace muster::app
