#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/alliance_logic.h"
#include "tests/match/alliance/alliance_fixture.h"
#include "tests/support/status_matchers.h"

// The vectors MM1 to MM10, FX1 to FX5, AX1 and AX2 that come with the vendor's matcher. Ids of
// quirks (Q2 ...) mark outcomes that its own behaviour decides otherwise.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MatchVectorsTest : public AllianceTest {
 protected:
  // Five players of one rating, 5 to 1 ms old.
  void AddFiveOfOneRating() {
    int64_t age_ms = 5;
    for (const char* name : {"first", "second", "third", "fourth", "fifth"}) {
      Add(name, {.age_ms = age_ms--, .ratings = {25}});
    }
  }
  // Three tickets; the second is as far from the first two regions as `second` says.
  void AddThreeInRegions(std::optional<int64_t> first_age_ms, const std::vector<Latency>& second) {
    const std::vector<Latency> near_west = {{"us-west", 50}, {"eu-central", 100}, {"ap", 300}};
    const auto younger_by = [&](int64_t ms) {
      return first_age_ms ? std::optional<int64_t>(*first_age_ms - ms) : std::nullopt;
    };
    Add("first", {.age_ms = first_age_ms, .latencies = near_west});
    Add("second", {.age_ms = younger_by(1000), .latencies = second});
    Add("third", {.age_ms = younger_by(2000), .latencies = near_west});
  }
  std::vector<Teams> TwoOfAge(int64_t age_ms, double rating, double other_rating) {
    Clear();
    Add("a", {.age_ms = age_ms, .ratings = {rating}});
    Add("b", {.age_ms = age_ms, .ratings = {other_rating}});
    return MakeMatches();
  }
};

TEST_F(MatchVectorsTest, Mm1RulesOfTheWrongTypeAreRefused) {
  for (const char* rules : {"[]", "\"rules\"", "7", "true", ""}) {
    EXPECT_THAT(MakeAllianceLogic(rules, LogicOptions()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("rules")))
        << rules;
  }
}

TEST_F(MatchVectorsTest, Mm2NoTicketsMakeNoMatch) {
  UseRules("2,2,1,1", MmrWithin(1000));

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(MatchVectorsTest, Mm3TheOldestTwoAndTheNextTwoMatch) {
  UseRules("2,2,1,1", MmrWithin(1000));
  AddFiveOfOneRating();

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("first", "second"), Duel("third", "fourth")));
  for (const Match& match : RawMatches()) EXPECT_FALSE(match.backfill);
}

TEST_F(MatchVectorsTest, Mm4TheSameServerNameMatches) {
  UseRules("2,2,1,1", MmrWithin(1000));
  Add("t1", {.ratings = {25}, .attributes = {{"server_name", "local-ds-name"}}});
  Add("t2", {.ratings = {25}});
  Add("t3", {.ratings = {25}, .attributes = {{"server_name", "local-ds-name"}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("t1", "t3")));
  EXPECT_EQ(OnlyMatch().server_name, "local-ds-name");
}

TEST_F(MatchVectorsTest, Mm5TheSameClientVersionMatches) {
  UseRules("2,2,1,1", MmrWithin(1000));
  Add("t1", {.age_ms = 5000, .attributes = {{"client_version", "failed"}}});
  Add("t2", {.age_ms = 4000, .attributes = {{"client_version", "ds-version"}}});
  Add("t3", {.age_ms = 3000, .attributes = {{"client_version", "ds-version"}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("t2", "t3")));
  EXPECT_EQ(OnlyMatch().client_version, "ds-version");
}

TEST_F(MatchVectorsTest, Mm6AnyCommonMapMatches) {
  UseRules("2,2,1,1", Option("maps", "any"));
  Add("first", {.attributes = {{"maps", List{"foo", "bar", "baz"}}}});
  Add("second", {.attributes = {{"maps", List{"alpha", "beta", "gamma"}}}});
  Add("third", {.attributes = {{"maps", List{"baz", "bar", "Magrathea"}}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("first", "third")));
  const Object attributes = OnlyMatch().attributes;
  EXPECT_EQ(TextsOf(attributes.Find("maps")), std::multiset<std::string>({"bar", "baz"}));
  EXPECT_THAT(attributes, SizeIs(1));
}

TEST_F(MatchVectorsTest, Mm7FlexingWidensTheDistance) {
  UseRules("2,2,1,2", MmrWithin(100) + R"(,"flexing_rule":[)" +
                          DistanceRule("mmr", 200, R"(,"duration":30)") + "]");

  EXPECT_THAT(TwoOfAge(5000, 10, 150), IsEmpty());
  EXPECT_THAT(TwoOfAge(60'000, 10, 150), SizeIs(1));
}

TEST_F(MatchVectorsTest, Mm8TicketsMatchInTheirBestRegion) {
  UseRules("2,2,1,1");
  AddThreeInRegions(5000, {{"us-west", 100}, {"eu-central", 50}, {"ap", 100}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("first", "third")));
  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("us-west"));
}

TEST_F(MatchVectorsTest, Mm9AYoungTicketFarAwayIsPassedOver) {
  UseRules("2,2,1,1");
  AddThreeInRegions(5000, {{"us-west", 500}, {"eu-central", 50}, {"ap", 100}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("first", "third")));
  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("us-west"));
}

TEST_F(MatchVectorsTest, Mm9TicketsWithoutACreationTimeAreVeryOldAndAcceptAnyRegion) {
  UseRules("2,2,1,1");
  AddThreeInRegions(std::nullopt, {{"us-west", 500}, {"eu-central", 50}, {"ap", 100}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("first", "second")));
  // Q22: the chosen region first, then the others that are legal for both.
  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("us-west", testing::_, testing::_));
}

TEST_F(MatchVectorsTest, Mm10AMatchWithRoomIsFlaggedForBackfill) {
  UseRules("1,2,1,1", MmrWithin(1000) + R"(,"auto_backfill":true)");
  AddFiveOfOneRating();

  EXPECT_THAT(MakeMatches(),
              ElementsAre(Duel("first", "second"), Duel("third", "fourth"), MatchOf({{"fifth"}})));
  const std::vector<Match>& matches = RawMatches();
  ASSERT_THAT(matches, SizeIs(3));
  EXPECT_FALSE(matches[0].backfill);
  EXPECT_FALSE(matches[1].backfill);
  EXPECT_TRUE(matches[2].backfill);
}

// Two tickets of one age, and whether they match.
struct FlexingCase {
  const char* name;
  // The members of `flexing_rule`.
  std::string flexing;
  int64_t age_ms;
  double distance;
  bool matches;
};
std::ostream& operator<<(std::ostream& out, const FlexingCase& test_case) {
  return out << test_case.name;
}

// One flexing rule: after `seconds`, a distance of `reference`.
std::string Flex(int seconds, int reference) {
  return DistanceRule("mmr", reference, R"(,"duration":)" + std::to_string(seconds));
}

const FlexingCase kFlexingCases[] = {
    {"Fx1Active", Flex(20, 20), 25'000, 20, true},
    {"Fx1Inactive", Flex(20, 20), 10'000, 20, false},
    {"Fx1InactiveAllowsTheBase", Flex(20, 20), 10'000, 10, true},
    {"Fx2UsesTheFlexedReference", Flex(10, 20), 15'000, 20, true},
    {"Fx2AllowsNoMore", Flex(10, 20), 15'000, 20.5, false},
    {"Fx3TakesTheLongestDuration", Flex(20, 30) + "," + Flex(10, 20), 25'000, 30, true},
    {"Fx3AllowsNoMore", Flex(20, 30) + "," + Flex(10, 20), 25'000, 30.5, false},
    {"Fx3BeforeTheLongerOne", Flex(20, 30) + "," + Flex(10, 20), 15'000, 20.5, false},
    {"NotAtItsDuration", Flex(10, 20), 10'000, 20, false},
    {"AMillisecondAfterItsDuration", Flex(10, 20), 10'001, 20, true},
    {"OfEqualDurationsTheLater", Flex(10, 30) + "," + Flex(10, 20), 15'000, 25, false},
    {"MayNarrow", Flex(10, 5), 15'000, 7, false},
    {"AnotherCriteriaSwitchesTheRuleOff",
     R"({"attribute":"mmr","criteria":"average","duration":10,"reference":1})", 15'000, 500, true},
    {"AnUnknownAttributeHasNoEffect",
     R"({"attribute":"other","criteria":"distance","duration":10,"reference":20})", 15'000, 20,
     false},
};

class FlexingVectorsTest : public AllianceTableTest<FlexingCase> {};

TEST_P(FlexingVectorsTest, DecidesTheDistance) {
  UseRules("2,2,1,1", MmrWithin(10) + R"(,"flexing_rule":[)" + GetParam().flexing + "]");
  Add("a", {.age_ms = GetParam().age_ms, .ratings = {100}});
  Add("b", {.age_ms = GetParam().age_ms, .ratings = {100 + GetParam().distance}});

  EXPECT_THAT(MakeMatches(), SizeIs(GetParam().matches ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(Cases, FlexingVectorsTest, testing::ValuesIn(kFlexingCases));

TEST_F(MatchVectorsTest, Fx4EachAttributeFlexesByItsOwnRule) {
  UseRules("2,2,1,1", R"("matching_rule":[)" + DistanceRule("mmr", 10) + "," +
                          DistanceRule("conduct_summary", 10) + R"(],"flexing_rule":[)" +
                          DistanceRule("mmr", 20, R"(,"duration":20)") + "," +
                          DistanceRule("conduct_summary", 20, R"(,"duration":20)") + "]");
  const auto matches_at = [this](double mmr, double conduct) {
    Clear();
    Add("a", {.age_ms = 25'000, .ratings = {0}});
    Add("b", {.age_ms = 25'000,
              .ratings = {mmr},
              .player_attributes = {Attributes({{"conduct_summary", conduct}})}});
    return MakeMatches().size() == 1;
  };

  EXPECT_TRUE(matches_at(20, 20));
  EXPECT_FALSE(matches_at(20.5, 0));
  EXPECT_FALSE(matches_at(0, 20.5));
}

// A distance of 5 scores 5/20, not 5/10: less than the 0.4 of the other candidate's region.
TEST_F(MatchVectorsTest, Fx5TheDistanceIsNormalisedByTheLargestFlexedReference) {
  UseRules("2,2,1,1", R"("matching_rule":[)" + DistanceRule("mmr", 10, R"(,"weight":1)") +
                          R"(],"flexing_rule":[)" + DistanceRule("mmr", 20, R"(,"duration":20)") +
                          R"(],"region_latency_initial_range_ms":50,"region_latency_max_ms":100)");
  Add("p", {.age_ms = 25'000, .ratings = {100}, .latencies = {{"us", 50}}});
  Add("far", {.age_ms = 4000, .ratings = {100}, .latencies = {{"eu", 10}, {"us", 50}}});
  Add("near", {.age_ms = 3000, .ratings = {105}, .latencies = {{"us", 50}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "near")));
}

class AllianceFlexingVectorsTest : public MatchVectorsTest {
 protected:
  static std::string After(int seconds, int player_min) {
    return R"({"duration":)" + std::to_string(seconds) +
           R"(,"min_number":2,"max_number":2,"player_min_number":)" + std::to_string(player_min) +
           R"(,"player_max_number":4})";
  }
  void AddSolos(int count) {
    for (int i = 1; i <= count; ++i) Add("t" + std::to_string(i), {.age_ms = 25'000});
  }
};

TEST_F(AllianceFlexingVectorsTest, Ax1TheLongestDurationThatHasPassedHolds) {
  for (const std::string& flexing :
       {After(10, 2) + "," + After(20, 1), After(20, 1) + "," + After(10, 2)}) {
    UseRules("2,2,4,4", R"("alliance_flexing_rule":[)" + flexing + "]");
    AddSolos(2);

    EXPECT_THAT(MakeMatches(), ElementsAre(Duel("t1", "t2")));
  }
}

TEST_F(AllianceFlexingVectorsTest, Ax2ADurationThatHasNotPassedDoesNotHold) {
  UseRules("2,2,4,4", R"("alliance_flexing_rule":[)" + After(10, 2) + "," + After(40, 1) + "]");
  AddSolos(2);
  EXPECT_THAT(MakeMatches(), IsEmpty());

  Clear();
  AddSolos(4);

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"t1", "t2"}, {"t3", "t4"}})));
}

}  // namespace
}  // namespace muster::match::alliance
