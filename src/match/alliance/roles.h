#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "match/alliance/role_assignment.h"
#include "match/alliance/ruleset.h"
#include "match/ticket.h"

// The roles that players would take.
namespace muster::match::alliance {

// The preferences of one player. Equal ones have one id.
using PreferenceId = uint32_t;

// The preferences of all players of a ticket. Tickets with the same set are interchangeable as far
// as roles go.
using RoleSetId = uint32_t;

// Remembers each distinct preference once. Empty, and free of cost, when no team has roles. Not
// thread-safe.
class RoleTable {
 public:
  explicit RoleTable(const Ruleset& rules);

  bool active() const { return active_; }

  // The set of these players; 0 when not active. A player's preference is the attribute `role`,
  // else `roles`: a text, a list of texts, or a text that holds a JSON list. Blanks and repetitions
  // are dropped, and what follows the first 64; none, or `any` among them: any role.
  RoleSetId Intern(std::span<const Player> players);

  // One for each player, in the ticket's order.
  std::span<const PreferenceId> Players(RoleSetId set) const { return sets_[set]; }

  // A player with this preference, as the roles of a team see him; names that the team does not
  // have are left out. Valid until another preference is interned.
  RolePlayer View(PreferenceId preference, const std::vector<Role>& roles) const;

 private:
  struct Names {
    bool any = false;
    std::vector<std::string> roles;
  };

  static Names Read(const Object& attributes);
  static RolePreference Map(const Names& names, const std::vector<Role>& roles);
  PreferenceId InternNames(Names names);
  RoleSetId InternSet(std::vector<PreferenceId> players);

  bool active_ = false;
  std::vector<Names> names_;
  absl::flat_hash_map<std::string, PreferenceId> ids_;
  std::vector<std::vector<PreferenceId>> sets_;
  absl::flat_hash_map<std::string, RoleSetId> set_ids_;
  // For each list of roles seen, by preference. Node-based: a view points into an inner vector.
  mutable absl::node_hash_map<const std::vector<Role>*, std::vector<RolePreference>> mapped_;
};

}  // namespace muster::match::alliance
