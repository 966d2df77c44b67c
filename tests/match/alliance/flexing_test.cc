#include "match/alliance/flexing.h"

#include <limits>

#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

Ruleset RulesOf(std::vector<MatchingRule> matching, std::vector<FlexingRule> flexing) {
  Ruleset rules;
  rules.matching = std::move(matching);
  rules.flexing = std::move(flexing);
  return rules;
}

MatchingRule Distance(const std::string& attribute, double reference) {
  return {.attribute = attribute, .reference = reference};
}

FlexingRule Flexing(int64_t duration_s, double reference, Criteria criteria = Criteria::kDistance) {
  return {duration_s, "mmr", criteria, reference};
}

struct ReferenceCase {
  const char* name;
  std::vector<FlexingRule> flexing;
  int64_t age_ms;
  double reference;
};
std::ostream& operator<<(std::ostream& out, const ReferenceCase& c) { return out << c.name; }

class ReferenceTest : public testing::TestWithParam<ReferenceCase> {};

TEST_P(ReferenceTest, IsThatOfTheLongestDurationThatHasPassed) {
  const ReferenceCase& c = GetParam();
  const MatchingFlex flex(RulesOf({Distance("mmr", 100)}, c.flexing));

  EXPECT_EQ(flex.Reference(flex.StageAt(c.age_ms), 0), c.reference);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ReferenceTest,
    testing::Values(
        ReferenceCase{"without flexing", {}, 60'000, 100},
        ReferenceCase{"at the very end of a duration", {Flexing(10, 200)}, 10'000, 100},
        ReferenceCase{"a millisecond later", {Flexing(10, 200)}, 10'001, 200},
        ReferenceCase{"a duration of 0 for one who has just come", {Flexing(0, 200)}, 0, 100},
        ReferenceCase{"a duration of 0 later", {Flexing(0, 200)}, 1, 200},
        ReferenceCase{"in any order", {Flexing(20, 300), Flexing(10, 200)}, 20'001, 300},
        ReferenceCase{"between two", {Flexing(20, 300), Flexing(10, 200)}, 20'000, 200},
        ReferenceCase{"the later of equals", {Flexing(10, 200), Flexing(10, 50)}, 11'000, 50},
        ReferenceCase{"other criteria", {Flexing(10, 1, Criteria::kAverage)}, 11'000, -1},
        ReferenceCase{
            "distance again", {Flexing(10, 1, Criteria::kAverage), Flexing(20, 7)}, 21'000, 7},
        ReferenceCase{"one from the future", {Flexing(0, 200)}, -5'000, 100}));

TEST(MatchingFlexTest, ReplacesTheFirstRuleOfItsAttributeOnly) {
  const MatchingFlex flex(
      RulesOf({Distance("skill", 1), Distance("mmr", 2), Distance("mmr", 3)}, {Flexing(10, 200)}));

  const Stage stage = flex.StageAt(11'000);

  EXPECT_EQ(flex.rule_count(), 3U);
  EXPECT_EQ(flex.Reference(stage, 0), 1);
  EXPECT_EQ(flex.Reference(stage, 1), 200);
  EXPECT_EQ(flex.Reference(stage, 2), 3);
}

TEST(MatchingFlexTest, AgesBetweenTheSameDurationsHaveOneStage) {
  const MatchingFlex flex(RulesOf({Distance("mmr", 2)}, {Flexing(10, 20), Flexing(30, 40)}));

  EXPECT_EQ(flex.StageAt(0), flex.StageAt(10'000));
  EXPECT_EQ(flex.StageAt(10'001), flex.StageAt(30'000));
  EXPECT_EQ(flex.StageAt(30'001), 2);
}

TEST(MatchingFlexTest, ARuleOfOtherCriteriaComparesOnlyOnceItFlexesToDistance) {
  MatchingRule average = Distance("mmr", 5);
  average.criteria = Criteria::kAverage;
  const MatchingFlex flex(RulesOf({average}, {Flexing(10, 20)}));

  EXPECT_LT(flex.Reference(0, 0), 0);
  EXPECT_EQ(flex.Reference(1, 0), 20);
  EXPECT_FALSE(flex.AlwaysCompares(0));
}

TEST(MatchingFlexTest, KnowsWhetherARuleAlwaysCompares) {
  EXPECT_TRUE(MatchingFlex(RulesOf({Distance("mmr", 0)}, {Flexing(5, 9)})).AlwaysCompares(0));
  EXPECT_FALSE(MatchingFlex(RulesOf({Distance("mmr", 0)}, {Flexing(5, 9, Criteria::kSmaller)}))
                   .AlwaysCompares(0));
}

AllianceRule Teams(int32_t teams) { return {teams, teams, 1, 1, {}}; }

TEST(AllianceFlexTest, GivesTheLongestDurationThatHasPassed) {
  const AllianceFlex flex(Teams(2), {{20, Teams(4)}, {10, Teams(3)}, {20, Teams(5)}});

  EXPECT_EQ(flex.At(-1).min_teams, 2);
  EXPECT_EQ(flex.At(10'000).min_teams, 2);
  EXPECT_EQ(flex.At(10'001).min_teams, 3);
  EXPECT_EQ(flex.At(20'001).min_teams, 5);
  EXPECT_EQ(&flex.At(20'001), &flex.At(90'000));
}

struct LatencyCase {
  const char* name;
  RegionRule rule;
  int64_t age_ms;
  int64_t best_ms;
  int64_t limit_ms;
};
std::ostream& operator<<(std::ostream& out, const LatencyCase& c) { return out << c.name; }

RegionRule Regions(int64_t initial_ms, int64_t max_ms) {
  return {.expansion_rate_ms = 5000,
          .expansion_range_ms = 50,
          .initial_range_ms = initial_ms,
          .max_ms = max_ms};
}

class LatencyLimitTest : public testing::TestWithParam<LatencyCase> {};

TEST_P(LatencyLimitTest, GrowsByAStepAtATime) {
  const LatencyCase& c = GetParam();

  EXPECT_EQ(LatencyLimit(c.rule, c.age_ms, c.best_ms), c.limit_ms);
}

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

INSTANTIATE_TEST_SUITE_P(
    Cases, LatencyLimitTest,
    testing::Values(LatencyCase{"from the future", Regions(100, 0), -3000, 40, 140},
                    LatencyCase{"just come", Regions(100, 0), 0, 40, 140},
                    LatencyCase{"at the end of the first step", Regions(100, 0), 5000, 40, 140},
                    LatencyCase{"past it", Regions(100, 0), 5001, 40, 190},
                    LatencyCase{"at the end of the second", Regions(100, 0), 10'000, 40, 190},
                    LatencyCase{"two steps", Regions(100, 0), 10'001, 40, 240},
                    LatencyCase{"capped", Regions(100, 250), 15'001, 40, 250},
                    LatencyCase{"the best above the cap", Regions(0, 100), 0, 120, 100},
                    LatencyCase{"below zero", Regions(0, 0), 5001, -70, -20},
                    LatencyCase{"very old", Regions(0, 0), kHuge, kHuge, kHuge},
                    LatencyCase{"very old, capped", Regions(0, 100), kHuge, 3, 100}));

}  // namespace
}  // namespace muster::match::alliance
