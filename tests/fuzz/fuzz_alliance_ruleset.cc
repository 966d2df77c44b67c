#include <cstddef>
#include <cstdint>
#include <string_view>

#include "match/alliance/ruleset_checks.h"
#include "match/alliance/ruleset_parser.h"
#include "tests/fuzz/fuzz_check.h"

// Rulesets of any bytes are refused with INVALID_ARGUMENT and a short message, or make sense.
namespace muster::match::alliance {
namespace {

// A status travels in a header of 8 KiB at most.
constexpr size_t kMaxMessageBytes = 768;

void CheckSentence(std::string_view sentence) {
  FUZZ_CHECK(sentence.size() <= kMaxMessageBytes);
  for (const char c : sentence) FUZZ_CHECK(c >= ' ' && c <= '~');
}

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  FUZZ_CHECK(status.message().substr(0, 7) == "rules: ");
  CheckSentence({status.message().data(), status.message().size()});
}

void CheckTeamRoles(const std::vector<Role>& roles, const AllianceRule& alliance) {
  FUZZ_CHECK(!roles.empty() && roles.size() <= kMaxRolesPerTeam);
  int64_t min = 0;
  int64_t max = 0;
  for (const Role& role : roles) {
    FUZZ_CHECK(!role.name.empty());
    FUZZ_CHECK(0 <= role.min && role.min <= role.max && role.max <= alliance.max_players);
    min += role.min;
    max += role.max;
  }
  FUZZ_CHECK(min <= alliance.max_players && max >= alliance.min_players);
}

void CheckAlliance(const AllianceRule& alliance, int32_t largest) {
  FUZZ_CHECK(1 <= alliance.min_teams && alliance.min_teams <= alliance.max_teams);
  FUZZ_CHECK(1 <= alliance.min_players && alliance.min_players <= alliance.max_players);
  FUZZ_CHECK(alliance.max_players <= largest);
  const size_t lists = alliance.combination.teams.size();
  FUZZ_CHECK(lists <= 1 || lists == static_cast<size_t>(alliance.max_teams));
  for (const auto& roles : alliance.combination.teams) CheckTeamRoles(roles, alliance);
}

void CheckAlliances(const Ruleset& rules) {
  const int32_t largest = rules.LargestTeam();
  CheckAlliance(rules.alliance, largest);
  for (const auto& rule : rules.alliance_flexing) CheckAlliance(rule.alliance, largest);
  for (const SubGameMode& mode : rules.sub_game_modes) {
    FUZZ_CHECK(!mode.name.empty());
    CheckAlliance(mode.alliance, largest);
    for (const auto& rule : mode.flexing) CheckAlliance(rule.alliance, largest);
  }
}

void CheckRules(const Ruleset& rules) {
  CheckAlliances(rules);
  for (const MatchingRule& rule : rules.matching) {
    FUZZ_CHECK(!rule.attribute.empty());
    FUZZ_CHECK(rule.reference >= 0 && rule.weight >= 0);
    if (rule.criteria == Criteria::kDistance) {
      FUZZ_CHECK(rule.normalization_max >= rule.reference);
    }
  }
  FUZZ_CHECK(rules.regions.expansion_rate_ms > 0 && rules.regions.expansion_range_ms > 0);
  FUZZ_CHECK(rules.regions.initial_range_ms <= rules.regions.max_ms);
  FUZZ_CHECK(rules.rebalance_version == 1 || rules.rebalance_version == 2);
  FUZZ_CHECK(rules.StatCodes().size() <= rules.matching.size() + rules.flexing.size());
  FUZZ_CHECK(rules.remarks.size() <= kMaxRemarks);
  for (const std::string& remark : rules.remarks) CheckSentence(remark);
}

void CheckText(std::string_view text) {
  for (const Profile profile : {Profile::kCore, Profile::kHosted}) {
    LogicOptions options;
    options.profile = profile;
    const absl::StatusOr<Ruleset> rules = ParseRuleset(text, options);
    if (!rules.ok()) {
      CheckRefusal(rules.status());
      continue;
    }
    CheckRules(*rules);
  }
}

}  // namespace
}  // namespace muster::match::alliance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::match::alliance::CheckText({reinterpret_cast<const char*>(data), size});
  return 0;
}
