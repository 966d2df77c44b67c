#include <atomic>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/match/alliance/alliance_fixture.h"

// Where the vendor's matcher has a quirk and we do better: one test for each of Q1 to Q34 that a
// match shows. Q22, Q25 and Q26 stand with the output and the worked examples as well; Q27, Q28,
// Q32 and Q33 cannot be seen from here.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Lt;
using testing::SizeIs;

using Entries = std::vector<Object::Entry>;

Entries Maps(List maps) { return {{"maps", std::move(maps)}}; }

class QuirksTest : public AllianceTest {
 protected:
  void AddWith(const std::string& name, int64_t age_ms, const Entries& attributes) {
    Add(name, {.age_ms = age_ms, .attributes = attributes});
  }
  // Two tickets with these attributes, the first one older.
  std::vector<Teams> TwoWith(const Entries& older, const Entries& younger) {
    Clear();
    AddWith("a", 2, older);
    AddWith("b", 1, younger);
    return MakeMatches();
  }
  static std::string FlexedAlliance(int after_s, int teams, int players) {
    const std::string number = std::to_string(teams);
    const std::string size = std::to_string(players);
    return R"("alliance_flexing_rule":[{"duration":)" + std::to_string(after_s) +
           R"(,"min_number":)" + number + R"(,"max_number":)" + number +
           R"(,"player_min_number":1,"player_max_number":)" + size + "}]";
  }
};

TEST_F(QuirksTest, Q1TicketsFarApartInTheStreamMeet) {
  UseRules("2,2,1,1");
  for (int i = 0; i < 2500; ++i) AddWith("t" + std::to_string(i), 5000 - i, {{"m", i % 2499}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("t0", "t2499")));
}

TEST_F(QuirksTest, Q2AgesCountToTheMillisecond) {
  UseRules("2,2,1,1", MmrWithin(10) + R"(,"flexing_rule":[)" +
                          DistanceRule("mmr", 20, R"(,"duration":10)") + "]");
  // Cut to whole seconds they came 10.5 s ago.
  Add("a", {.age_ms = 9600, .ratings = {0}});
  Add("b", {.age_ms = 9600, .ratings = {20}});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(QuirksTest, Q2TheOrderCountsToTheMillisecond) {
  UseRules("2,2,1,1");
  Add("a", {.age_ms = 1});
  Add("b", {.age_ms = 3});
  Add("c", {.age_ms = 2});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("b", "c")));
}

TEST_F(QuirksTest, Q3AgesAreTakenAtTheTimeOfTheTickNotOfTheClock) {
  fakes::FakeClock clock;
  context_.clock = &clock;
  UseRules("2,2,1,1", MmrWithin(10) + R"(,"flexing_rule":[)" +
                          DistanceRule("mmr", 20, R"(,"duration":10)") + "]");
  Add("a", {.age_ms = 5000, .ratings = {0}});
  Add("b", {.age_ms = 5000, .ratings = {20}});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(QuirksTest, Q4TiesGoByArrival) {
  UseRules("2,2,1,1");
  for (int i = 0; i < 13; ++i) Add("t" + std::to_string(i), {.age_ms = i % 2 == 1 ? 5000 : 1000});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("t1", "t3"), Duel("t5", "t7"), Duel("t9", "t11"),
                                         Duel("t0", "t2"), Duel("t4", "t6"), Duel("t8", "t10")));
}

TEST_F(QuirksTest, Q5EqualLatenciesGoByTheNameOfTheRegion) {
  UseRules("2,2,1,1");
  Add("a", {.latencies = {{"west", 50}, {"east", 50}}});
  Add("b", {.latencies = {{"west", 50}, {"east", 50}}});

  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("east", "west"));
}

TEST_F(QuirksTest, Q6AHopelessOldTicketHoldsNobodyUp) {
  UseRules("2,2,1,1", MmrWithin(10));
  Add("hopeless", {.age_ms = 9000, .ratings = {9999}});
  Add("a", {.age_ms = 2, .ratings = {1}});
  Add("b", {.age_ms = 1, .ratings = {2}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("a", "b")));
}

// A clock on which an hour passes at each look.
class RacingClock final : public base::Clock {
 public:
  base::PreciseTimestamp PreciseNow() const override { return {}; }
  base::MonotonicTime MonotonicNow() const override {
    return base::MonotonicTime(std::chrono::hours(++hours_));
  }

 private:
  mutable std::atomic<int> hours_ = 0;
};

TEST_F(QuirksTest, Q7WhenTimeIsUpTheOldestHaveBeenServedAndTheRestIsReported) {
  constexpr size_t kTickets = 20'000;
  const RacingClock clock;
  context_.clock = &clock;
  UseRules("2,2,1,1");
  for (size_t i = 0; i < kTickets; ++i) Add(std::to_string(i));

  const std::vector<Teams> matches = MakeMatches();

  for (size_t i = 0; i < matches.size(); ++i) {
    EXPECT_EQ(matches[i], Duel(std::to_string(2 * i), std::to_string(2 * i + 1)));
  }
  EXPECT_GT(OutOfTime(), 0u);
  EXPECT_EQ(2 * matches.size() + OutOfTime(), kTickets);
}

// With its best candidate p finds no third; with the other two it does.
TEST_F(QuirksTest, Q8AFailedPivotIsStillACandidate) {
  UseRules("3,3,1,1", Option("maps", "any"));
  AddWith("p", 4, Maps({"x", "y"}));
  AddWith("b", 3, Maps({"x"}));
  AddWith("c", 2, Maps({"y"}));
  AddWith("d", 1, Maps({"y"}));

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p"}, {"c"}, {"d"}})));
}

TEST_F(QuirksTest, Q8AnOldTicketIsNoCandidateOfOnesThatItRejects) {
  UseRules("2,2,1,1");

  EXPECT_THAT(TwoWith({{"m", 1}}, {}), IsEmpty());
}

TEST_F(QuirksTest, Q9AllTicketsAgreeOnAnAttribute) {
  UseRules("2,3,1,1");
  AddWith("p", 3, {});
  AddWith("b", 2, {{"m", 1}});
  AddWith("c", 1, {{"m", 2}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "b")));
}

TEST_F(QuirksTest, Q10CandidatesMayBeTwiceTheDistanceApart) {
  UseRules("3,3,1,1", MmrWithin(10));
  Add("p", {.age_ms = 3, .ratings = {100}});
  Add("b", {.age_ms = 2, .ratings = {110}});
  Add("c", {.age_ms = 1, .ratings = {90}});

  EXPECT_THAT(MakeMatches(), SizeIs(1));
}

TEST_F(QuirksTest, Q11NobodyIsInOneMatchTwice) {
  UseRules("3,3,1,1");
  Add("p", {.age_ms = 4});
  Add("b", {.age_ms = 3, .players = {"twin"}});
  Add("c", {.age_ms = 2, .players = {"twin"}});
  Add("d", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p"}, {"b"}, {"d"}})));
}

TEST_F(QuirksTest, Q12OneSupersetDoesNotSpoilTheOthers) {
  UseRules("2,2,1,1", Option("maps", "all"));
  AddWith("p", 3, Maps({"x"}));
  AddWith("b", 2, Maps({"x", "y"}));
  AddWith("c", 1, Maps({"x"}));

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "c")));
}

TEST_F(QuirksTest, Q13TwoCandidatesThatClashDoNotSpoilTheOthers) {
  UseRules("3,3,1,1", Option("maps", "unique"));
  AddWith("p", 4, Maps({"x"}));
  AddWith("b", 3, Maps({"y"}));
  AddWith("c", 2, Maps({"y"}));
  AddWith("d", 1, Maps({"z"}));

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p"}, {"b"}, {"d"}})));
}

TEST_F(QuirksTest, Q14EachOptionIsJudgedAlone) {
  UseRules("2,2,1,1", R"("match_options":{"options":[{"name":"maps","type":"any"},)"
                      R"({"name":"modes","type":"any"}]})");

  EXPECT_THAT(TwoWith({{"maps", List{"x"}}, {"modes", List{1}}},
                      {{"maps", List{"x"}}, {"modes", List{"1"}}}),
              IsEmpty());
}

TEST_F(QuirksTest, Q15AnyAndAllTellANumberFromItsText) {
  for (const char* type : {"any", "all"}) {
    UseRules("2,2,1,1", Option("maps", type));

    EXPECT_THAT(TwoWith(Maps({1}), Maps({"1"})), IsEmpty()) << type;
    EXPECT_THAT(TwoWith(Maps({1}), Maps({1})), SizeIs(1)) << type;
  }
}

TEST_F(QuirksTest, Q15UniqueDoesNot) {
  UseRules("2,2,1,1", Option("maps", "unique"));

  EXPECT_THAT(TwoWith(Maps({1}), Maps({"1"})), IsEmpty());
  EXPECT_THAT(TwoWith(Maps({1}), Maps({"2"})), SizeIs(1));
}

TEST_F(QuirksTest, Q16AValueRepeatedInOneListCountsOnce) {
  UseRules("2,2,1,1", Option("maps", "any"));
  EXPECT_THAT(TwoWith({}, Maps({"x", "x"})), IsEmpty());

  UseRules("2,2,1,1", Option("maps", "all"));
  EXPECT_THAT(TwoWith(Maps({"x", "x"}), Maps({"x"})), SizeIs(1));

  UseRules("2,2,1,1", Option("maps", "unique"));
  EXPECT_THAT(TwoWith(Maps({"x", "x"}), Maps({"y"})), SizeIs(1));
}

TEST_F(QuirksTest, Q17NestedValuesOfAnOptionDoNoHarm) {
  for (const char* type : {"any", "all", "unique", "disable"}) {
    UseRules("2,2,1,1", Option("maps", type));

    TwoWith({{"maps", Attributes({{"x", 1}})}}, {{"maps", Attributes({{"x", 1}})}});
    TwoWith(Maps({List{"x"}}), Maps({List{"y"}}));
    TwoWith(Maps({Value()}), {{"maps", Value()}});
  }
}

TEST_F(QuirksTest, Q18OfOptionsWithOneNameTheFirstHolds) {
  UseRules("2,2,1,1", R"("match_options":{"options":[{"name":"maps","type":"all"},)"
                      R"({"name":"maps","type":"unique"}]})");

  EXPECT_THAT(TwoWith(Maps({"x"}), Maps({"x"})), SizeIs(1));
  EXPECT_THAT(TwoWith(Maps({"x"}), Maps({"y"})), IsEmpty());
}

TEST_F(QuirksTest, Q19ATicketThatIsNotPlacedNarrowsNothing) {
  UseRules("2,2,1,1", MmrWithin(100) + "," + Option("maps", "any"));
  Add("p", {.age_ms = 3, .ratings = {0}, .attributes = Maps({"x", "y"})});
  Add("far", {.age_ms = 2, .ratings = {50}, .attributes = Maps({"x"})});
  Add("near", {.age_ms = 1, .ratings = {1}, .attributes = Maps({"y"})});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "near")));
}

TEST_F(QuirksTest, Q19ATicketThatIsNotPlacedBlocksNobody) {
  UseRules("2,2,1,1", MmrWithin(100));
  Add("p", {.age_ms = 3, .ratings = {0}});
  Add("far", {.age_ms = 2, .ratings = {50}, .attributes = {{"blocked_players", List{"near1"}}}});
  Add("near", {.age_ms = 1, .ratings = {1}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "near")));
}

TEST_F(QuirksTest, Q20AnEmptyListOfOptionsCountsOnlyWhenAskedFor) {
  const auto matches_with_empty_options = [this](bool count) {
    options_.empty_options_count = count;
    UseRules("2,2,1,1", R"("match_options":{"options":[]})");
    return TwoWith({{"cross_platform", "A"}}, {{"cross_platform", "B"}}).size() == 1;
  };

  EXPECT_TRUE(matches_with_empty_options(false));
  EXPECT_FALSE(matches_with_empty_options(true));
}

TEST_F(QuirksTest, Q21ATicketWhoseRegionsAreAllTooFarWaits) {
  const auto matches_with = [this](int64_t older, int64_t younger) {
    UseRules("2,2,1,1", R"("region_latency_max_ms":100)");
    Add("a", {.age_ms = 2, .latencies = {{"us", older}}});
    Add("b", {.age_ms = 1, .latencies = {{"us", younger}}});
    return MakeMatches().size() == 1;
  };

  EXPECT_TRUE(matches_with(100, 100));
  EXPECT_FALSE(matches_with(300, 50));
  EXPECT_FALSE(matches_with(50, 300));
  EXPECT_FALSE(matches_with(300, 300));
}

TEST_F(QuirksTest, Q22ATicketWithoutLatenciesGoesWhereTheOthersGo) {
  UseRules("2,2,1,1");
  Add("a", {.age_ms = 2, .latencies = {{"eu", 20}}});
  Add("b", {.age_ms = 1});

  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("eu"));
}

TEST_F(QuirksTest, Q23AMatchHoldsItsPivot) {
  UseRules("1,1,4,4");
  Add("p", {.age_ms = 3, .size = 3, .latencies = {{"us", 20}}});
  Add("b", {.age_ms = 2, .size = 2, .latencies = {{"eu", 20}}});
  Add("c", {.age_ms = 1, .size = 2, .latencies = {{"eu", 20}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"b", "c"}})));
  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("eu"));
}

TEST_F(QuirksTest, Q24ATicketWithoutPlayersIsDiscarded) {
  UseRules("1,1,1,1");
  Add("empty", {.age_ms = 2, .size = 0});
  Add("solo", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"solo"}})));
}

TEST_F(QuirksTest, Q25TheSoloShortcutTakesNoParties) {
  UseRules("1,1,1,1");
  Add("duo", {.age_ms = 2, .size = 2});
  Add("solo", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"solo"}})));
}

TEST_F(QuirksTest, Q25TheSoloShortcutMindsFlexing) {
  UseRules("1,1,1,1", FlexedAlliance(10, 2, 1));
  Add("a", {.age_ms = 20'000});
  Add("b", {.age_ms = 15'000});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("a", "b")));
}

TEST_F(QuirksTest, Q29ATicketThatNeedsMoreThanThereAreStopsNobodyElse) {
  UseRules("2,2,1,1", FlexedAlliance(60, 4, 1));
  Add("old", {.age_ms = 90'000});
  Add("a", {.age_ms = 2});
  Add("b", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("a", "b")));
}

TEST_F(QuirksTest, Q30TheBackfillFlagIsThatOfThePivotsAlliance) {
  UseRules("2,2,1,1", R"("auto_backfill":true,)" + FlexedAlliance(10, 2, 2));
  Add("pivot", {.age_ms = 0, .priority = 1});
  Add("old", {.age_ms = 60'000});

  EXPECT_FALSE(OnlyMatch().backfill);
}

// A distance of 5 scores 5/10 although another attribute allows 100.
TEST_F(QuirksTest, Q31ADistanceIsNormalisedByItsOwnAttribute) {
  UseRules("2,2,1,1", R"("matching_rule":[)" + DistanceRule("mmr", 10) + "," +
                          DistanceRule("z", 100) + R"(],"flexing_rule":[)" +
                          DistanceRule("z", 100, R"(,"duration":1000)") + "]");
  Add("p", {.age_ms = 3, .ratings = {0}});
  Add("by-mmr", {.age_ms = 2, .ratings = {5}});
  Add("by-z", {.age_ms = 1, .player_attributes = {Attributes({{"z", 20}})}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "by-z")));
}

TEST_F(QuirksTest, Q34ARunWhoseCallerHasGoneStops) {
  std::stop_source source;
  context_.stop = source.get_token();
  UseRules("2,2,1,1");
  for (int i = 0; i < 20'000; ++i) Add(std::to_string(i));

  source.request_stop();

  EXPECT_THAT(MakeMatches(), SizeIs(Lt(10'000u)));
}

}  // namespace
}  // namespace muster::match::alliance
