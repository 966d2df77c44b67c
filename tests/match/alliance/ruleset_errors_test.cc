#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/ruleset_text.h"
#include "tests/support/status_matchers.h"

// Rulesets that are refused, whatever the profile.
namespace muster::match::alliance {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Alliance(int min, int max, int min_players, int max_players) {
  return R"({"alliance":{"min_number":)" + std::to_string(min) + R"(,"max_number":)" +
         std::to_string(max) + R"(,"player_min_number":)" + std::to_string(min_players) +
         R"(,"player_max_number":)" + std::to_string(max_players) + "}}";
}

// A distance rule for mmr of reference 5 with further members, and flexing rules.
std::string Mmr(const std::string& members, const std::string& flexing = "") {
  return With(R"("matching_rule":[{"attribute":"mmr","criteria":"distance","reference":5)" +
              members + R"(}],"flexing_rule":[)" + flexing + "]");
}

std::string Flexing(const std::string& members) {
  return R"({"duration":9,"attribute":"mmr","criteria":"distance")" + members + "}";
}

std::string InAlliance(const std::string& member) { return R"({"alliance":{)" + member + "}}"; }

std::string Repeated(size_t times, const std::string& entry) {
  std::string list;
  for (size_t i = 0; i < times; ++i) list += (i == 0 ? "" : ",") + entry;
  return "[" + list + "]";
}

class RefusedRulesetTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedRulesetTest, IsAnInvalidArgumentThatNamesKeyAndValue) {
  for (const Profile profile : {Profile::kCore, Profile::kHosted}) {
    EXPECT_THAT(Parse(GetParam().text, profile),
                StatusIs(kInvalid, AllOf(StartsWith("rules: "), HasSubstr(GetParam().message))));
  }
}

const RefusedCase kNotAnObject[] = {
    {"Empty", "", "alliance.min_number 0: at least 1 team is needed"},
    {"Null", "null", "alliance.min_number 0: at least 1 team is needed"},
    {"EmptyObject", "{}", "alliance.min_number 0: at least 1 team is needed"},
    {"Malformed", "{", "not valid json"},
    {"ByteOrderMark", "\xef\xbb\xbf{}", "not valid json at byte 1 of 5"},
    {"List", "[]", "[] is not an object"},
    {"TrailingText", With("") + " x", "not valid json"},
    {"TrailingObject", With("") + "{}", "not valid json"},
    {"NotANumber", InAlliance(R"("min_number":NaN)"), "not valid json"},
    {"HugeNumber", InAlliance(R"("min_number":1e400)"), "number out of range"},
    {"DeepNesting", With("\"x\":" + std::string(5000, '[') + std::string(5000, ']')), "deeper"},
    {"RepeatedKey", With(R"("alliance":{})"), R"(key "alliance" stands twice)"},
    {"RepeatedKeyInAnyCase", With(R"("Auto_backfill":true,"AUTO_backfill":true)"),
     "AUTO_backfill and Auto_backfill both stand for auto_backfill"},
};
INSTANTIATE_TEST_SUITE_P(Text, RefusedRulesetTest, testing::ValuesIn(kNotAnObject),
                         testing::PrintToStringParamName());

const RefusedCase kWrongTypes[] = {
    {"AFraction", InAlliance(R"("min_number":1.5)"),
     "alliance.min_number 1.5 is not a whole number"},
    {"AWholeFloat", InAlliance(R"("max_number":1.0)"), "alliance.max_number 1.0 is not a whole"},
    {"AnExponent", InAlliance(R"("max_number":1e0)"), "alliance.max_number 1.0 is not a whole"},
    {"AnIntegerAsText", InAlliance(R"("player_min_number":"1")"),
     R"(alliance.player_min_number "1" is not a whole number)"},
    {"AnIntegerAsBool", InAlliance(R"("player_max_number":true)"),
     "alliance.player_max_number true is not a whole number"},
    {"MoreThanSixtyThreeBits", With(R"("rebalance_version":9223372036854775808)"),
     "rebalance_version 9223372036854775808 is not a number that fits into 63 bits"},
    {"MoreThanSixtyFourBits", With(R"("rebalance_version":99999999999999999999)"),
     "rebalance_version 1e+20 is not a whole number"},
    {"ANumberAsText", Mmr(R"(,"weight":"1")"), R"(matching_rule[0].weight "1" is not a number)"},
    {"ANumberAsBool", Mmr(R"(,"normalizationMax":true)"),
     "matching_rule[0].normalizationMax true is not a number"},
    {"ABoolAsNumber", With(R"("auto_backfill":1)"), "auto_backfill 1 is not true or false"},
    {"ABoolAsText", With(R"("match_options_referred_for_backfill":"true")"),
     R"(match_options_referred_for_backfill "true" is not true or false)"},
    {"ATextAsNumber", With(R"("blocked_player_option":1)"),
     "blocked_player_option 1 is not a text"},
    {"AnObjectAsList", R"({"alliance":[]})", "alliance [] is not an object"},
    {"AListAsObject", With(R"("matching_rule":{})"), "matching_rule {} is not a list"},
    {"AnEntryAsNumber", With(R"("flexing_rule":[null,7])"), "flexing_rule[1] 7 is not an object"},
    {"AnAttributeAsNumber", With(R"("flexing_rule":[{"attribute":7}])"),
     "flexing_rule[0].attribute 7 is not a text"},
    {"OptionsAsList", With(R"("match_options":[])"), "match_options [] is not an object"},
    {"OptionsAsObject", With(R"("match_options":{"options":{}})"),
     "match_options.options {} is not a list"},
    {"AStrategyAsNumber", With(R"("strategy":1)"), "strategy 1 is not a text"},
};
INSTANTIATE_TEST_SUITE_P(Types, RefusedRulesetTest, testing::ValuesIn(kWrongTypes),
                         testing::PrintToStringParamName());

const RefusedCase kWrongTypesOfUnusedKeys[] = {
    {"Delay", With(R"("max_delay_ms":"1")"), R"(max_delay_ms "1" is not a whole number)"},
    {"Observability", With(R"("ticket_observability_enable":0)"),
     "ticket_observability_enable 0 is not true or false"},
    {"Rebalance", With(R"("rebalance_enable":"on")"),
     R"(rebalance_enable "on" is not true or false)"},
    {"Version", With(R"("rebalance_version":1.5)"), "rebalance_version 1.5 is not a whole number"},
    {"Balancing", With(R"("flexing_rule":[{"isForBalancing":1}])"),
     "flexing_rule[0].isForBalancing 1 is not true or false"},
    {"ExtraAttributes", With(R"("extra_attributes":[])"), "extra_attributes [] is not an object"},
    {"DefaultParam", With(R"("extra_attributes":{"DefaultParam":1})"),
     "extra_attributes.DefaultParam 1 is not an object"},
    {"Namespace", With(R"("extra_attributes":{"DefaultParam":{"Namespace":1}})"),
     "extra_attributes.DefaultParam.Namespace 1 is not a text"},
    {"Matchpool", With(R"("extra_attributes":{"DefaultParam":{"Matchpool":[]}})"),
     "extra_attributes.DefaultParam.Matchpool [] is not a text"},
    {"RuleSet", With(R"("extra_attributes":{"DefaultParam":{"RuleSet":{}}})"),
     "extra_attributes.DefaultParam.RuleSet {} is not a text"},
    {"ChunkSize", With(R"("extra_attributes":{"TicketChunkSize":"9"})"),
     R"(extra_attributes.TicketChunkSize "9" is not a whole number)"},
};
INSTANTIATE_TEST_SUITE_P(UnusedKeys, RefusedRulesetTest, testing::ValuesIn(kWrongTypesOfUnusedKeys),
                         testing::PrintToStringParamName());

constexpr char kIntRange[] = "is not from 0 to 2147483647";

RefusedCase OutOfRange(const char* name, const std::string& key, const std::string& value) {
  return {name, With("\"" + key + "\":" + value), kIntRange};
}

const RefusedCase kOutOfRange[] = {
    {"NegativeTeams", InAlliance(R"("min_number":-1)"), "alliance.min_number -1 is not from 0 to"},
    {"MaxTeams", InAlliance(R"("max_number":2147483648)"),
     "alliance.max_number 2147483648 is not from 0 to 2147483647"},
    {"NegativePlayers", InAlliance(R"("player_min_number":-5)"), kIntRange},
    {"MaxPlayers", InAlliance(R"("player_max_number":9223372036854775807)"), kIntRange},
    OutOfRange("Rate", "region_expansion_rate_ms", "-1"),
    OutOfRange("Range", "region_expansion_range_ms", "-1"),
    OutOfRange("Initial", "region_latency_initial_range_ms", "2147483648"),
    OutOfRange("MaxLatency", "region_latency_max_ms", "-1"),
    OutOfRange("Bidirectional", "disable_bidirectional_latency_after_ms", "-1"),
    OutOfRange("Delay", "max_delay_ms", "-1"),
    OutOfRange("Duration", "flexing_rule", R"([{"duration":-1}])"),
    OutOfRange("AllianceDuration", "alliance_flexing_rule", R"([{"duration":2147483648}])"),
    {"NegativeReference", With(R"("matching_rule":[{"reference":-1}])"),
     "matching_rule[0].reference -1 is not from 0 to 2147483647"},
    {"Reference", With(R"("flexing_rule":[{"reference":2147483647.5}])"),
     "flexing_rule[0].reference 2147483647.5 is not from 0 to 2147483647"},
    {"Normalization", Mmr(R"(,"normalizationMax":-0.5)"),
     "matching_rule[0].normalizationMax -0.5 is not from 0 to 2147483647"},
    {"Weight", Mmr(R"(,"weight":1000.5)"), "matching_rule[0].weight 1000.5 is not from 0 to 1000"},
    {"NegativeWeight", Mmr("", Flexing(R"(,"weight":-1)")),
     "flexing_rule[0].weight -1 is not from 0 to 1000"},
    {"RegionWeight", With(R"("region_latency_rule_weight":1001)"),
     "region_latency_rule_weight 1001 is not from 0 to 1000"},
    {"Capitals", With(R"("matching_rule":[{"attribute":"MMR"}])"),
     R"(matching_rule[0].attribute "MMR" is not in lower case)"},
    {"Criteria", With(R"("matching_rule":[{"criteria":"Distance"}])"),
     R"(criteria "Distance" is not distance, average, smaller or greater)"},
    {"FlexingCriteria", With(R"("flexing_rule":[{"criteria":"near"}])"),
     R"(flexing_rule[0].criteria "near" is not distance)"},
    {"Type", With(R"("match_options":{"options":[{"name":"a","type":"Any"}]})"),
     R"(match_options.options[0].type "Any" is not all, any, unique or disable)"},
    {"Strategy", With(R"("strategy":"Quality")"),
     R"(strategy "Quality" is not oldest_first or quality)"},
    {"Attribute", With(R"("matching_rule":[{"attribute":")" + std::string(65, 'a') + R"("}])"),
     "has more than 64 characters"},
    {"Option", With(R"("match_options":{"options":[{"name":")" + std::string(65, 'A') + R"("}]})"),
     "has more than 64 characters"},
};
INSTANTIATE_TEST_SUITE_P(Ranges, RefusedRulesetTest, testing::ValuesIn(kOutOfRange),
                         testing::PrintToStringParamName());

const RefusedCase kNonsense[] = {
    {"OtherNames", R"({"allianceRule":{"minNumber":2}})", "alliance.min_number 0: at least 1 team"},
    {"Teams", Alliance(3, 2, 1, 1), "alliance.max_number 2 is below min_number 3"},
    {"NoTeams", Alliance(0, 2, 1, 1), "alliance.min_number 0: at least 1 team is needed"},
    {"NoTeamsAtMost", Alliance(0, 0, 1, 1), "alliance.min_number 0: at least 1 team is needed"},
    {"NoMaximum", Alliance(2, 0, 1, 1), "alliance.max_number 0 is below min_number 2"},
    {"Players", Alliance(1, 2, 2, 1), "alliance.player_max_number 1 is below player_min_number 2"},
    {"NoPlayers", Alliance(1, 2, 0, 1),
     "alliance.player_min_number 0: at least 1 player a team is needed"},
    {"NullAlliance", R"({"alliance":null})", "alliance.min_number 0: at least 1 team is needed"},
    {"FlexedAlliance", With(R"("alliance_flexing_rule":[{"duration":5}])"),
     "alliance_flexing_rule[0].min_number 0: at least 1 team is needed"},
    {"NullFlexedAlliance", With(R"("alliance_flexing_rule":[null])"),
     "alliance_flexing_rule[0].min_number 0: at least 1 team is needed"},
    {"FlexedPlayers", With(R"("alliance_flexing_rule":[{"min_number":1,"max_number":1,
                              "player_min_number":2,"player_max_number":1}])"),
     "alliance_flexing_rule[0].player_max_number 1 is below player_min_number 2"},
    {"NoAttribute", With(R"("matching_rule":[{"criteria":"distance"}])"),
     "matching_rule[0].attribute is empty"},
    {"NoCriteria", With(R"("matching_rule":[{"attribute":"mmr","criteria":""}])"),
     "matching_rule[0].criteria is empty"},
    {"FlexingByName", With(R"("flexing_rule":[{"name":"mmr","criteria":"distance"}])"),
     "flexing_rule[0].attribute is empty"},
    {"FlexingWithoutCriteria", With(R"("flexing_rule":[{"attribute":"mmr"}])"),
     "flexing_rule[0].criteria is empty"},
    {"NoOptionName", With(R"("match_options":{"options":[{"type":"any"}]})"),
     "match_options.options[0].name is empty"},
    {"NoOptionType", With(R"("match_options":{"options":[{"name":"map"}]})"),
     "match_options.options[0].type is empty"},
    {"Blocked", With(R"("blocked_player_option":"x")"),
     R"(blocked_player_option "x" is not blockedPlayerCannotMatch, )"
     "blockedPlayerCanMatchOnDifferentTeam or blockedPlayerCanMatch"},
    {"Initial", With(R"("region_latency_initial_range_ms":100)"),
     "region_latency_max_ms 0 is below region_latency_initial_range_ms 100"},
    {"FlexingWeight", Mmr("", Flexing(R"(,"weight":0)")),
     "flexing_rule[0].weight 0 has no place here: only matching_rule[0] may have one"},
    {"FlexingNormalization", Mmr("", Flexing(R"(,"normalizationMax":7)")),
     "flexing_rule[0].normalizationMax 7 has no place here: only matching_rule[0] may have one"},
    {"Normalization", Mmr(R"(,"normalizationMax":4)"),
     "matching_rule[0].normalizationMax 4 is below reference 5"},
    {"NormalizationOfFlexing", Mmr(R"(,"normalizationMax":6)", Flexing(R"(,"reference":6.5)")),
     "matching_rule[0].normalizationMax 6 is below flexing_rule[0].reference 6.5"},
};
INSTANTIATE_TEST_SUITE_P(Checks, RefusedRulesetTest, testing::ValuesIn(kNonsense),
                         testing::PrintToStringParamName());

TEST(RulesetErrors, WhatIsNotCheckedIsAccepted) {
  const std::string accepted[] = {
      With(R"("region_latency_initial_range_ms":100,"region_latency_max_ms":100)"),
      Mmr(R"(,"normalizationMax":5)", Flexing(R"(,"reference":5)")),
      Mmr("", R"({"attribute":"z","criteria":"distance","weight":1,"normalizationMax":7})"),
      Mmr("", Flexing(R"(,"weight":null,"normalizationMax":0)")),
      With(R"("matching_rule":[{"attribute":"a","criteria":"average","reference":5,
                                "normalizationMax":4}],
              "flexing_rule":[{"attribute":"a","criteria":"average","weight":1}])"),
      With(R"("matching_rule":[{"attribute":"a","criteria":"distance"},
                               {"attribute":"a","criteria":"distance"}])"),
      With(R"("rebalance_version":-7,"match_options":{"options":[]})"),
  };

  for (const std::string& text : accepted) EXPECT_THAT(Parse(text), IsOk()) << text;
}

struct ListCase {
  const char* name;
  const char* before;
  const char* entry;
  const char* after;
};
std::ostream& operator<<(std::ostream& out, const ListCase& test_case) {
  return out << test_case.name;
}

class RulesetListTest : public testing::TestWithParam<ListCase> {};

TEST_P(RulesetListTest, HasABound) {
  const auto text = [](size_t size) {
    return With(GetParam().before + Repeated(size, GetParam().entry) + GetParam().after);
  };
  LogicOptions options;
  options.max_rules_bytes = 1 << 20;

  EXPECT_THAT(ParseRuleset(text(kMaxRules), options), IsOk());
  EXPECT_THAT(ParseRuleset(text(kMaxRules + 1), options),
              StatusIs(kInvalid, HasSubstr(" has 1001 entries, more than 1000 allowed")));
}

constexpr ListCase kLists[] = {
    {"MatchingRules", R"("matching_rule":)", R"({"attribute":"a","criteria":"distance"})", ""},
    {"FlexingRules", R"("flexing_rule":)", R"({"attribute":"a","criteria":"distance"})", ""},
    {"AllianceFlexingRules", R"("alliance_flexing_rule":)",
     R"({"min_number":1,"max_number":1,"player_min_number":1,"player_max_number":1})", ""},
    {"Options", R"("match_options":{"options":)", R"({"name":"a","type":"any"})", "}"},
};
INSTANTIATE_TEST_SUITE_P(All, RulesetListTest, testing::ValuesIn(kLists),
                         testing::PrintToStringParamName());

// Each text offends in two ways and is told the earlier.
const RefusedCase kOrder[] = {
    {"TypesBeforeRanges", R"({"alliance":{"min_number":-1},"auto_backfill":1})", "auto_backfill 1"},
    {"RangesBeforeTeams", R"({"alliance":{"min_number":3,"max_number":2},"max_delay_ms":-1})",
     "max_delay_ms -1"},
    {"TeamsBeforePlayers", Alliance(3, 2, 2, 1), "max_number 2 is below min_number 3"},
    {"NoTeamsBeforePlayers", Alliance(0, 2, 2, 1), "min_number 0: at least 1 team"},
    {"PlayersBeforeFlexing",
     R"({"alliance":{"min_number":1,"max_number":1},"alliance_flexing_rule":[{}]})",
     "rules: alliance.player_min_number 0"},
    {"FlexingBeforeRules", With(R"("alliance_flexing_rule":[{}],"matching_rule":[{}])"),
     "alliance_flexing_rule[0]"},
    {"AttributeBeforeCriteria", With(R"("matching_rule":[{}])"), "matching_rule[0].attribute"},
    {"RulesBeforeFlexingRules", With(R"("matching_rule":[{}],"flexing_rule":[{}])"),
     "matching_rule[0]"},
    {"FlexingRulesBeforeOptions", With(R"("flexing_rule":[{}],"match_options":{"options":[{}]})"),
     "flexing_rule[0]"},
    {"OptionsBeforeBlocked",
     With(R"("match_options":{"options":[{}]},"blocked_player_option":"x")"),
     "match_options.options[0].name"},
    {"BlockedBeforeRegions",
     With(R"("blocked_player_option":"x","region_latency_initial_range_ms":1)"),
     "blocked_player_option"},
    {"RegionsBeforeDistances",
     With(R"("region_latency_initial_range_ms":1,"matching_rule":[{"attribute":"mmr",
             "criteria":"distance","reference":5,"normalizationMax":4}])"),
     "region_latency_max_ms"},
    {"WeightsBeforeNormalizations",
     Mmr("", Flexing(R"(,"normalizationMax":4)") + "," + Flexing(R"(,"weight":1)")),
     "flexing_rule[1].weight"},
    {"FlexingNormalizationFirst",
     Mmr(R"(,"normalizationMax":4)", Flexing(R"(,"normalizationMax":4)")),
     "flexing_rule[0].normalizationMax"},
};
INSTANTIATE_TEST_SUITE_P(Order, RefusedRulesetTest, testing::ValuesIn(kOrder),
                         testing::PrintToStringParamName());

TEST(RulesetErrors, ValuesOutOfRangeAreToldTogether) {
  EXPECT_THAT(Parse(R"({"alliance":{"min_number":-1,"max_number":2147483648}})"),
              StatusIs(kInvalid,
                       "rules: alliance.min_number -1 is not from 0 to 2147483647; "
                       "alliance.max_number 2147483648 is not from 0 to 2147483647"));
}

TEST(RulesetErrors, AMessageStaysShortHoweverMuchIsWrong) {
  const absl::Status status =
      Parse(With("\"matching_rule\":" +
                 Repeated(500, R"({"attribute":")" + std::string(70, 'A') + "\"}")))
          .status();

  EXPECT_THAT(status, StatusIs(kInvalid, EndsWith(" more")));
  EXPECT_LE(status.message().size(), 400u);
}

TEST(RulesetErrors, NamesAreCountedInCharacters) {
  std::string name;
  for (size_t i = 0; i < kMaxNameLength + 1; ++i) name += "\xf0\x9f\x8e\xae";

  EXPECT_THAT(
      Parse(With(R"("matching_rule":[{"attribute":")" + name + R"("}])")),
      StatusIs(kInvalid, AllOf(HasSubstr("has more than 64 characters"), Not(HasSubstr("\xf0")))));
}

}  // namespace
}  // namespace muster::match::alliance
