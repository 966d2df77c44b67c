#include "match/alliance/roles.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::match::alliance {
namespace {

constexpr std::string_view kAnyRole = "any";
constexpr size_t kMaxRolesOfAPlayer = 64;
// Keeps names apart in keys; no role name holds it.
constexpr const char* kSeparator = "\n";

bool HasRoles(const AllianceRule& rule) { return rule.combination.active(); }

bool AnyHasRoles(const AllianceRule& rule, const std::vector<AllianceFlexingRule>& flexing) {
  return HasRoles(rule) ||
         std::any_of(flexing.begin(), flexing.end(),
                     [](const AllianceFlexingRule& flexed) { return HasRoles(flexed.alliance); });
}

void AddName(std::string_view name, std::vector<std::string>* names) {
  const std::string role(base::FromAbsl(absl::StripAsciiWhitespace(base::ToAbsl(name))));
  if (role.empty() || role.find('\n') != std::string::npos) return;
  if (names->size() == kMaxRolesOfAPlayer) return;
  if (std::find(names->begin(), names->end(), role) == names->end()) names->push_back(role);
}

// The roles that a value names: a text, a list of texts, or a text that holds a JSON list.
std::vector<std::string> NamesOf(const Value* value) {
  std::vector<std::string> names;
  if (value == nullptr) return names;
  if (value->list() != nullptr) {
    for (const Value& item : *value->list()) {
      if (item.text() != nullptr) AddName(*item.text(), &names);
    }
    return names;
  }
  if (value->text() == nullptr) return names;
  const nlohmann::json parsed = nlohmann::json::parse(*value->text(), nullptr, false);
  if (!parsed.is_array()) {
    AddName(*value->text(), &names);
    return names;
  }
  for (const nlohmann::json& item : parsed) {
    if (item.is_string()) AddName(item.get_ref<const std::string&>(), &names);
  }
  return names;
}

}  // namespace

RoleTable::RoleTable(const Ruleset& rules)
    : active_(AnyHasRoles(rules.alliance, rules.alliance_flexing) ||
              std::any_of(rules.sub_game_modes.begin(), rules.sub_game_modes.end(),
                          [](const SubGameMode& mode) {
                            return AnyHasRoles(mode.alliance, mode.flexing);
                          })) {
  if (!active_) sets_.emplace_back();
}

RoleTable::Names RoleTable::Read(const Object& attributes) {
  Names names;
  names.roles = NamesOf(attributes.Find("role"));
  if (names.roles.empty()) names.roles = NamesOf(attributes.Find("roles"));
  names.any = names.roles.empty() ||
              std::find(names.roles.begin(), names.roles.end(), kAnyRole) != names.roles.end();
  return names;
}

PreferenceId RoleTable::InternNames(Names names) {
  if (names.any) names.roles.clear();
  const auto [found, added] = ids_.try_emplace(absl::StrJoin(names.roles, kSeparator),
                                               static_cast<PreferenceId>(names_.size()));
  if (added) names_.push_back(std::move(names));
  return found->second;
}

RoleSetId RoleTable::InternSet(std::vector<PreferenceId> players) {
  std::string key(reinterpret_cast<const char*>(players.data()),
                  players.size() * sizeof(PreferenceId));
  const auto [found, added] =
      set_ids_.try_emplace(std::move(key), static_cast<RoleSetId>(sets_.size()));
  if (added) sets_.push_back(std::move(players));
  return found->second;
}

RoleSetId RoleTable::Intern(std::span<const Player> players) {
  if (!active_) return 0;
  std::vector<PreferenceId> preferences;
  for (const Player& player : players) preferences.push_back(InternNames(Read(player.attributes)));
  return InternSet(std::move(preferences));
}

RolePlayer RoleTable::View(PreferenceId preference, const std::vector<Role>& roles) const {
  const Names& names = names_[preference];
  if (names.any) return {nullptr, true};
  std::vector<RolePreference>& mapped = mapped_[&roles];
  if (mapped.size() != names_.size()) {
    mapped.clear();
    for (const Names& each : names_) mapped.push_back(Map(each, roles));
  }
  return {&mapped[preference], false};
}

RolePreference RoleTable::Map(const Names& names, const std::vector<Role>& roles) {
  RolePreference preference;
  for (const std::string& name : names.roles) {
    const auto role = std::find_if(roles.begin(), roles.end(),
                                   [&](const Role& known) { return known.name == name; });
    if (role == roles.end()) continue;
    preference.push_back(static_cast<uint16_t>(role - roles.begin()));
  }
  return preference;
}

}  // namespace muster::match::alliance
