#include "match/alliance/ruleset_parser.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/ruleset_text.h"
#include "tests/support/status_matchers.h"

namespace muster::match::alliance {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(RulesetParser, AnAllianceIsEnoughAndTheRestHasDefaults) {
  const absl::StatusOr<Ruleset> rules = Parse(With(""));

  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->matching, IsEmpty());
  EXPECT_THAT(rules->flexing, IsEmpty());
  EXPECT_THAT(rules->alliance_flexing, IsEmpty());
  EXPECT_THAT(rules->options, IsEmpty());
  EXPECT_FALSE(rules->has_options);
  EXPECT_FALSE(rules->ignore_plain_attributes);
  EXPECT_FALSE(rules->auto_backfill);
  EXPECT_EQ(rules->blocked_players, BlockedPlayers::kCannotMatch);
  EXPECT_FALSE(rules->rebalance);
  EXPECT_EQ(rules->rebalance_version, 2);
  EXPECT_EQ(rules->profile, Profile::kCore);
  EXPECT_EQ(rules->strategy, Strategy::kOldestFirst);
  EXPECT_THAT(rules->remarks, IsEmpty());
}

TEST(RulesetParser, DefaultsOfRegions) {
  for (const char* members :
       {"", R"("region_expansion_rate_ms":0,"region_expansion_range_ms":0)",
        R"("region_expansion_rate_ms":null,"region_latency_rule_weight":null)"}) {
    const absl::StatusOr<Ruleset> rules = Parse(With(members));

    ASSERT_THAT(rules, IsOk()) << members;
    EXPECT_EQ(rules->regions.expansion_rate_ms, 5000);
    EXPECT_EQ(rules->regions.expansion_range_ms, 50);
    EXPECT_EQ(rules->regions.initial_range_ms, 0);
    EXPECT_EQ(rules->regions.max_ms, 0);
    EXPECT_EQ(rules->regions.disable_bidirectional_after_ms, 0);
    EXPECT_EQ(rules->regions.weight, 1);
  }
}

TEST(RulesetParser, ReadsRegions) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"(
      "region_expansion_rate_ms":1000,"region_expansion_range_ms":20,
      "region_latency_initial_range_ms":100,"region_latency_max_ms":250,
      "disable_bidirectional_latency_after_ms":9000,"region_latency_rule_weight":0.5)"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->regions.expansion_rate_ms, 1000);
  EXPECT_EQ(rules->regions.expansion_range_ms, 20);
  EXPECT_EQ(rules->regions.initial_range_ms, 100);
  EXPECT_EQ(rules->regions.max_ms, 250);
  EXPECT_EQ(rules->regions.disable_bidirectional_after_ms, 9000);
  EXPECT_EQ(rules->regions.weight, 0.5);
}

TEST(RulesetParser, AWeightOfRegionsMayBeZero) {
  EXPECT_EQ(Parse(With(R"("region_latency_rule_weight":0)"))->regions.weight, 0);
}

TEST(RulesetParser, ReadsTheAlliance) {
  const absl::StatusOr<Ruleset> rules = Parse(R"({"alliance":{
      "min_number":2,"max_number":3,"player_min_number":4,"player_max_number":5}})");

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->alliance.min_teams, 2);
  EXPECT_EQ(rules->alliance.max_teams, 3);
  EXPECT_EQ(rules->alliance.min_players, 4);
  EXPECT_EQ(rules->alliance.max_players, 5);
  EXPECT_FALSE(rules->alliance.combination.active());
}

TEST(RulesetParser, ReadsMatchingRules) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"("matching_rule":[
      {"attribute":"mmr","criteria":"distance","reference":0.5,"normalizationMax":9.5,"weight":0,
       "isForBalancing":false},
      {"attribute":"skill","criteria":"greater"}])"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->matching.size(), 2u);
  EXPECT_EQ(rules->matching[0].attribute, "mmr");
  EXPECT_EQ(rules->matching[0].criteria, Criteria::kDistance);
  EXPECT_EQ(rules->matching[0].reference, 0.5);
  EXPECT_EQ(rules->matching[0].normalization_max, 9.5);
  EXPECT_EQ(rules->matching[0].weight, 0);
  EXPECT_EQ(rules->matching[0].for_balancing, false);
  EXPECT_EQ(rules->matching[1].criteria, Criteria::kGreater);
  EXPECT_EQ(rules->matching[1].weight, 1);
  EXPECT_EQ(rules->matching[1].for_balancing, std::nullopt);
}

TEST(RulesetParser, ReadsFlexingRules) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"("flexing_rule":[
      {"duration":20,"attribute":"mmr","criteria":"distance","reference":30},
      {"duration":10,"attribute":"mmr","criteria":"average","isForBalancing":true}],
      "alliance_flexing_rule":[{"duration":5,"min_number":1,"max_number":2,
                                "player_min_number":3,"player_max_number":4}])"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->flexing.size(), 2u);
  EXPECT_EQ(rules->flexing[0].duration_s, 20);
  EXPECT_EQ(rules->flexing[0].attribute, "mmr");
  EXPECT_EQ(rules->flexing[0].reference, 30);
  EXPECT_EQ(rules->flexing[1].criteria, Criteria::kAverage);
  ASSERT_EQ(rules->alliance_flexing.size(), 1u);
  EXPECT_EQ(rules->alliance_flexing[0].duration_s, 5);
  EXPECT_EQ(rules->alliance_flexing[0].alliance.min_teams, 1);
  EXPECT_EQ(rules->alliance_flexing[0].alliance.max_players, 4);
}

TEST(RulesetParser, ReadsOptions) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"("match_options":{"options":[
      {"name":"Map","type":"all"},{"name":"b","type":"any"},
      {"name":"c","type":"unique"},{"name":"d","type":"disable"}]})"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_TRUE(rules->has_options);
  ASSERT_EQ(rules->options.size(), 4u);
  EXPECT_EQ(rules->options[0].name, "Map");
  EXPECT_THAT(rules->options, ElementsAre(Field(&MatchOption::type, OptionType::kAll),
                                          Field(&MatchOption::type, OptionType::kAny),
                                          Field(&MatchOption::type, OptionType::kUnique),
                                          Field(&MatchOption::type, OptionType::kDisable)));
}

TEST(RulesetParser, AnEmptyListOfOptionsIsGiven) {
  EXPECT_TRUE(Parse(With(R"("match_options":{"options":[]})"))->has_options);
  EXPECT_FALSE(Parse(With(R"("match_options":{"options":null})"))->has_options);
  EXPECT_FALSE(Parse(With(R"("match_options":{})"))->has_options);
}

// Quirk Q18: two options of a name would count every value twice.
TEST(RulesetParser, OfOptionsWithOneNameTheFirstCounts) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"("match_options":{"options":[
      {"name":"map","type":"all"},{"name":"map","type":"any"},{"name":"Map","type":"any"}]})"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->options.size(), 2u);
  EXPECT_EQ(rules->options[0].type, OptionType::kAll);
  EXPECT_EQ(rules->options[1].name, "Map");
}

TEST(RulesetParser, ReadsSwitches) {
  const absl::StatusOr<Ruleset> rules =
      Parse(With(R"("auto_backfill":true,"match_options_referred_for_backfill":true)"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_TRUE(rules->auto_backfill);
  EXPECT_TRUE(rules->ignore_plain_attributes);
}

TEST(RulesetParser, ReadsTheModesOfBlockedPlayers) {
  const auto mode = [](const std::string& text) {
    return Parse(With(R"("blocked_player_option":)" + text))->blocked_players;
  };

  EXPECT_EQ(mode(R"("")"), BlockedPlayers::kCannotMatch);
  EXPECT_EQ(mode("null"), BlockedPlayers::kCannotMatch);
  EXPECT_EQ(mode(R"("blockedPlayerCannotMatch")"), BlockedPlayers::kCannotMatch);
  EXPECT_EQ(mode(R"("blockedPlayerCanMatchOnDifferentTeam")"),
            BlockedPlayers::kCanMatchOnDifferentTeam);
  EXPECT_EQ(mode(R"("blockedPlayerCanMatch")"), BlockedPlayers::kCanMatch);
}

TEST(RulesetParser, TheStrategyOfTheRulesetCountsBeforeThatOfTheServer) {
  LogicOptions options;
  options.strategy = Strategy::kQuality;

  EXPECT_EQ(ParseRuleset(With(""), options)->strategy, Strategy::kQuality);
  EXPECT_EQ(ParseRuleset(With(R"("strategy":"")"), options)->strategy, Strategy::kQuality);
  EXPECT_EQ(ParseRuleset(With(R"("strategy":"oldest_first")"), options)->strategy,
            Strategy::kOldestFirst);
  EXPECT_EQ(Parse(With(R"("strategy":"quality")"))->strategy, Strategy::kQuality);
}

TEST(RulesetParser, ARebalanceVersionOtherThanOneIsTheNewest) {
  const auto version = [](const std::string& number) {
    return Parse(With(R"("rebalance_version":)" + number))->rebalance_version;
  };

  EXPECT_EQ(version("1"), 1);
  for (const char* number : {"2", "0", "7", "-1", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(version(number), 2) << number;
  }
}

TEST(RulesetParser, KeysMatchInAnyCaseAtEveryLevel) {
  const absl::StatusOr<Ruleset> rules = Parse(R"({
      "Alliance":{"MIN_NUMBER":1,"Max_Number":2,"player_MIN_number":3,"Player_max_number":4},
      "MATCHING_RULE":[{"Attribute":"mmr","CRITERIA":"distance","Reference":5,
                        "normalizationmax":6}],
      "match_Options":{"OPTIONS":[{"Name":"map","TYPE":"any"}]}})");

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->alliance.min_teams, 1);
  EXPECT_EQ(rules->alliance.max_players, 4);
  ASSERT_EQ(rules->matching.size(), 1u);
  EXPECT_EQ(rules->matching[0].normalization_max, 6);
  EXPECT_EQ(rules->options.size(), 1u);
}

TEST(RulesetParser, TheKeyOfTheRightCaseIsTheOneRead) {
  EXPECT_TRUE(
      Parse(With(R"("Auto_Backfill":"x","auto_backfill":true,"AUTO_BACKFILL":1)"))->auto_backfill);
}

TEST(RulesetParser, NullIsAsGoodAsAbsent) {
  const absl::StatusOr<Ruleset> rules = Parse(With(R"(
      "auto_backfill":null,"matching_rule":null,"flexing_rule":null,"alliance_flexing_rule":null,
      "match_options":null,"extra_attributes":null,"max_delay_ms":null,"strategy":null,
      "rebalance_enable":null,"rebalance_version":null,"ticket_observability_enable":null)"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->remarks, IsEmpty());
}

TEST(RulesetParser, UnknownKeysAreIgnoredAtEveryLevelWithoutARemark) {
  const absl::StatusOr<Ruleset> rules = Parse(WithInAlliance(
      R"("minNumber":"x")",
      R"("batch_size":[1],"matching_rule":[{"attribute":"mmr","criteria":"distance","max":-1}])"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->remarks, IsEmpty());
}

// Such a match is never made; the vendor's matcher takes the ruleset too.
TEST(RulesetParser, AMatchMayBeLargerThanAStream) {
  EXPECT_THAT(Parse(R"({"alliance":{"min_number":2147483647,"max_number":2147483647,
                            "player_min_number":2147483647,"player_max_number":2147483647}})"),
              IsOk());
}

TEST(RulesetParser, TheLargestValuesAreAllowed) {
  EXPECT_THAT(Parse(With(R"("matching_rule":[{"attribute":"a","criteria":"distance",
                  "reference":2147483647,"normalizationMax":2147483647,"weight":1000}],
                  "region_latency_rule_weight":1000,"max_delay_ms":2147483647,
                  "region_expansion_rate_ms":2147483647,"flexing_rule":[{"duration":2147483647,
                  "attribute":"a","criteria":"distance","reference":2147483647}])")),
              IsOk());
}

// "\u00e4" is one character and two bytes.
TEST(RulesetParser, ANameMayHaveSixtyFourCharactersOfAnyBytes) {
  std::string name;
  for (size_t i = 0; i < kMaxNameLength; ++i) name += "\xc3\xa4";

  const absl::StatusOr<Ruleset> rules =
      Parse(With(R"("matching_rule":[{"attribute":")" + name + R"(","criteria":"distance"}])"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->matching[0].attribute, name);
}

TEST(RulesetParser, LettersOutsideOfAsciiAreTakenAsTheyAre) {
  EXPECT_THAT(Parse(With("\"matching_rule\":[{\"attribute\":\"\xc3\x84\","
                         "\"criteria\":\"distance\"}]")),
              IsOk());
}

}  // namespace
}  // namespace muster::match::alliance
