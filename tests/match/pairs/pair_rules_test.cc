#include "match/pairs/pair_rules.h"

#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::match::pairs {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A stream may carry 1,000 tickets here.
absl::StatusOr<PairRules> Parse(std::string_view text) {
  LogicOptions options;
  options.max_stream_tickets = 1000;
  return ParsePairRules(text, options);
}

struct SizeCase {
  const char* name;
  const char* rules;
  int64_t min_tickets;
  int64_t max_tickets;
};
std::ostream& operator<<(std::ostream& out, const SizeCase& test_case) {
  return out << test_case.name;
}

class PairRulesSizeTest : public testing::TestWithParam<SizeCase> {};

TEST_P(PairRulesSizeTest, IsThatOfTheFormula) {
  const absl::StatusOr<PairRules> rules = Parse(GetParam().rules);

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->min_tickets, GetParam().min_tickets);
  EXPECT_EQ(rules->max_tickets, GetParam().max_tickets);
}

constexpr SizeCase kSizesWithoutAlliance[] = {
    {"NoRules", "", 2, 2},
    {"Null", "null", 2, 2},
    {"EmptyObject", "{}", 2, 2},
    {"TheDemos", R"({"shipCountMin":2,"shipCountMax":2})", 2, 2},
    {"TheLocalSamples", R"({"shipCountMin":1, "shipCountMax":2})", 2, 2},
    {"TheGoTemplatesOldTest", R"({"shipCountMin":0,"shipCountMax":1})", 2, 2},
    {"UnknownKeysOnly", R"({"foo":"bar"})", 2, 2},
    {"MinimumOnly", R"({"shipCountMin":3})", 3, 3},
    {"ZeroMaximum", R"({"shipCountMin":3,"shipCountMax":0})", 3, 3},
    {"NullMaximum", R"({"shipCountMin":3,"shipCountMax":null})", 3, 3},
    {"MaximumOnly", R"({"shipCountMax":5})", 2, 5},
    {"ZeroMinimum", R"({"shipCountMin":0,"shipCountMax":5})", 2, 5},
    {"OneToOne", R"({"shipCountMin":1,"shipCountMax":1})", 2, 2},
    {"Both", R"({"shipCountMin":3,"shipCountMax":8})", 3, 8},
    {"BothZero", R"({"shipCountMin":0,"shipCountMax":0})", 2, 2},
    {"TheLargest", R"({"shipCountMin":1000,"shipCountMax":1000})", 1000, 1000},
    {"NullAlliance", R"({"shipCountMin":3,"alliance":null})", 3, 3},
    {"EmptyAlliance", R"({"shipCountMin":3,"alliance":{}})", 3, 3},
    {"AllianceOfZeros",
     R"({"shipCountMin":3,"alliance":{"min_number":0,"max_number":0,
         "player_min_number":0,"player_max_number":0}})",
     3, 3},
    {"AllianceOfNulls", R"({"alliance":{"min_number":null,"player_max_number":null}})", 2, 2},
    {"AllianceOfUnknownKeys", R"({"alliance":{"minNumber":3,"maxNumber":3}})", 2, 2},
};
INSTANTIATE_TEST_SUITE_P(WithoutAlliance, PairRulesSizeTest,
                         testing::ValuesIn(kSizesWithoutAlliance),
                         testing::PrintToStringParamName());

constexpr SizeCase kSizesWithAlliance[] = {
    {"TwoTeamsOfFive",
     R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":5,"player_max_number":5}})",
     10, 10},
    {"OneTeamOfOneToFour",
     R"({"alliance":{"min_number":1,"max_number":1,"player_min_number":1,"player_max_number":4}})",
     1, 4},
    {"TimesTheShips",
     R"({"shipCountMin":2,"shipCountMax":3,"alliance":{"min_number":2,"max_number":4,
         "player_min_number":5,"player_max_number":6}})",
     20, 72},
    {"ZeroShipsCountAsOne",
     R"({"shipCountMin":0,"shipCountMax":3,"alliance":{"min_number":2,"player_min_number":2}})", 4,
     12},
    {"ZeroMinimaCountAsOne",
     R"({"alliance":{"min_number":0,"max_number":2,"player_min_number":0,"player_max_number":3}})",
     1, 6},
    {"ZeroMaximaEqualTheirMinima",
     R"({"alliance":{"min_number":2,"max_number":0,"player_min_number":3,"player_max_number":0}})",
     6, 6},
    {"MinimaOnly", R"({"alliance":{"min_number":2,"player_min_number":3}})", 6, 6},
    {"MaximaOnly", R"({"alliance":{"max_number":2,"player_max_number":3}})", 1, 6},
    {"TeamsOnly", R"({"alliance":{"min_number":3,"max_number":4}})", 3, 4},
    {"PlayersOnly", R"({"alliance":{"player_min_number":3,"player_max_number":4}})", 3, 4},
    {"OneNumberIsEnough", R"({"shipCountMin":5,"alliance":{"player_min_number":1}})", 5, 5},
    {"TheLargest", R"({"alliance":{"min_number":10,"player_min_number":100}})", 1000, 1000},
};
INSTANTIATE_TEST_SUITE_P(WithAlliance, PairRulesSizeTest, testing::ValuesIn(kSizesWithAlliance),
                         testing::PrintToStringParamName());

struct BadRules {
  const char* name;
  const char* rules;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const BadRules& test_case) {
  return out << test_case.name;
}

class PairRulesBadRulesTest : public testing::TestWithParam<BadRules> {};

TEST_P(PairRulesBadRulesTest, AreAnInvalidArgumentThatSaysWhichAndWhat) {
  EXPECT_THAT(Parse(GetParam().rules),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("rules: "), HasSubstr(GetParam().message))));
}

constexpr BadRules kWrongTypes[] = {
    {"NotJson", "{", "not valid json"},
    {"NotAnObject", "[]", "[] is not an object"},
    {"RepeatedKey", R"({"shipCountMin":2,"shipCountMin":3})", "shipCountMin"},
    {"ShipsAsText", R"({"shipCountMin":"2"})", R"(shipCountMin "2" is not a whole number)"},
    {"ShipsAsFraction", R"({"shipCountMax":2.5})", "shipCountMax 2.5 is not a whole number"},
    {"ShipsAsFloat", R"({"shipCountMax":2.0})", "shipCountMax 2.0 is not a whole number"},
    {"ShipsAsBool", R"({"shipCountMin":true})", "shipCountMin true is not a whole number"},
    {"NegativeShips", R"({"shipCountMin":-1})", "shipCountMin -1 is not 0 or more"},
    {"NegativeMostShips", R"({"shipCountMax":-2})", "shipCountMax -2 is not 0 or more"},
    {"BackfillAsText", R"({"auto_backfill":"true"})", R"(auto_backfill "true" is not)"},
    {"BackfillAsNumber", R"({"auto_backfill":1})", "auto_backfill 1 is not true or false"},
    {"AllianceAsList", R"({"alliance":[]})", "alliance [] is not an object"},
    {"AllianceAsNumber", R"({"alliance":0})", "alliance 0 is not an object"},
    {"TeamsAsText", R"({"alliance":{"min_number":"1"}})", R"(alliance.min_number "1" is not)"},
    {"NegativeTeams", R"({"alliance":{"min_number":-1}})", "alliance.min_number -1 is not 0"},
    {"NegativeMostTeams", R"({"alliance":{"max_number":-1}})", "alliance.max_number -1 is not 0"},
    {"NegativePlayers", R"({"alliance":{"player_min_number":-1}})",
     "alliance.player_min_number -1 is not 0 or more"},
    {"NegativeMostPlayers", R"({"alliance":{"player_max_number":-1}})",
     "alliance.player_max_number -1 is not 0 or more"},
};
INSTANTIATE_TEST_SUITE_P(WrongTypes, PairRulesBadRulesTest, testing::ValuesIn(kWrongTypes),
                         testing::PrintToStringParamName());

constexpr BadRules kWrongSizes[] = {
    {"FewerShipsThanTheMinimum", R"({"shipCountMin":3,"shipCountMax":2})",
     "shipCountMax 2 is below shipCountMin 3"},
    {"FewerTeamsThanTheMinimum", R"({"alliance":{"min_number":3,"max_number":2}})",
     "alliance.max_number 2 is below min_number 3"},
    {"FewerPlayersThanTheMinimum", R"({"alliance":{"player_min_number":3,"player_max_number":2}})",
     "alliance.player_max_number 2 is below player_min_number 3"},
    {"MoreShipsThanAStreamCarries", R"({"shipCountMin":1001})", "shipCountMax 1001 is larger than"},
    {"MoreMostShipsThanAStreamCarries", R"({"shipCountMax":1001})", "the 1000 tickets"},
    {"MorePlayersThanAStreamCarries",
     R"({"alliance":{"min_number":7,"player_min_number":11,"player_max_number":143}})",
     "alliance.max_number 7 x player_max_number 143 x shipCountMax 1 is larger than the 1000"},
    {"MorePlayersTimesShipsThanAStreamCarries",
     R"({"shipCountMax":101,"alliance":{"min_number":10}})",
     "alliance.max_number 10 x player_max_number 1 x shipCountMax 101 is larger than the 1000"},
    {"AProductThatOverflows",
     R"({"shipCountMin":4294967296,"alliance":{"min_number":4294967296,
         "player_min_number":4294967296}})",
     "is larger than the 1000 tickets"},
    {"TheLargestNumbers",
     R"({"shipCountMin":9223372036854775807,"alliance":{"min_number":9223372036854775807,
         "player_min_number":9223372036854775807}})",
     "is larger than the 1000 tickets"},
    {"SixtyFourBits", R"({"shipCountMin":18446744073709551615})", "shipCountMin 18446744073709551"},
    {"MoreThanSixtyFourBits", R"({"shipCountMin":18446744073709551616})", "is not a whole number"},
};
INSTANTIATE_TEST_SUITE_P(WrongSizes, PairRulesBadRulesTest, testing::ValuesIn(kWrongSizes),
                         testing::PrintToStringParamName());

TEST(PairRules, AutoBackfillIsOffUnlessItIsAskedFor) {
  EXPECT_FALSE(Parse("{}")->auto_backfill);
  EXPECT_FALSE(Parse(R"({"auto_backfill":null})")->auto_backfill);
  EXPECT_FALSE(Parse(R"({"auto_backfill":false})")->auto_backfill);
  EXPECT_TRUE(Parse(R"({"auto_backfill":true})")->auto_backfill);
}

TEST(PairRules, AllianceIsAbsentWithoutANumberAboveZero) {
  EXPECT_FALSE(Parse("{}")->alliance.has_value());
  EXPECT_FALSE(Parse(R"({"alliance":{}})")->alliance.has_value());
  EXPECT_FALSE(Parse(R"({"alliance":{"min_number":0}})")->alliance.has_value());
}

TEST(PairRules, AllianceHoldsItsNumbersWithZerosMadeGood) {
  const absl::StatusOr<PairRules> rules =
      Parse(R"({"alliance":{"max_number":3,"player_min_number":2}})");

  ASSERT_THAT(rules, IsOk());
  ASSERT_TRUE(rules->alliance.has_value());
  EXPECT_EQ(rules->alliance->min_teams, 1);
  EXPECT_EQ(rules->alliance->max_teams, 3);
  EXPECT_EQ(rules->alliance->min_players, 2);
  EXPECT_EQ(rules->alliance->max_players, 2);
}

TEST(PairRules, MostTeamsHoldTheShipCountToo) {
  EXPECT_EQ(Parse(R"({"shipCountMin":2,"shipCountMax":4,"alliance":{"min_number":3}})")
                ->alliance->max_teams,
            12);
}

TEST(PairRules, TheLimitIsTheStreams) {
  LogicOptions options;

  EXPECT_THAT(ParsePairRules(R"({"shipCountMin":1000000})", options), IsOk());
  EXPECT_FALSE(ParsePairRules(R"({"shipCountMin":1000001})", options).ok());
}

}  // namespace
}  // namespace muster::match::pairs
