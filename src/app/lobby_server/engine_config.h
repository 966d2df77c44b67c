#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/environment.h"
#include "lobby/provisioner.h"
#include "provision/engine_options.h"
#include "provision/process_provisioner.h"

namespace muster::app::lobby_server {

// Where game servers run, and what they are made from.
struct EngineConfig {
  enum class Kind { kProcess, kDocker, kSwarm };
  Kind kind = Kind::kProcess;
  // Only that of `kind` is used.
  provision::ProcessOptions process;
  provision::DockerOptions docker;
  provision::SwarmOptions swarm;
};

// Reads the variables of CONTAINER_BACKEND. Problems are left in `env`. `program_folder`: where the
// default SERVER_COMMAND lies.
EngineConfig ReadEngineConfig(base::EnvReader& env, const std::string& program_folder);

// The provisioner that the configuration names. Errors are those of its Create. `on_detail` gets
// what an engine said beyond what players may read; it may be empty.
absl::StatusOr<std::unique_ptr<lobby::Provisioner>> MakeProvisioner(
    const EngineConfig& config, std::function<void(std::string_view detail)> on_detail);

}  // namespace muster::app::lobby_server
