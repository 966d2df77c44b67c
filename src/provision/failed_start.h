#pragma once

#include <functional>

#include "absl/status/status.h"

namespace muster::provision {

// Ends a start at an engine that failed with `error`: calls `remove`, several times over a second
// when the engine may still be making what it was asked for, until it fails. Not to be cancelled,
// so `remove` must be bounded. Returns the error in the codes that Provisioner::Start names.
absl::Status FailedStart(const absl::Status& error, const std::function<absl::Status()>& remove);

}  // namespace muster::provision
