#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace muster::auth {

// Bits of an action.
inline constexpr int kActionCreate = 1;
inline constexpr int kActionRead = 2;
inline constexpr int kActionUpdate = 4;
inline constexpr int kActionDelete = 8;

// A right: what may be done (bits) to which resource, for example "NAMESPACE:*:MMV2GRPCSERVICE".
struct Permission {
  std::string resource;
  int action = 0;

  bool operator==(const Permission&) const = default;
};

// Whether the granted bits cover all required ones.
inline bool ActionCovers(int granted, int required) { return (granted & required) == required; }

// Whether `game` belongs to `studio`, for the one case that names alone do not tell.
using IsGameOfStudio = std::function<bool(std::string_view game, std::string_view studio)>;

// Whether a granted resource covers a required one. Both are split at `:`; a segment matches when
// equal or granted as `*`. After NAMESPACE, a granted `studio-` matches `studio`, `studio-game`
// (two parts), and a game of which `is_game_of_studio` says so. A shorter grant matches only when
// its last segment is `*` and the one before neither NAMESPACE nor USER (or it is `*` alone); a
// longer one only when all that is more is `*`.
bool ResourceCovers(std::string_view granted, std::string_view required,
                    const IsGameOfStudio& is_game_of_studio);

// `resource` with `{namespace}` and `{userId}` replaced.
std::string Substitute(std::string_view resource, std::string_view name_space,
                       std::string_view user_id);

}  // namespace muster::auth
