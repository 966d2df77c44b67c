#pragma once

#include <set>
#include <vector>

#include "absl/status/statusor.h"

namespace muster::provision {

// `count` different TCP ports that nobody listens on and that are not in `taken`. Somebody may take
// one before it is used. RESOURCE_EXHAUSTED when there are none.
absl::StatusOr<std::vector<int>> FindFreePorts(int count, const std::set<int>& taken);

}  // namespace muster::provision
