#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace muster::provision {

// A port inside a container, as IMAGE_EXPOSE_PORT and IMAGE_CONTROL_PORT have it.
struct PortSpec {
  int port = 0;
  // "tcp" or "udp".
  std::string protocol = "tcp";

  // "3000/tcp"
  std::string ToString() const;
  bool operator==(const PortSpec&) const = default;
};

// Reads "3000", "3000/tcp" or "3000/udp"; INVALID_ARGUMENT, naming `variable`, for anything else.
absl::StatusOr<PortSpec> ParsePortSpec(std::string_view variable, std::string_view text);

}  // namespace muster::provision
