#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace muster::base {

// The longest id, in bytes.
inline constexpr size_t kMaxPathIdBytes = 256;

// OK when an id that somebody else chose can be a segment of a path and part of a record: 1 to
// kMaxPathIdBytes bytes of UTF-8 (RFC 3629) without control characters, neither "." nor "..".
// INVALID_ARGUMENT saying what is wrong; `what` names the id.
absl::Status CheckPathId(std::string_view what, std::string_view id);

}  // namespace muster::base
