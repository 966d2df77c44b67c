#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace muster::gameserver {

// The longest id of a player or a game, in bytes; a lobby's client ids are no longer.
inline constexpr size_t kMaxIdBytes = 256;

// OK when `id` can be a segment of a path and text in JSON: 1 to kMaxIdBytes bytes of UTF-8 without
// control characters, neither "." nor "..". INVALID_ARGUMENT saying what is wrong.
absl::Status CheckId(std::string_view id);

}  // namespace muster::gameserver
