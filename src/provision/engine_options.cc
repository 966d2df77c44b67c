#include "provision/engine_options.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "provision/server_identity.h"

namespace muster::provision {

absl::Status CheckContainerOptions(const ContainerOptions& options) {
  MUSTER_RETURN_IF_ERROR(CheckDeployment(options.deployment));
  if (options.image.empty()) return absl::InvalidArgumentError("image: none is named");
  if (options.control_port.protocol != "tcp") {
    return absl::InvalidArgumentError("control port: the Reservation API needs tcp");
  }
  if (options.cpus < 0 || options.memory_bytes < 0 || options.pids < 0) {
    return absl::InvalidArgumentError("limits: cpus, memory and pids cannot be negative");
  }
  return absl::OkStatus();
}

std::string ContainerVersion(const ContainerOptions& options) {
  std::vector<std::string> parts = {options.image,
                                    options.expose_port.ToString(),
                                    options.control_port.ToString(),
                                    options.network,
                                    absl::StrCat(static_cast<int>(options.reach)),
                                    absl::StrCat(options.cpus),
                                    absl::StrCat(options.memory_bytes),
                                    absl::StrCat(options.pids),
                                    options.init ? "init" : ""};
  for (const auto& [name, value] : options.environment) {
    parts.push_back(absl::StrCat(name, "=", value));
  }
  return VersionOf(parts);
}

}  // namespace muster::provision
