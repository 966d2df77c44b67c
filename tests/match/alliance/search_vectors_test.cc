#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// The vendor's vectors of regions (RG3, FR, RL), candidate order (SO, DS3), distance (DI, DF, T5)
// and of filling one team (PICK), as far as matches show them.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

// Two tickets alike match in the regions that each accepts.
struct RegionCase {
  const char* name;
  const char* rules;
  int64_t age_ms;
  std::vector<Latency> latencies;
  std::vector<std::string> regions;
};
std::ostream& operator<<(std::ostream& out, const RegionCase& test_case) {
  return out << test_case.name;
}

constexpr char kWorked[] = R"("region_expansion_rate_ms":5000,"region_expansion_range_ms":50,)"
                           R"("region_latency_initial_range_ms":100,"region_latency_max_ms":250)";
constexpr char kRange50[] = R"("region_expansion_rate_ms":1000,"region_expansion_range_ms":50)";
constexpr char kRange50Max100[] =
    R"("region_expansion_rate_ms":1000,"region_expansion_range_ms":50,"region_latency_max_ms":100)";
constexpr char kRange1000[] = R"("region_expansion_rate_ms":1000,"region_expansion_range_ms":1000)";

std::vector<RegionCase> RegionCases() {
  const std::vector<Latency> five = {
      {"us", 40}, {"eu", 130}, {"sa", 190}, {"ap", 235}, {"af", 251}};
  const auto four = [](int64_t ap) {
    return std::vector<Latency>{{"e1", 50}, {"e2", 50}, {"w2", 100}, {"ap", ap}};
  };
  return {
      {"Rg3BeforeItsTime", kWorked, -3000, five, {"us", "eu"}},
      {"Rg3At0", kWorked, 0, five, {"us", "eu"}},
      {"Rg3At1Ms", kWorked, 1, five, {"us", "eu"}},
      {"Rg3At4999Ms", kWorked, 4999, five, {"us", "eu"}},
      {"Rg3At5S", kWorked, 5000, five, {"us", "eu"}},
      {"Rg3At5001Ms", kWorked, 5001, five, {"us", "eu", "sa"}},
      {"Rg3At10S", kWorked, 10'000, five, {"us", "eu", "sa"}},
      {"Rg3At10001Ms", kWorked, 10'001, five, {"us", "eu", "sa", "ap"}},
      {"Rg3At15001MsIsCapped", kWorked, 15'001, five, {"us", "eu", "sa", "ap"}},
      {"Rg3At60SIsCapped", kWorked, 60'000, five, {"us", "eu", "sa", "ap"}},
      {"Fr1", kRange50, 1, {{"e1", 50}, {"e2", 50}, {"w2", 100}}, {"e1", "e2"}},
      {"Fr2", kRange50, 1001, four(150), {"e1", "e2", "w2"}},
      {"Fr3", kRange50, 2001, four(170), {"e1", "e2", "w2"}},
      {"Fr4", kRange50, 3001, four(170), {"e1", "e2", "w2", "ap"}},
      {"Fr5", kRange50Max100, 3001, four(170), {"e1", "e2", "w2"}},
      {"Fr6", kRange1000, 3001, four(1900), {"e1", "e2", "w2", "ap"}},
      {"Ut5RateDefaultsTo5S",
       R"("region_expansion_range_ms":60)",
       6000,
       four(120),
       {"e1", "e2", "w2"}},
      {"RangeDefaultsTo50",
       R"("region_expansion_rate_ms":1000)",
       1001,
       four(101),
       {"e1", "e2", "w2"}},
  };
}

class RegionVectorsTest : public AllianceTableTest<RegionCase> {};

TEST_P(RegionVectorsTest, TwoTicketsAlikeMatchInTheRegionsTheyAccept) {
  UseRules("2,2,1,1", GetParam().rules);
  Add("a", {.age_ms = GetParam().age_ms, .latencies = GetParam().latencies});
  Add("b", {.age_ms = GetParam().age_ms, .latencies = GetParam().latencies});

  const Match match = OnlyMatch();

  EXPECT_THAT(match.region_preferences, UnorderedElementsAreArray(GetParam().regions));
  ASSERT_FALSE(match.region_preferences.empty());
  EXPECT_EQ(match.region_preferences.front(), GetParam().regions.front());
}

INSTANTIATE_TEST_SUITE_P(Cases, RegionVectorsTest, testing::ValuesIn(RegionCases()));

class SearchVectorsTest : public AllianceTest {
 protected:
  // One pivot in `region` only, older than the candidate, which is closer to e1 than to e2.
  std::vector<Teams> MatchInRegion(const std::string& region, int64_t pivot_age_ms,
                                   const TicketSpec& candidate, const std::string& more = "") {
    UseRules("2,2,1,1", std::string(kRange50) + more);
    Add("p", {.age_ms = pivot_age_ms, .latencies = {{region, 50}}});
    Add("c", candidate);
    return MakeMatches();
  }
};

TEST_F(SearchVectorsTest, Rl1TheCandidatesBestRegionPasses) {
  EXPECT_THAT(MatchInRegion("e1", 1000, {.latencies = {{"e1", 100}, {"e2", 120}}}), SizeIs(1));
}

TEST_F(SearchVectorsTest, Rl2ARegionOutOfTheCandidatesReachFails) {
  EXPECT_THAT(MatchInRegion("e2", 1000, {.latencies = {{"e1", 100}, {"e2", 120}}}), IsEmpty());
}

TEST_F(SearchVectorsTest, Rl3TheCandidatesReachGrowsWithItsAge) {
  const std::vector<Latency> latencies = {{"e1", 100}, {"e2", 170}};

  EXPECT_THAT(MatchInRegion("e2", 5000, {.age_ms = 1001, .latencies = latencies}), IsEmpty());
  EXPECT_THAT(MatchInRegion("e2", 5000, {.age_ms = 2001, .latencies = latencies}), SizeIs(1));
}

TEST_F(SearchVectorsTest, Rl4AnOldPivotIgnoresTheCandidatesLimits) {
  const TicketSpec candidate{.latencies = {{"e1", 100}, {"e2", 120}}};
  const auto disabled_after = [](int ms) {
    return R"(,"disable_bidirectional_latency_after_ms":)" + std::to_string(ms);
  };

  EXPECT_THAT(MatchInRegion("e2", 2001, candidate, disabled_after(1000)), SizeIs(1));
  EXPECT_THAT(MatchInRegion("e2", 2001, candidate, disabled_after(5000)), IsEmpty());
  EXPECT_THAT(MatchInRegion("e2", 2001, candidate, disabled_after(2001)), IsEmpty());
}

TEST_F(SearchVectorsTest, ALaterRegionIsTriedWhenTheBestYieldsNoMatch) {
  UseRules("2,2,1,1", R"("region_latency_initial_range_ms":50,"region_latency_max_ms":200)");
  Add("p", {.age_ms = 3, .latencies = {{"us", 40}, {"eu", 60}}});
  Add("c", {.age_ms = 2, .latencies = {{"eu", 30}}});

  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("eu"));
}

TEST_F(SearchVectorsTest, TheFirstRegionThatYieldsAMatchWins) {
  UseRules("2,2,1,1", R"("region_latency_initial_range_ms":50,"region_latency_max_ms":200)");
  Add("p", {.age_ms = 3, .latencies = {{"us", 40}, {"eu", 60}}});
  Add("in-eu", {.age_ms = 2, .latencies = {{"eu", 30}}});
  Add("in-us", {.age_ms = 1, .latencies = {{"us", 90}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "in-us")));
}

TEST_F(SearchVectorsTest, Mk4PriorityChoosesThePivotBeforeAge) {
  UseRules("2,2,1,1", MmrWithin(10));
  Add("old", {.age_ms = 3, .ratings = {0}});
  Add("between", {.age_ms = 2, .ratings = {10}});
  Add("urgent", {.age_ms = 1, .ratings = {20}, .priority = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("urgent", "between")));
}

// The pivot has priority 9 and rating 0; the candidates' ratings are their scores.
class CandidateOrderTest : public SearchVectorsTest {
 protected:
  void UseRoomFor(size_t candidates) {
    const std::string size = std::to_string(candidates + 1);
    UseRules("1,1," + size + "," + size, MmrWithin(100));
    Add("p", {.age_ms = 10'000, .ratings = {0}, .priority = 9});
  }
};

TEST_F(CandidateOrderTest, So1PriorityGoesBeforeScore) {
  UseRoomFor(5);
  Add("a", {.ratings = {0}, .priority = 0});
  Add("b", {.ratings = {10}, .priority = 0});
  Add("c", {.ratings = {0}, .priority = 0});
  Add("d", {.ratings = {0}, .priority = 2});
  Add("e", {.ratings = {10}, .priority = 2});

  EXPECT_THAT(FirstMatchInOrder(), ElementsAre("p", "d", "e", "a", "c", "b"));
}

TEST_F(CandidateOrderTest, So2OfEqualScoresTheOldestGoesFirst) {
  UseRoomFor(3);
  Add("a", {.age_ms = 0, .ratings = {0}});
  Add("b", {.age_ms = 1000, .ratings = {0}});
  Add("c", {.age_ms = 5000, .ratings = {0}});

  EXPECT_THAT(FirstMatchInOrder(), ElementsAre("p", "c", "b", "a"));
}

TEST_F(CandidateOrderTest, So3PriorityThenScoreThenAge) {
  UseRoomFor(5);
  Add("A", {.age_ms = 0, .ratings = {20}, .priority = 2});
  Add("B", {.age_ms = 0, .ratings = {10}});
  Add("C", {.age_ms = 0, .ratings = {0}});
  Add("D", {.age_ms = 1000, .ratings = {10}, .priority = 2});
  Add("E", {.age_ms = 5000, .ratings = {20}, .priority = 2});

  EXPECT_THAT(FirstMatchInOrder(), ElementsAre("p", "D", "E", "A", "C", "B"));
}

TEST_F(CandidateOrderTest, Ut4LargerPartiesGoFirstWhenAskedFor) {
  options_.prioritize_larger_parties = true;
  UseRules("1,1,6,6");
  Add("p", {.age_ms = 4000});
  Add("one", {.age_ms = 3000});
  Add("two", {.age_ms = 2000, .size = 2});
  Add("three", {.age_ms = 1000, .size = 3});

  EXPECT_THAT(FirstMatchInOrder(), ElementsAre("p", "three", "two"));
}

// The far candidate scores 0.4 for its distance and 0.1 for its region; the other's distance d
// scores d / 250.
class ScoreTest : public SearchVectorsTest {
 protected:
  std::vector<Teams> AgainstDistance(double distance) {
    UseRules("2,2,1,1", R"("matching_rule":[)" +
                            DistanceRule("mmr", 200, R"(,"weight":2,"normalizationMax":500)") +
                            R"(],"region_latency_initial_range_ms":40,)"
                            R"("region_latency_max_ms":200,"region_latency_rule_weight":0.5)");
    Add("p", {.age_ms = 3000, .ratings = {0}, .latencies = {{"us", 50}}});
    Add("near", {.age_ms = 1000, .ratings = {distance}, .latencies = {{"us", 90}}});
    Add("far", {.age_ms = 2000, .ratings = {100}, .latencies = {{"us", 90}, {"eu", 50}}});
    return MakeMatches();
  }
};

TEST_F(ScoreTest, Ds3DistanceAndRegionAddUpByTheirWeights) {
  EXPECT_THAT(AgainstDistance(124), ElementsAre(Duel("p", "near")));
  EXPECT_THAT(AgainstDistance(126), ElementsAre(Duel("p", "far")));
}

TEST_F(ScoreTest, Ds5EqualScoresTieAndTheOlderGoesFirst) {
  EXPECT_THAT(AgainstDistance(125), ElementsAre(Duel("p", "far")));
}

struct DistanceCase {
  const char* name;
  int64_t pivot_age_ms;
  int64_t candidate_age_ms;
  double pivot;
  double candidate;
  bool matches;
};
std::ostream& operator<<(std::ostream& out, const DistanceCase& test_case) {
  return out << test_case.name;
}

// Reference 100; 200 from 10 s on.
const DistanceCase kDistanceCases[] = {
    {"Di1Within", 2000, 1000, 20, 50, true},
    {"Di1Beyond", 2000, 1000, 20, 125, false},
    {"TheBoundIsInclusive", 2000, 1000, 20, 120, true},
    {"Df1BothNew", 2000, 1000, 50, 60, true},
    {"Df2BothNew", 2000, 1000, 50, 200, false},
    {"Df2OnlyThePivotIsOld", 20'000, 1000, 50, 200, false},
    {"Df2BothOld", 20'000, 20'000, 50, 200, true},
};

class DistanceVectorsTest : public AllianceTableTest<DistanceCase> {};

TEST_P(DistanceVectorsTest, BothMustAcceptTheDistance) {
  UseRules("2,2,1,1", MmrWithin(100) + R"(,"flexing_rule":[)" +
                          DistanceRule("mmr", 200, R"(,"duration":10)") + "]");
  Add("p", {.age_ms = GetParam().pivot_age_ms, .ratings = {GetParam().pivot}});
  Add("c", {.age_ms = GetParam().candidate_age_ms, .ratings = {GetParam().candidate}});

  EXPECT_THAT(MakeMatches(), SizeIs(GetParam().matches ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(Cases, DistanceVectorsTest, testing::ValuesIn(kDistanceCases));

// Normalised, 30 of 500 (DI2) is less than 1 of 10.
TEST_F(SearchVectorsTest, Di2ADistanceIsDividedByItsNormalizationMax) {
  UseRules("2,2,1,1", R"("matching_rule":[)" +
                          DistanceRule("mmr", 100, R"(,"normalizationMax":500)") + "," +
                          DistanceRule("z", 10) + "]");
  Add("p", {.age_ms = 3000, .ratings = {20}});
  Add("other", {.age_ms = 2000, .ratings = {20}, .player_attributes = {Attributes({{"z", 1}})}});
  Add("c", {.age_ms = 1000, .ratings = {50}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "c")));
}

TEST_F(SearchVectorsTest, T5APlayerWithoutTheAttributeCountsAsZeroInTheMean) {
  UseRules("2,2,1,2", MmrWithin(0));
  Add("party", {.age_ms = 2, .size = 2, .ratings = {100}});
  Add("solo", {.age_ms = 1, .ratings = {50}});

  // Teams are first filled up to the smallest ticket's size, so the solo opens the first one.
  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"solo"}, {"party"}})));
}

TEST_F(SearchVectorsTest, T5MemberAttributesOfTheTicketAreNotBelieved) {
  UseRules("2,2,1,1", MmrWithin(10));
  const Object claimed = Attributes({{"mmr", 500}});
  Add("a", {.ratings = {500}, .attributes = {{"member_attributes", claimed}}});
  Add("b", {.ratings = {0}, .attributes = {{"member_attributes", claimed}}});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(SearchVectorsTest, Ut1AMinimumCountsPlayersNotTickets) {
  UseRules("1,1,3,3");
  Add("duo", {.age_ms = 2, .size = 2});
  Add("solo", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"duo", "solo"}})));
}

// The first team of 2 to 5 players out of parties of these sizes.
struct PickCase {
  const char* name;
  std::vector<size_t> sizes;
  std::set<std::string> chosen;
};
std::ostream& operator<<(std::ostream& out, const PickCase& test_case) {
  return out << test_case.name;
}

const PickCase kPickCases[] = {
    {"Duos", {2, 2, 2, 2}, {"0", "1"}},
    {"TenSolos", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {"0", "1", "2", "3", "4"}},
    {"Trios", {3, 3, 3, 3, 3}, {"0"}},
    {"ASoloFitsBehindATrio", {3, 3, 4, 1, 2}, {"0", "3"}},
    {"TheThirdFits", {1, 2, 1, 5}, {"0", "1", "2"}},
    {"AFullPartyIsSkipped", {1, 2, 5, 2}, {"0", "1", "3"}},
    {"FullBeforeTheLast", {1, 2, 2, 5}, {"0", "1", "2"}},
};

class PickVectorsTest : public AllianceTableTest<PickCase> {};

TEST_P(PickVectorsTest, FillsOneTeamWithWhatFitsOldestFirst) {
  UseRules("1,1,2,5");
  for (size_t i = 0; i < GetParam().sizes.size(); ++i) {
    Add(std::to_string(i), {.size = GetParam().sizes[i]});
  }

  const std::vector<Teams> matches = MakeMatches();

  ASSERT_FALSE(matches.empty());
  EXPECT_THAT(matches.front(), ElementsAre(GetParam().chosen));
}

INSTANTIATE_TEST_SUITE_P(Cases, PickVectorsTest, testing::ValuesIn(kPickCases));

}  // namespace
}  // namespace muster::match::alliance
