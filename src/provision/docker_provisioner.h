#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "lobby/provisioner.h"
#include "provision/engine_api.h"
#include "provision/engine_json.h"
#include "provision/engine_options.h"

namespace muster::provision {

// Servers are containers of one Docker Engine, named and labelled as server_identity.h says, so
// that they are found again whatever happened to their image's tags. They have no capability, no
// way to new privileges and no restart policy; their network is that of the options, which must
// exist.
class DockerProvisioner final : public lobby::Provisioner {
 public:
  // Does not call the engine. INVALID_ARGUMENT when an option is wrong.
  static absl::StatusOr<std::unique_ptr<DockerProvisioner>> Create(DockerOptions options);

  std::string_view name() const override { return "docker"; }
  std::string version() const override;
  // Takes a running container of that id as it is, and replaces one that does not run.
  absl::StatusOr<lobby::Place> Start(const lobby::ServerSpec& spec, std::stop_token stop) override;
  absl::Status Stop(const std::string& server_id, std::stop_token stop) override;
  absl::StatusOr<std::vector<lobby::FoundServer>> List(std::stop_token stop) override;
  std::unique_ptr<Watch> WatchExits(OnExit on_exit, OnGap on_gap) override;

 private:
  DockerProvisioner(DockerOptions options, EngineEndpoint endpoint);

  EngineCall MakeCall(std::string method, std::string path) const;
  absl::StatusOr<lobby::Place> StartNamed(const lobby::ServerSpec& spec,
                                          const std::stop_token& stop);
  absl::Status StartContainer(const std::string& server_id, const std::stop_token& stop);
  // A container of that name is there afterwards: the one that runs, or a new one.
  absl::Status EnsureContainer(const lobby::ServerSpec& spec, const std::stop_token& stop);
  absl::Status CreateContainer(const lobby::ServerSpec& spec, const std::stop_token& stop);
  absl::Status Pull(const std::stop_token& stop);
  // Starts an ended container of the same version as the server; false when there is none, or none
  // shall be.
  absl::StatusOr<bool> Reuse(const std::string& server_id, const std::stop_token& stop);
  // Gives one the server's name; false when there is none.
  absl::StatusOr<bool> RenameEnded(const std::string& server_id, const std::stop_token& stop)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(reusing_);
  absl::StatusOr<std::vector<Container>> ListContainers(const std::stop_token& stop);
  // The deployment's own container of this server; nothing when there is none.
  absl::StatusOr<std::optional<Container>> Find(const std::string& server_id,
                                                const std::stop_token& stop);
  absl::Status Remove(const std::string& server_id, const std::stop_token& stop);
  // Where the running container is. INVALID_ARGUMENT when a port or the address is missing.
  absl::StatusOr<lobby::Place> PlaceOf(const Container& container,
                                       const std::string& server_id) const;
  absl::StatusOr<std::string> ControlAuthority(const Container& container) const;

  const DockerOptions options_;
  EngineApi api_;
  // From the choice of an ended container until it runs, so that no two servers get the same one. A
  // lobby beside this one may still choose it: then the start of one of the two fails.
  base::Mutex reusing_;
};

}  // namespace muster::provision
