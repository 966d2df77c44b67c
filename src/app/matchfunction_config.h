#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "app/access_config.h"
#include "app/observability_config.h"
#include "base/environment.h"
#include "match/logic_registry.h"
#include "rpc/server.h"

namespace muster::app {

// All that muster-matchfunction takes from its environment; .env.template lists the variables.
struct MatchFunctionConfig {
  rpc::Server::Options server;
  AccessConfig access;
  ObservabilityConfig observability;
  std::string logic_name;
  match::LogicFactory logic;
};

// Reads the environment. INVALID_ARGUMENT with all problems in one message. `on_terminal` decides
// the default of LOG_FORMAT.
absl::StatusOr<MatchFunctionConfig> ReadMatchFunctionConfig(const base::Environment& environment,
                                                            const match::LogicRegistry& logics,
                                                            bool on_terminal);

}  // namespace muster::app
