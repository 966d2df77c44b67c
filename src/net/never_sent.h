#pragma once

#include "absl/status/status.h"

namespace muster::net {

// Whether the error of a sender says that no server can have seen the request, which may then be
// made again without harm. The senders of this folder mark such errors.
bool NeverSent(const absl::Status& error);

// `error` with that mark.
absl::Status MarkNeverSent(absl::Status error);

}  // namespace muster::net
