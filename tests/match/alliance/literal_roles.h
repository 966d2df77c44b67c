#pragma once

#include <string>
#include <vector>

#include "match/alliance/ruleset.h"
#include "match/ticket.h"

// Roles once more, by trying everything.
namespace muster::match::alliance {

// The roles that a player asks for; none: any.
using RoleWish = std::vector<std::string>;
RoleWish RolesOf(const Player& player);

// Whether a team of players with these wishes may start.
bool CanAssignRoles(const std::vector<Role>& roles, const std::vector<RoleWish>& wishes);

}  // namespace muster::match::alliance
