#include "match/alliance/ruleset_checks.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "match/alliance/ruleset_words.h"

namespace muster::match::alliance {
namespace {

using base::StrCat;

// An error lists values out of range up to about here; a status travels in a header.
constexpr size_t kMaxListedBytes = 300;

template <typename... Parts>
absl::Status Refused(const Parts&... parts) {
  return absl::InvalidArgumentError(StrCat("rules: ", parts...));
}

std::string Entry(std::string_view list, size_t index) { return StrCat(list, "[", index, "]"); }

// Whole numbers without a fraction, as they are mostly written.
std::string ShownNumber(double value) {
  constexpr double kExact = 1e15;
  if (std::abs(value) < kExact && value == std::floor(value)) {
    return StrCat(static_cast<int64_t>(value));
  }
  return Shown(value);
}

std::string ShownText(const std::string& text) { return Shown(nlohmann::json(text)); }

absl::Status CheckRange(const std::string& path, std::string_view min_key, int32_t min,
                        std::string_view max_key, int32_t max, std::string_view needed) {
  if (min > max) return Refused(path, ".", max_key, " ", max, " is below ", min_key, " ", min);
  if (min == 0) return Refused(path, ".", min_key, " 0: at least 1 ", needed, " is needed");
  return absl::OkStatus();
}

struct RoleSums {
  int64_t min = 0;
  int64_t max = 0;
};

absl::Status CheckRole(const std::string& path, const Role& role) {
  if (role.name.empty()) return Refused(path, ".name is empty");
  if (role.min <= role.max) return absl::OkStatus();
  return Refused(path, ".max ", role.max, " is below min ", role.min);
}

// One name twice in a list would be two counts for one role.
absl::Status CheckRoleNames(const std::string& path, const std::vector<Role>& roles) {
  absl::flat_hash_set<std::string> names;
  for (size_t i = 0; i < roles.size(); ++i) {
    MUSTER_RETURN_IF_ERROR(CheckRole(Entry(path, i), roles[i]));
    if (names.insert(roles[i].name).second) continue;
    return Refused(Entry(path, i), ".name ", ShownText(roles[i].name),
                   " stands twice in one list of roles");
  }
  return absl::OkStatus();
}

absl::Status CheckRoleList(const std::string& path, const std::vector<Role>& roles,
                           const AllianceRule& alliance) {
  MUSTER_RETURN_IF_ERROR(CheckRoleNames(path, roles));
  RoleSums sums;
  for (const Role& role : roles) sums = {sums.min + role.min, sums.max + role.max};
  if (sums.max == 0) return Refused(path, " has room for no player: every max is 0 (510116)");
  if (sums.min > alliance.max_players) {
    return Refused(path, " needs ", sums.min, " players, more than player_max_number ",
                   alliance.max_players, " (510117)");
  }
  if (sums.max < alliance.min_players) {
    return Refused(path, " has room for ", sums.max, " players, fewer than player_min_number ",
                   alliance.min_players, " (510118)");
  }
  for (size_t i = 0; i < roles.size(); ++i) {
    if (roles[i].max <= alliance.max_players) continue;
    return Refused(Entry(path, i), ".max ", roles[i].max, " is above player_max_number ",
                   alliance.max_players, " (510119)");
  }
  return absl::OkStatus();
}

absl::Status CheckRoles(const std::string& path, const AllianceRule& alliance) {
  const auto& teams = alliance.combination.teams;
  const std::string lists = StrCat(path, ".combination.alliances");
  if (teams.size() > 1 && teams.size() != static_cast<size_t>(alliance.max_teams)) {
    return Refused(lists, " has ", teams.size(), " lists of roles, not 1 or max_number ",
                   alliance.max_teams, " (510115)");
  }
  for (size_t i = 0; i < teams.size(); ++i) {
    MUSTER_RETURN_IF_ERROR(CheckRoleList(Entry(lists, i), teams[i], alliance));
  }
  return absl::OkStatus();
}

absl::Status CheckAlliance(const std::string& path, const AllianceRule& alliance) {
  MUSTER_RETURN_IF_ERROR(
      CheckRange(path, "min_number", alliance.min_teams, "max_number", alliance.max_teams, "team"));
  MUSTER_RETURN_IF_ERROR(CheckRange(path, "player_min_number", alliance.min_players,
                                    "player_max_number", alliance.max_players, "player a team"));
  return CheckRoles(path, alliance);
}

absl::Status CheckAllianceFlexing(const std::string& path,
                                  const std::vector<AllianceFlexingRule>& rules) {
  for (size_t i = 0; i < rules.size(); ++i) {
    MUSTER_RETURN_IF_ERROR(CheckAlliance(Entry(path, i), rules[i].alliance));
  }
  return absl::OkStatus();
}

absl::Status CheckAlliances(const Ruleset& rules) {
  MUSTER_RETURN_IF_ERROR(CheckAlliance("alliance", rules.alliance));
  MUSTER_RETURN_IF_ERROR(CheckAllianceFlexing("alliance_flexing_rule", rules.alliance_flexing));
  for (const SubGameMode& mode : rules.sub_game_modes) {
    const std::string path = MemberName("sub_game_modes", mode.name);
    MUSTER_RETURN_IF_ERROR(CheckAlliance(path + ".alliance", mode.alliance));
    MUSTER_RETURN_IF_ERROR(CheckAllianceFlexing(path + ".alliance_flexing_rule", mode.flexing));
  }
  return absl::OkStatus();
}

absl::Status CheckNamed(std::string_view list, const std::vector<RuleDraft>& rules) {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].attribute.empty()) return Refused(Entry(list, i), ".attribute is empty");
    if (!rules[i].criteria) return Refused(Entry(list, i), ".criteria is empty");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const std::vector<OptionDraft>& options) {
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string path = Entry("match_options.options", i);
    if (options[i].name.empty()) return Refused(path, ".name is empty");
    if (!options[i].type) return Refused(path, ".type is empty");
  }
  return absl::OkStatus();
}

absl::Status CheckBlockedPlayers(const RulesetDraft& draft) {
  if (!draft.bad_blocked_player_option) return absl::OkStatus();
  return Refused("blocked_player_option ", ShownText(*draft.bad_blocked_player_option), " is not ",
                 ListWords(kBlockedPlayers));
}

absl::Status CheckRegions(const RegionRule& regions) {
  if (regions.initial_range_ms <= regions.max_ms) return absl::OkStatus();
  return Refused("region_latency_max_ms ", regions.max_ms,
                 " is below region_latency_initial_range_ms ", regions.initial_range_ms);
}

// `path` names the distance rule `rule`, which has a normalization of its own.
absl::Status CheckNormalization(const std::string& path, const RuleDraft& rule,
                                const std::vector<RuleDraft>& flexing) {
  const std::string key = StrCat(path, ".normalizationMax ", ShownNumber(rule.normalization_max));
  if (rule.normalization_max < rule.reference) {
    return Refused(key, " is below reference ", ShownNumber(rule.reference));
  }
  for (size_t i = 0; i < flexing.size(); ++i) {
    if (flexing[i].attribute != rule.attribute || flexing[i].reference <= rule.normalization_max) {
      continue;
    }
    return Refused(key, " is below ", Entry("flexing_rule", i), ".reference ",
                   ShownNumber(flexing[i].reference));
  }
  return absl::OkStatus();
}

absl::Status OnlyOnMainRule(size_t index, std::string_view key, double value,
                            const std::string& path) {
  return Refused(Entry("flexing_rule", index), ".", key, " ", ShownNumber(value),
                 " has no place here: only ", path, " may have one");
}

absl::Status CheckDistanceRule(const std::string& path, const RuleDraft& rule,
                               const std::vector<RuleDraft>& flexing) {
  for (size_t i = 0; i < flexing.size(); ++i) {
    if (flexing[i].attribute == rule.attribute && flexing[i].weight) {
      return OnlyOnMainRule(i, "weight", *flexing[i].weight, path);
    }
  }
  for (size_t i = 0; i < flexing.size(); ++i) {
    if (flexing[i].attribute == rule.attribute && flexing[i].normalization_max > 0) {
      return OnlyOnMainRule(i, "normalizationMax", flexing[i].normalization_max, path);
    }
  }
  return rule.normalization_max > 0 ? CheckNormalization(path, rule, flexing) : absl::OkStatus();
}

absl::Status CheckDistanceRules(const RulesetDraft& draft) {
  for (size_t i = 0; i < draft.matching.size(); ++i) {
    const RuleDraft& rule = draft.matching[i];
    if (rule.criteria != Criteria::kDistance) continue;
    MUSTER_RETURN_IF_ERROR(CheckDistanceRule(Entry("matching_rule", i), rule, draft.flexing));
  }
  return absl::OkStatus();
}

// Sentences, of which the first ones are kept and the others counted.
class Remarks {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    if (++count_ <= kMaxRemarks) sentences_.push_back(StrCat(parts...));
  }

  std::vector<std::string> Take() {
    if (count_ > kMaxRemarks) {
      sentences_.back() = StrCat(count_ - kMaxRemarks + 1, " more keys or values have no effect");
    }
    return std::move(sentences_);
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> sentences_;
};

void RemarkOnKeys(const RulesReader& reader, std::initializer_list<std::string_view> keys,
                  std::string_view sentence, Remarks& remarks) {
  for (const std::string_view key : keys) {
    if (reader.Given(key)) remarks.Add(reader.Name(key), " ", sentence);
  }
}

void RemarkOnHostedKeys(const RulesReader& top, const std::vector<RulesReader>& alliances,
                        Remarks& remarks) {
  constexpr std::string_view kNotInCore = "has no effect in the profile core";
  for (const RulesReader& alliance : alliances) {
    RemarkOnKeys(
        alliance,
        {"combination", "role_flexing_enable", "role_flexing_second", "role_flexing_player"},
        kNotInCore, remarks);
  }
  RemarkOnKeys(top, {"sub_game_modes", "sub_gamemode_selection", "platform_group"}, kNotInCore,
               remarks);
}

void RemarkOnMatchingRules(const RulesetDraft& draft, Remarks& remarks) {
  for (size_t i = 0; i < draft.matching.size(); ++i) {
    const Criteria criteria = *draft.matching[i].criteria;
    if (criteria == Criteria::kDistance) continue;
    remarks.Add(Entry("matching_rule", i), ".criteria `", WordOf(kCriteria, criteria),
                "` has no effect");
  }
}

void RemarkOnFlexingRules(const RulesetDraft& draft, Remarks& remarks) {
  absl::flat_hash_set<std::string> attributes;
  for (const RuleDraft& rule : draft.matching) attributes.insert(rule.attribute);
  for (size_t i = 0; i < draft.flexing.size(); ++i) {
    const std::string& attribute = draft.flexing[i].attribute;
    if (attributes.contains(attribute)) continue;
    remarks.Add(Entry("flexing_rule", i), " has no effect: no matching rule has the attribute ",
                ShownText(attribute));
  }
}

void RemarkOnOptions(const RulesetDraft& draft, Remarks& remarks) {
  absl::flat_hash_set<std::string> names;
  for (size_t i = 0; i < draft.options.size(); ++i) {
    if (names.insert(draft.options[i].name).second) continue;
    remarks.Add(Entry("match_options.options", i), " has no effect: another option named ",
                ShownText(draft.options[i].name), " stands before it");
  }
}

// A mode is called what its place in the map is called.
void RemarkOnModeNames(const RulesReader& top, Remarks& remarks) {
  const absl::StatusOr<RulesReader> modes = top.Child("sub_game_modes");
  if (!modes.ok()) return;
  for (const std::string& key : modes->Keys()) {
    const absl::StatusOr<RulesReader> mode = modes->Child(key);
    if (!mode.ok() || !mode->Given("name") || mode->Text("name").value_or(key) == key) continue;
    remarks.Add(mode->Name("name"), " has no effect: the mode is named ", ShownText(key));
  }
}

}  // namespace

absl::Status ReadErrors::status() const {
  if (!wrong_type_.ok() || out_of_range_.empty()) return wrong_type_;
  std::string text = StrCat("rules: ", out_of_range_.front());
  size_t listed = 1;
  for (; listed < out_of_range_.size(); ++listed) {
    if (text.size() + out_of_range_[listed].size() > kMaxListedBytes) break;
    text += StrCat("; ", out_of_range_[listed]);
  }
  const size_t more = out_of_range_.size() - listed;
  if (more > 0) text += StrCat("; and ", more, " more");
  return absl::InvalidArgumentError(text);
}

absl::Status CheckRuleset(const RulesetDraft& draft) {
  MUSTER_RETURN_IF_ERROR(CheckAlliances(draft.rules));
  MUSTER_RETURN_IF_ERROR(CheckNamed("matching_rule", draft.matching));
  MUSTER_RETURN_IF_ERROR(CheckNamed("flexing_rule", draft.flexing));
  MUSTER_RETURN_IF_ERROR(CheckOptions(draft.options));
  MUSTER_RETURN_IF_ERROR(CheckBlockedPlayers(draft));
  MUSTER_RETURN_IF_ERROR(CheckRegions(draft.rules.regions));
  return CheckDistanceRules(draft);
}

std::vector<std::string> RemarksOn(const RulesReader& top, const RulesetDraft& draft) {
  Remarks remarks;
  const absl::StatusOr<RulesReader> alliance = top.Child("alliance");
  if (!alliance.ok()) return {};  // Then there is no draft either.
  RemarkOnKeys(*alliance, {"matching_rule"}, "has no effect: it belongs beside alliance", remarks);
  RemarkOnMatchingRules(draft, remarks);
  RemarkOnFlexingRules(draft, remarks);
  RemarkOnOptions(draft, remarks);
  if (top.Count("max_delay_ms").value_or(0) > 0) remarks.Add("max_delay_ms has no effect");
  if (top.Bool("ticket_observability_enable").value_or(false)) {
    remarks.Add("ticket_observability_enable has no effect");
  }
  RemarkOnKeys(top, {"extra_attributes"}, "has no effect", remarks);
  if (draft.rules.profile == Profile::kHosted) {
    RemarkOnModeNames(top, remarks);
    return remarks.Take();
  }
  std::vector<RulesReader> alliances = {*alliance};
  const auto flexing = top.Children("alliance_flexing_rule", draft.rules.alliance_flexing.size());
  if (flexing.ok()) alliances.insert(alliances.end(), flexing->begin(), flexing->end());
  RemarkOnHostedKeys(top, alliances, remarks);
  return remarks.Take();
}

}  // namespace muster::match::alliance
