#include "app/lobby_server/engine_config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "base/strings.h"
#include "provision/docker_provisioner.h"
#include "provision/swarm_provisioner.h"

namespace muster::app::lobby_server {
namespace {

using base::EnvReader;
using std::chrono::milliseconds;
using Kind = EngineConfig::Kind;

constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr int64_t kMaxBytes = int64_t{1} << 40;
constexpr double kMaxCpus = 1024;

Kind ReadKind(EnvReader& env) {
  const std::vector<std::string> names = {"process", "docker", "swarm"};
  const std::string name = env.Choice("CONTAINER_BACKEND", "process", names);
  return static_cast<Kind>(std::find(names.begin(), names.end(), name) - names.begin());
}

// A number of cores, possibly not whole.
double ReadCpus(EnvReader& env) {
  const std::string text = env.String("SERVER_CPUS", "0");
  double cpus = 0;
  if (!absl::SimpleAtod(text, &cpus) || !(cpus >= 0 && cpus <= kMaxCpus)) {
    env.Problem(base::StrCat("SERVER_CPUS `", text, "` is no number from 0 to 1024"));
    return 0;
  }
  return cpus;
}

provision::PortSpec ReadPort(EnvReader& env, std::string_view name,
                             std::string_view default_value) {
  const auto port = provision::ParsePortSpec(name, env.String(name, default_value));
  if (port.ok()) return *port;
  env.Problem(std::string(port.status().message()));
  return {};
}

// Limits and names that all kinds of servers have.
struct Common {
  std::string deployment;
  double cpus = 0;
  int64_t memory_bytes = 0;
  int64_t pids = 0;
  milliseconds stop_timeout{0};
};

Common ReadCommon(EnvReader& env) {
  return {.deployment = env.String("DEPLOYMENT", "default"),
          .cpus = ReadCpus(env),
          .memory_bytes = env.Int("SERVER_MEMORY_BYTES", 0, 0, kMaxBytes),
          .pids = env.Int("SERVER_PIDS", 0, 0, 1 << 22),
          .stop_timeout = milliseconds(env.Int("SERVER_STOP_TIMEOUT", 10'000, 0, kDayMs))};
}

provision::ProcessOptions ReadProcess(EnvReader& env, const Common& common,
                                      const std::string& program_folder) {
  provision::ProcessOptions options;
  options.command = env.String("SERVER_COMMAND", "");
  if (options.command.empty()) {
    options.command = program_folder.empty() ? "muster-gameserver"
                                             : base::StrCat(program_folder, "/muster-gameserver");
  }
  options.run_directory = env.String("SERVER_RUN_DIR", "/tmp/muster-servers");
  options.max_output_bytes = env.Int("SERVER_LOG_BYTES", int64_t{8} << 20, 4096, kMaxBytes);
  options.deployment = common.deployment;
  options.memory_bytes = common.memory_bytes;
  options.max_processes = common.pids;
  options.stop_timeout = common.stop_timeout;
  return options;
}

provision::ControlReach ReadReach(EnvReader& env, Kind kind, const std::string& network) {
  const std::string reach =
      env.Choice("CONTROL_REACH", "auto", {"auto", "address", "name", "published"});
  if (reach == "address") return provision::ControlReach::kAddress;
  if (reach == "name") return provision::ControlReach::kName;
  if (reach == "published") return provision::ControlReach::kPublished;
  const bool has_no_common_network = kind == Kind::kSwarm && network.empty();
  return has_no_common_network ? provision::ControlReach::kPublished
                               : provision::ControlReach::kAddress;
}

provision::ContainerOptions ReadContainer(EnvReader& env, const Common& common, Kind kind) {
  provision::ContainerOptions options;
  options.engine.host = env.String("DOCKER_HOST", "");
  options.engine.cert_path = env.String("DOCKER_CERT_PATH", "");
  // As Docker's own client has it: any value is yes.
  options.engine.tls_verify = !env.String("DOCKER_TLS_VERIFY", "").empty();
  options.image = env.String("IMAGE_TO_PULL", "muster-gameserver:latest");
  options.expose_port = ReadPort(env, "IMAGE_EXPOSE_PORT", "7777/tcp");
  options.control_port = ReadPort(env, "IMAGE_CONTROL_PORT", "3000");
  options.registry_user = env.String("IMAGE_REGISTRY_USERNAME", "");
  options.registry_password = env.String("IMAGE_REGISTRY_PASSWORD", "");
  options.network = env.String("DOCKER_NETWORK", "");
  options.reach = ReadReach(env, kind, options.network);
  options.init = env.Bool("SERVER_INIT", true);
  options.deployment = common.deployment;
  options.cpus = common.cpus;
  options.memory_bytes = common.memory_bytes;
  options.pids = common.pids;
  options.stop_timeout = std::chrono::ceil<std::chrono::seconds>(common.stop_timeout);
  return options;
}

}  // namespace

EngineConfig ReadEngineConfig(EnvReader& env, const std::string& program_folder) {
  EngineConfig config;
  config.kind = ReadKind(env);
  const Common common = ReadCommon(env);
  if (config.kind == Kind::kProcess && common.cpus > 0) {
    env.Problem("SERVER_CPUS bounds containers, not processes: take CONTAINER_BACKEND=docker");
  }
  config.process = ReadProcess(env, common, program_folder);
  const provision::ContainerOptions container = ReadContainer(env, common, config.kind);
  config.docker.container = container;
  config.docker.pull = env.Choice("IMAGE_PULL", "missing", {"missing", "always"}) == "always"
                           ? provision::PullPolicy::kAlways
                           : provision::PullPolicy::kMissing;
  config.docker.publish_address = env.String("PUBLISH_ADDRESS", "0.0.0.0");
  config.docker.reuse_exited = env.Bool("REUSE_EXITED_CONTAINERS", false);
  config.swarm.container = container;
  config.swarm.converge_attempts =
      static_cast<int>(env.Int("CONVERGE_VERIFY_RETRY_TIMES", 10, 1, 100'000));
  config.swarm.converge_pause = milliseconds(env.Int("CONVERGE_VERIFY_COOLDOWN", 1000, 1, kDayMs));
  config.swarm.look_interval = milliseconds(env.Int("LOOKUP_COOLDOWN", 1000, 1, kDayMs));
  return config;
}

absl::StatusOr<std::unique_ptr<lobby::Provisioner>> MakeProvisioner(
    const EngineConfig& config, std::function<void(std::string_view detail)> on_detail) {
  switch (config.kind) {
    case Kind::kProcess: {
      provision::ProcessOptions options = config.process;
      options.inherited = provision::InheritedEnvironment(base::Environment::Process());
      return provision::ProcessProvisioner::Create(std::move(options));
    }
    case Kind::kDocker: {
      provision::DockerOptions options = config.docker;
      options.container.on_detail = std::move(on_detail);
      return provision::DockerProvisioner::Create(std::move(options));
    }
    case Kind::kSwarm: {
      provision::SwarmOptions options = config.swarm;
      options.container.on_detail = std::move(on_detail);
      return provision::SwarmProvisioner::Create(std::move(options));
    }
  }
  return absl::InternalError("no such container backend");
}

}  // namespace muster::app::lobby_server
