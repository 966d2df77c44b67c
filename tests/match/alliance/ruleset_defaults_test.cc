#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/ruleset_checks.h"
#include "tests/match/alliance/ruleset_text.h"
#include "tests/support/status_matchers.h"

// What the parser fills in and what it remarks on; and what a ruleset knows of itself.
namespace muster::match::alliance {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<double> NormalizationOf(std::string_view members) {
  const absl::StatusOr<Ruleset> rules = Parse(With(members));
  EXPECT_THAT(rules, IsOk());
  std::vector<double> values;
  if (!rules.ok()) return values;
  for (const MatchingRule& rule : rules->matching) values.push_back(rule.normalization_max);
  return values;
}

// Quirk Q31: the vendor's matcher takes the largest reference of all attributes, here 55 for mmr.
TEST(RulesetDefaults, ANormalizationIsTheLargestReferenceOfItsOwnAttribute) {
  EXPECT_THAT(NormalizationOf(R"(
      "matching_rule":[{"attribute":"mmr","criteria":"distance","reference":5},
                       {"attribute":"z","criteria":"distance","reference":50,
                        "normalizationMax":60}],
      "flexing_rule":[{"duration":9,"attribute":"z","criteria":"distance","reference":55}])"),
              ElementsAre(5, 60));
}

// Vector FX5; of one outcome with and without quirk Q31.
TEST(RulesetDefaults, ANormalizationCoversFlexingRules) {
  EXPECT_THAT(NormalizationOf(R"(
      "matching_rule":[
        {"attribute":"mmr","criteria":"distance","reference":10,"weight":1},
        {"attribute":"conduct_summary","criteria":"distance","reference":10,"weight":1}],
      "flexing_rule":[
        {"duration":20,"attribute":"mmr","criteria":"distance","reference":20},
        {"duration":20,"attribute":"conduct_summary","criteria":"distance","reference":20}])"),
              ElementsAre(20, 20));
}

TEST(RulesetDefaults, ANormalizationIsNotThatOfASmallerOrAnotherKindOfFlexingRule) {
  EXPECT_THAT(NormalizationOf(R"(
      "matching_rule":[{"attribute":"mmr","criteria":"distance","reference":10}],
      "flexing_rule":[{"duration":20,"attribute":"mmr","criteria":"distance","reference":9},
                      {"duration":30,"attribute":"mmr","criteria":"average","reference":99}])"),
              ElementsAre(10));
}

TEST(RulesetDefaults, ANormalizationStaysZeroWithoutReferencesAndForOtherCriteria) {
  EXPECT_THAT(NormalizationOf(R"("matching_rule":[
      {"attribute":"a","criteria":"distance"},
      {"attribute":"b","criteria":"average","reference":7}])"),
              ElementsAre(0, 0));
}

TEST(RulesetDefaults, RebalancingIsOnInTheHostedProfileUnlessTheRulesetSaysNo) {
  const std::string enabled = With(R"("rebalance_enable":true)");
  const std::string disabled = With(R"("rebalance_enable":false)");
  const std::string null = With(R"("rebalance_enable":null)");

  EXPECT_TRUE(Parse(enabled)->rebalance);
  EXPECT_FALSE(Parse(disabled)->rebalance);
  EXPECT_FALSE(Parse(null)->rebalance);
  EXPECT_TRUE(ParseHosted(enabled)->rebalance);
  EXPECT_FALSE(ParseHosted(disabled)->rebalance);
  EXPECT_TRUE(ParseHosted(null)->rebalance);
  EXPECT_TRUE(ParseHosted(With(""))->rebalance);
}

struct RemarkCase {
  const char* name;
  std::string text;
  const char* remark;
};
std::ostream& operator<<(std::ostream& out, const RemarkCase& test_case) {
  return out << test_case.name;
}

class RulesetRemarkTest : public testing::TestWithParam<RemarkCase> {};

TEST_P(RulesetRemarkTest, SaysWhatHasNoEffect) {
  const absl::StatusOr<Ruleset> rules = Parse(GetParam().text);

  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->remarks, ElementsAre(GetParam().remark));
}

const RemarkCase kRemarks[] = {
    {"Average", With(R"("matching_rule":[{"attribute":"a","criteria":"average"}])"),
     "matching_rule[0].criteria `average` has no effect"},
    {"Smaller", With(R"("matching_rule":[{"attribute":"a","criteria":"distance"},
                                         {"attribute":"b","criteria":"smaller"}])"),
     "matching_rule[1].criteria `smaller` has no effect"},
    {"Greater", With(R"("matching_rule":[{"attribute":"a","criteria":"greater"}])"),
     "matching_rule[0].criteria `greater` has no effect"},
    {"FlexingRuleAlone", With(R"("flexing_rule":[{"attribute":"a","criteria":"distance"}])"),
     R"(flexing_rule[0] has no effect: no matching rule has the attribute "a")"},
    {"RepeatedOption", With(R"("match_options":{"options":[{"name":"a","type":"any"},
                                                           {"name":"a","type":"all"}]})"),
     R"(match_options.options[1] has no effect: another option named "a" stands before it)"},
    {"Delay", With(R"("max_delay_ms":1)"), "max_delay_ms has no effect"},
    {"Observability", With(R"("ticket_observability_enable":true)"),
     "ticket_observability_enable has no effect"},
    {"ExtraAttributes", With(R"("extra_attributes":{})"), "extra_attributes has no effect"},
    {"MatchingRuleInTheAlliance", WithInAlliance(R"("Matching_rule":[])"),
     "alliance.matching_rule has no effect: it belongs beside alliance"},
    {"Combination", WithInAlliance(R"("combination":7)"),
     "alliance.combination has no effect in the profile core"},
    {"RoleFlexing", WithInAlliance(R"("role_flexing_enable":7)"),
     "alliance.role_flexing_enable has no effect in the profile core"},
    {"CombinationOfAFlexingRule",
     With(R"("alliance_flexing_rule":[{"min_number":1,"max_number":1,"player_min_number":1,
                                       "player_max_number":1,"combination":[]}])"),
     "alliance_flexing_rule[0].combination has no effect in the profile core"},
    {"SubGameModes", With(R"("sub_game_modes":[])"),
     "sub_game_modes has no effect in the profile core"},
    {"Selection", With(R"("sub_gamemode_selection":"x")"),
     "sub_gamemode_selection has no effect in the profile core"},
    {"PlatformGroups", With(R"("platform_group":1)"),
     "platform_group has no effect in the profile core"},
};
INSTANTIATE_TEST_SUITE_P(All, RulesetRemarkTest, testing::ValuesIn(kRemarks),
                         testing::PrintToStringParamName());

TEST(RulesetRemarks, WhatIsOffOrHasAnEffectIsNotRemarkedOn) {
  EXPECT_THAT(Parse(With(R"("max_delay_ms":0,"ticket_observability_enable":false,
                            "auto_backfill":true,"rebalance_enable":true,"rebalance_version":7,
                            "matching_rule":[{"attribute":"a","criteria":"distance"}],
                            "flexing_rule":[{"attribute":"a","criteria":"average"}])"))
                  ->remarks,
              IsEmpty());
}

TEST(RulesetRemarks, AreBoundedAndTheLastCountsTheRest) {
  std::string list = R"({"attribute":"a","criteria":"average"})";
  for (size_t i = 1; i < kMaxRemarks + 10; ++i)
    list += R"(,{"attribute":"a","criteria":"average"})";

  const absl::StatusOr<Ruleset> rules = Parse(With("\"matching_rule\":[" + list + "]"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->remarks.size(), kMaxRemarks);
  EXPECT_EQ(rules->remarks.back(), "11 more keys or values have no effect");
}

TEST(Ruleset, StatCodesAreAttributesOfMatchingThenOfFlexingRulesEachOnce) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"(
      "matching_rule":[{"attribute":"b","criteria":"distance"},
                       {"attribute":"a","criteria":"average"},
                       {"attribute":"b","criteria":"distance"}],
      "flexing_rule":[{"attribute":"c","criteria":"distance"},
                      {"attribute":"a","criteria":"distance"}])"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->StatCodes(), ElementsAre("b", "a", "c"));
}

TEST(Ruleset, TheLargestTeamIsThatOfAnyAgeAndMode) {
  const auto alliance = [](int32_t players) { return AllianceRule{1, 1, 1, players, {}}; };
  Ruleset rules;
  rules.alliance = alliance(3);

  EXPECT_EQ(rules.LargestTeam(), 3);
  rules.alliance_flexing = {{10, alliance(4)}, {20, alliance(2)}};
  EXPECT_EQ(rules.LargestTeam(), 4);
  rules.sub_game_modes = {{"duo", alliance(5), {}}};
  EXPECT_EQ(rules.LargestTeam(), 5);
  rules.sub_game_modes[0].flexing = {{10, alliance(6)}};
  EXPECT_EQ(rules.LargestTeam(), 6);
}

}  // namespace
}  // namespace muster::match::alliance
