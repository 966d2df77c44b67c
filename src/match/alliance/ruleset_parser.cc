#include "match/alliance/ruleset_parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "match/alliance/field_reader.h"
#include "match/alliance/ruleset_checks.h"
#include "match/alliance/ruleset_words.h"
#include "match/rules_json.h"

namespace muster::match::alliance {
namespace {

using base::StrCat;

constexpr double kMaxWeight = 1000;

std::vector<Role> ReadRoles(const std::vector<FieldReader>& list) {
  std::vector<Role> roles;
  roles.reserve(list.size());
  for (const FieldReader& role : list) {
    roles.push_back({role.LowerCaseName("name"), role.Int("min"), role.Int("max")});
  }
  return roles;
}

// The keys of role flexing stand beside the roles or beside the combination.
Combination ReadCombination(const FieldReader& alliance) {
  const FieldReader reader = alliance.Child("combination");
  const auto flexing = [&](std::string_view key) { return reader.Given(key) ? reader : alliance; };
  Combination combination;
  combination.flexing = flexing("role_flexing_enable").Bool("role_flexing_enable");
  combination.flexing_second = flexing("role_flexing_second").Int("role_flexing_second");
  combination.flexing_players = flexing("role_flexing_player").Int("role_flexing_player");
  for (const std::vector<FieldReader>& list : reader.ChildLists("alliances")) {
    if (list.size() > kMaxRolesPerTeam) {
      reader.Problem("alliances", StrCat("has a list of ", list.size(), " roles, more than ",
                                         kMaxRolesPerTeam, " allowed"));
    }
    combination.teams.push_back(ReadRoles(list));
  }
  if (!reader.Bool("has_combination")) return {};
  if (combination.teams.empty()) reader.Problem("alliances", "has no list of roles (510115)");
  return combination;
}

AllianceRule ReadAlliance(const FieldReader& reader, Profile profile) {
  AllianceRule alliance{reader.Int("min_number"),
                        reader.Int("max_number"),
                        reader.Int("player_min_number"),
                        reader.Int("player_max_number"),
                        {}};
  if (profile == Profile::kHosted) alliance.combination = ReadCombination(reader);
  return alliance;
}

std::vector<AllianceFlexingRule> ReadAllianceFlexing(const FieldReader& parent, Profile profile) {
  std::vector<AllianceFlexingRule> rules;
  for (const FieldReader& reader : parent.Children("alliance_flexing_rule")) {
    rules.push_back({reader.Int("duration"), ReadAlliance(reader, profile)});
  }
  return rules;
}

std::vector<RuleDraft> ReadRules(const FieldReader& top, std::string_view key, bool flexing) {
  std::vector<RuleDraft> rules;
  for (const FieldReader& reader : top.Children(key)) {
    RuleDraft& rule = rules.emplace_back();
    if (flexing) rule.duration_s = reader.Int("duration");
    rule.attribute = reader.LowerCaseName("attribute");
    rule.criteria = reader.OneOf("criteria", kCriteria);
    rule.reference = reader.Number("reference", kMaxInt32);
    rule.normalization_max = reader.Number("normalizationMax", kMaxInt32);
    rule.weight = reader.OptionalNumber("weight", kMaxWeight);
    rule.for_balancing = reader.OptionalBool("isForBalancing");
  }
  return rules;
}

void ReadOptions(const FieldReader& top, RulesetDraft& draft) {
  const FieldReader reader = top.Child("match_options");
  draft.rules.has_options = reader.Given("options");
  for (const FieldReader& option : reader.Children("options")) {
    draft.options.push_back({option.Name("name"), option.OneOf("type", kOptionTypes)});
  }
}

void ReadBlockedPlayers(const FieldReader& top, RulesetDraft& draft) {
  const std::string text = top.Text("blocked_player_option");
  if (text.empty()) return;
  const std::optional<BlockedPlayers> value = FindWord(kBlockedPlayers, text);
  if (!value) draft.bad_blocked_player_option = text;
  draft.rules.blocked_players = value.value_or(BlockedPlayers::kCannotMatch);
}

RegionRule ReadRegions(const FieldReader& top) {
  const RegionRule defaults;
  RegionRule regions;
  regions.expansion_rate_ms = top.Int("region_expansion_rate_ms");
  if (regions.expansion_rate_ms == 0) regions.expansion_rate_ms = defaults.expansion_rate_ms;
  regions.expansion_range_ms = top.Int("region_expansion_range_ms");
  if (regions.expansion_range_ms == 0) regions.expansion_range_ms = defaults.expansion_range_ms;
  regions.initial_range_ms = top.Int("region_latency_initial_range_ms");
  regions.max_ms = top.Int("region_latency_max_ms");
  regions.disable_bidirectional_after_ms = top.Int("disable_bidirectional_latency_after_ms");
  regions.weight =
      top.OptionalNumber("region_latency_rule_weight", kMaxWeight).value_or(defaults.weight);
  return regions;
}

// Without effect, but not of any type.
void ReadUnused(const FieldReader& top) {
  top.Int("max_delay_ms");
  top.Bool("ticket_observability_enable");
  const FieldReader extra = top.Child("extra_attributes");
  const FieldReader parameters = extra.Child("DefaultParam");
  for (const char* key : {"Namespace", "Matchpool", "RuleSet"}) parameters.Text(key);
  extra.Integer("TicketChunkSize");
}

// Names of the members of `map`: not empty, not too long, not too many.
std::vector<std::string> ReadNames(const FieldReader& top, std::string_view key,
                                   const FieldReader& map, size_t limit) {
  std::vector<std::string> names = map.Keys();
  if (names.size() > limit) {
    top.Problem(key, StrCat("has ", names.size(), " entries, more than ", limit, " allowed"));
  }
  for (const std::string& name : names) {
    if (name.empty()) top.Problem(key, "has an entry without a name");
    if (CountCharacters(name) > kMaxNameLength) {
      map.Problem(name, StrCat("has a name of more than ", kMaxNameLength, " characters"));
    }
  }
  return names;
}

std::vector<SubGameMode> ReadSubGameModes(const FieldReader& top) {
  const FieldReader modes = top.Child("sub_game_modes");
  std::vector<SubGameMode> read;
  for (const std::string& name : ReadNames(top, "sub_game_modes", modes, kMaxSubGameModes)) {
    const FieldReader mode = modes.Child(name);
    mode.Text("name");
    read.push_back({name, ReadAlliance(mode.Child("alliance"), Profile::kHosted),
                    ReadAllianceFlexing(mode, Profile::kHosted)});
  }
  return read;
}

std::vector<PlatformGroup> ReadPlatformGroups(const FieldReader& top) {
  const FieldReader groups = top.Child("platform_group");
  std::vector<PlatformGroup> read;
  for (const std::string& name : ReadNames(top, "platform_group", groups, kMaxPlatformGroups)) {
    PlatformGroup& group = read.emplace_back();
    group = {name, groups.Texts(name, kMaxPlatformsPerGroup)};
    for (const std::string& platform : group.platforms) {
      if (platform.empty() || CountCharacters(platform) > kMaxNameLength) {
        groups.Problem(name, StrCat("has a platform of not 1 to ", kMaxNameLength, " characters"));
      }
    }
  }
  return read;
}

void ReadHosted(const FieldReader& top, Ruleset& rules) {
  rules.sub_game_modes = ReadSubGameModes(top);
  rules.sub_game_mode_selection =
      top.OneOf("sub_gamemode_selection", kSelections).value_or(SubGameModeSelection::kTicketOrder);
  rules.platform_groups = ReadPlatformGroups(top);
}

void ReadRebalance(const FieldReader& top, Ruleset& rules) {
  rules.rebalance =
      top.OptionalBool("rebalance_enable").value_or(rules.profile == Profile::kHosted);
  constexpr int kNewest = 2;
  rules.rebalance_version = top.Integer("rebalance_version") == 1 ? 1 : kNewest;
}

RulesetDraft ReadDraft(const FieldReader& top, const LogicOptions& options) {
  RulesetDraft draft;
  Ruleset& rules = draft.rules;
  rules.profile = options.profile;
  rules.alliance = ReadAlliance(top.Child("alliance"), options.profile);
  rules.auto_backfill = top.Bool("auto_backfill");
  draft.matching = ReadRules(top, "matching_rule", false);
  draft.flexing = ReadRules(top, "flexing_rule", true);
  rules.alliance_flexing = ReadAllianceFlexing(top, options.profile);
  ReadOptions(top, draft);
  rules.ignore_plain_attributes = top.Bool("match_options_referred_for_backfill");
  ReadBlockedPlayers(top, draft);
  rules.regions = ReadRegions(top);
  ReadRebalance(top, rules);
  rules.strategy = top.OneOf("strategy", kStrategies).value_or(options.strategy);
  ReadUnused(top);
  if (options.profile == Profile::kHosted) ReadHosted(top, rules);
  return draft;
}

// Quirk Q31: the vendor's matcher takes the largest reference of any attribute.
double DefaultNormalization(const RuleDraft& rule, const std::vector<RuleDraft>& flexing) {
  double largest = rule.reference;
  for (const RuleDraft& other : flexing) {
    if (other.criteria != Criteria::kDistance || other.attribute != rule.attribute) continue;
    largest = std::max(largest, other.reference);
  }
  return largest;
}

MatchingRule FinishRule(const RuleDraft& rule, const std::vector<RuleDraft>& flexing) {
  const bool needs_default = rule.criteria == Criteria::kDistance && rule.normalization_max == 0;
  return {rule.attribute,
          *rule.criteria,
          rule.reference,
          needs_default ? DefaultNormalization(rule, flexing) : rule.normalization_max,
          rule.weight.value_or(1),
          rule.for_balancing};
}

// Fills in defaults. The draft was checked.
Ruleset Finish(const RulesetDraft& draft) {
  Ruleset rules = draft.rules;
  for (const RuleDraft& rule : draft.matching) {
    rules.matching.push_back(FinishRule(rule, draft.flexing));
  }
  for (const RuleDraft& rule : draft.flexing) {
    rules.flexing.push_back({rule.duration_s, rule.attribute, *rule.criteria, rule.reference});
  }
  absl::flat_hash_set<std::string> names;
  for (const OptionDraft& option : draft.options) {
    if (names.insert(option.name).second) rules.options.push_back({option.name, *option.type});
  }
  return rules;
}

}  // namespace

absl::StatusOr<Ruleset> ParseRuleset(std::string_view rules_json, const LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(const nlohmann::json json, ParseRulesJson(rules_json, options));
  const RulesReader top(json, "", KeyMatch::kAnyCase);
  ReadErrors errors;
  const RulesetDraft draft = ReadDraft(FieldReader(top, errors), options);
  MUSTER_RETURN_IF_ERROR(errors.status());
  MUSTER_RETURN_IF_ERROR(CheckRuleset(draft));
  Ruleset rules = Finish(draft);
  rules.remarks = RemarksOn(top, draft);
  return rules;
}

}  // namespace muster::match::alliance
