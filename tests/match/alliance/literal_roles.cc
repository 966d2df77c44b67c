#include "tests/match/alliance/literal_roles.h"

#include <algorithm>

namespace muster::match::alliance {
namespace {

// Tries every way to give the players from `player` on a role.
bool CanAssign(const std::vector<Role>& roles, const std::vector<RoleWish>& wishes, size_t player,
               std::vector<int>* counts) {
  if (player == wishes.size()) {
    for (size_t i = 0; i < roles.size(); ++i) {
      if ((*counts)[i] < roles[i].min) return false;
    }
    return true;
  }
  for (size_t i = 0; i < roles.size(); ++i) {
    const RoleWish& wish = wishes[player];
    const bool wants =
        wish.empty() || std::find(wish.begin(), wish.end(), roles[i].name) != wish.end();
    if (!wants || (*counts)[i] == roles[i].max) continue;
    ++(*counts)[i];
    if (CanAssign(roles, wishes, player + 1, counts)) return true;
    --(*counts)[i];
  }
  return false;
}

}  // namespace

RoleWish RolesOf(const Player& player) {
  RoleWish names;
  for (const char* const key : {"role", "roles"}) {
    const Value* const value = player.attributes.Find(key);
    if (value == nullptr || !names.empty()) continue;
    const List list = value->list() == nullptr ? List{*value} : *value->list();
    for (const Value& name : list) {
      if (name.text() != nullptr && !name.text()->empty()) names.push_back(*name.text());
    }
  }
  if (std::find(names.begin(), names.end(), "any") != names.end()) names.clear();
  return names;
}

bool CanAssignRoles(const std::vector<Role>& roles, const std::vector<RoleWish>& wishes) {
  std::vector<int> counts(roles.size(), 0);
  return CanAssign(roles, wishes, 0, &counts);
}

}  // namespace muster::match::alliance
