#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "provision/engine_api.h"
#include "provision/engine_json.h"

namespace muster::provision {

// A service of this deployment with its task, and the node that was chosen for it.
struct SwarmServer {
  std::string server_id;
  std::string service_id;
  std::string version;
  std::optional<Task> task;
  std::optional<Node> node;

  bool IsRunning() const;
  // It will not run (again): its task has ended, or is meant to, or its node is down.
  bool HasEnded() const;
  // "its machine was lost", "exited with 1", ...; without the server's output.
  std::string EndReason() const;
};

// All of them; with a `server_id` only that one, if it is there.
absl::StatusOr<std::vector<SwarmServer>> ReadSwarmServers(EngineApi& api,
                                                          const std::string& deployment,
                                                          const std::string& server_id,
                                                          std::chrono::milliseconds timeout,
                                                          const std::stop_token& stop);

// The node's address, when others than itself can use it; a manager that was not told its own may
// call it 0.0.0.0. Else empty.
std::string UsableAddress(const Node& node);

}  // namespace muster::provision
