#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "provision/engine_endpoint.h"
#include "provision/port_spec.h"

namespace muster::provision {

enum class PullPolicy { kMissing, kAlways };

// How the lobby reaches the Reservation API of a server in a container.
enum class ControlReach {
  // By the container's address on its network, which the lobby's machine can route to.
  kAddress,
  // By the container's name: for a lobby that is itself a container on DOCKER_NETWORK.
  kName,
  // By a published port, as players reach the game: needs no common network, but is open to all
  // who reach that machine's ports.
  kPublished,
};

// What both engines, a single one and a Swarm, are asked for.
struct ContainerOptions {
  EngineAddress engine;
  // Which servers are this lobby's; see CheckDeployment.
  std::string deployment = "default";
  // A name with a tag or digest. A tag that was moved is no new version: see Provisioner::version.
  std::string image = "muster-gameserver:latest";
  // Inside the container; the first is published on a port that the kernel chooses.
  PortSpec expose_port{.port = 7777};
  PortSpec control_port{.port = 3000};
  // Without a user no login is sent.
  std::string registry_user;
  std::string registry_password;
  // An existing one, an overlay for Swarm; empty: the engine's default.
  std::string network;
  ControlReach reach = ControlReach::kAddress;
  // Runs the engine's small init as process 1, so that programs that know nothing of being process
  // 1 end on SIGTERM.
  bool init = true;
  // What is configured for every server, which each start brings again: here a part of the version.
  std::map<std::string, std::string> environment;
  // Limits of each server; 0: none.
  double cpus = 0;
  int64_t memory_bytes = 0;
  int64_t pids = 0;
  // From SIGTERM to SIGKILL.
  std::chrono::seconds stop_timeout{10};
  // Of one call to the engine: it starts a container within a second, and much slower when busy.
  std::chrono::milliseconds call_timeout{60'000};
  // Gets what the engine said where players get a message that is fit for them; may be empty.
  // Called on any thread; must be short.
  std::function<void(std::string_view detail)> on_detail;
};

struct DockerOptions {
  ContainerOptions container;
  PullPolicy pull = PullPolicy::kMissing;
  // Large images over slow lines.
  std::chrono::milliseconds pull_timeout{600'000};
  // Where the game port is published on the engine's machine.
  std::string publish_address = "0.0.0.0";
  // Containers that ended by themselves are kept, and the next server is one of them, started
  // again: its program is told the server id and token of its first life, so this is for programs
  // that never call the lobby. While it is on, List and Stop leave ended containers out.
  bool reuse_exited = false;
};

struct SwarmOptions {
  ContainerOptions container;
  // CONVERGE_VERIFY_RETRY_TIMES and CONVERGE_VERIFY_COOLDOWN: their product is how long a task may
  // take until it runs.
  int converge_attempts = 10;
  std::chrono::milliseconds converge_pause{1'000};
  // LOOKUP_COOLDOWN: between two looks at the tasks; Swarm tells of no task that ended.
  std::chrono::milliseconds look_interval{1'000};
};

// INVALID_ARGUMENT saying which option is wrong.
absl::Status CheckContainerOptions(const ContainerOptions& options);

// See Provisioner::version.
std::string ContainerVersion(const ContainerOptions& options);

}  // namespace muster::provision
