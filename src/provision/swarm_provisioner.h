#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lobby/provisioner.h"
#include "provision/engine_api.h"
#include "provision/engine_options.h"
#include "provision/swarm_exits.h"
#include "provision/swarm_servers.h"

namespace muster::provision {

// Servers are services of a Docker Swarm, one replica each, which the Swarm places on its nodes.
// Players reach the port that is published on the task's own node. A node that is lost ends its
// servers: the lobby starts others, and the service is never moved. Without a network the
// Reservation API is reached by a published port, too, because then no address is common.
class SwarmProvisioner final : public lobby::Provisioner {
 public:
  // Does not call the engine, which must be a manager. INVALID_ARGUMENT when an option is wrong.
  static absl::StatusOr<std::unique_ptr<SwarmProvisioner>> Create(SwarmOptions options);

  std::string_view name() const override { return "swarm"; }
  std::string version() const override;
  // RESOURCE_EXHAUSTED when no node takes the task in time, DEADLINE_EXCEEDED when it does not come
  // to run. The service of that id that is already there is waited for.
  absl::StatusOr<lobby::Place> Start(const lobby::ServerSpec& spec, std::stop_token stop) override;
  absl::Status Stop(const std::string& server_id, std::stop_token stop) override;
  absl::StatusOr<std::vector<lobby::FoundServer>> List(std::stop_token stop) override;
  // One watch at a time.
  std::unique_ptr<Watch> WatchExits(OnExit on_exit, OnGap on_gap) override;

 private:
  SwarmProvisioner(SwarmOptions options, EngineEndpoint endpoint);

  absl::StatusOr<lobby::Place> StartNamed(const lobby::ServerSpec& spec,
                                          const std::stop_token& stop);
  absl::Status CreateService(const lobby::ServerSpec& spec, const std::stop_token& stop);
  // Looks at the task until it runs and its ports are known.
  absl::StatusOr<lobby::Place> Converge(const std::string& server_id, const std::stop_token& stop);
  // Nothing when there is no such service of the deployment.
  absl::StatusOr<std::optional<SwarmServer>> Find(const std::string& server_id,
                                                  const std::stop_token& stop);
  absl::Status Remove(const std::string& server_id, const std::stop_token& stop);
  absl::Status WaitForTaskEnd(const std::string& service_id, const std::stop_token& stop);
  // Where the running server is; INVALID_ARGUMENT while a port or the address is missing.
  absl::StatusOr<lobby::Place> PlaceOf(const SwarmServer& server) const;
  absl::StatusOr<std::string> ControlAuthority(const SwarmServer& server,
                                               const std::string& node_address) const;

  const SwarmOptions options_;
  EngineApi api_;
  StartedServices started_;
};

}  // namespace muster::provision
