#pragma once

#include <functional>
#include <stop_token>

#include "absl/status/status.h"

namespace muster::provision {

// Ends a start at an engine that failed with `error`: calls `remove`, several times over a second
// when the engine may still be making what it was asked for, until it fails. The start's own stop
// token does not cut this short; all of it together has three seconds, after which the token that
// `remove` gets is requested. Returns the error in the codes that Provisioner::Start names.
absl::Status FailedStart(const absl::Status& error,
                         const std::function<absl::Status(const std::stop_token& late)>& remove);

}  // namespace muster::provision
