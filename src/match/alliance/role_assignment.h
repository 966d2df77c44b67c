#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "match/alliance/ruleset.h"

// Who plays which role in one team: a flow of players into roles.
namespace muster::match::alliance {

// Roles a player would take, best first, as places in the team's list of roles; each once.
using RolePreference = std::vector<uint16_t>;

// One player of a team. Plain view; `preference` outlives the call.
struct RolePlayer {
  // Empty: takes no role, unless `any`.
  const RolePreference* preference = nullptr;
  // Takes any role, each at equal cost; `preference` is not read.
  bool any = false;
};

// Whether the players can be given one role each, no role above its maximum: more may join. This
// and the next do not allocate for up to 32 players and 16 roles.
bool IsOpenLegal(const std::vector<Role>& roles, const std::vector<RolePlayer>& players);

// Whether in addition every role reaches its minimum: the team may start.
bool IsStartLegal(const std::vector<Role>& roles, const std::vector<RolePlayer>& players);

// The role of each player. Of the legal ways the one with the least sum of positions in the
// preference lists (any: 0); then the one that gives the earliest player the earliest role, then
// the next player, and so on. Nothing when there is none. `start`: minima count too.
std::optional<std::vector<uint16_t>> AssignRoles(const std::vector<Role>& roles,
                                                 const std::vector<RolePlayer>& players,
                                                 bool start);

}  // namespace muster::match::alliance
