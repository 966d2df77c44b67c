#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// Where the vendor's backfill has a quirk and we do better: one test for each of Q40 to Q54 that a
// proposal shows. Q47 stands with the worked examples; Q44 cannot be seen from here.
namespace muster::match::alliance {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class BackfillQuirksTest : public AllianceTest {
 protected:
  // As many sessions as tickets; each session needs one player.
  void AddPairs(int count) {
    for (int i = 1; i <= count; ++i) {
      AddSession("s" + std::to_string(i), {.teams = {{"in" + std::to_string(i)}}});
      Add("t" + std::to_string(i), {.age_ms = 10'000 - i});
    }
  }
  std::vector<std::string> JoinedFirstTeam() {
    std::vector<Joining> proposals = MakeProposals();
    return proposals.empty() ? std::vector<std::string>() : proposals.front().added["T1"];
  }
};

constexpr char kDifferentTeam[] =
    R"("blocked_player_option":"blockedPlayerCanMatchOnDifferentTeam")";

TEST_F(BackfillQuirksTest, Q40EverySessionIsVisited) {
  UseRules("1,1,2,2");
  AddPairs(5);

  EXPECT_THAT(MakeProposals(),
              UnorderedElementsAre(Joining{"s1", {{"T1", {"t1"}}}}, Joining{"s2", {{"T1", {"t2"}}}},
                                   Joining{"s3", {{"T1", {"t3"}}}}, Joining{"s4", {{"T1", {"t4"}}}},
                                   Joining{"s5", {{"T1", {"t5"}}}}));
}

TEST_F(BackfillQuirksTest, Q41ThereMayBeMoreThanAChunkOfEach) {
  UseRules("1,1,2,2");
  AddPairs(1200);

  EXPECT_THAT(MakeProposals(), SizeIs(1200));
}

TEST_F(BackfillQuirksTest, Q42LateTicketsMeetEarlySessions) {
  UseRules("1,1,2,2");
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"m", 1}}});
  for (int i = 0; i < 1500; ++i) Add(std::to_string(i));
  Add("late", {.attributes = {{"m", 1}}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"late"}}}}));
}

// The party behind a hyphenated id keeps what its ticket says.
TEST_F(BackfillQuirksTest, Q43AHyphenInATicketIdMeansNothing) {
  UseRules("1,1,1,9");
  AddSession("s",
             {.teams = {{"a"}},
              .tickets = {MakeTicket(
                  "a-1", {.players = {"a"}, .attributes = {{"blocked_players", List{"enemy"}}}})}});
  Add("a-1", {.players = {"somebody"}});
  Add("enemy", {.players = {"enemy"}});
  Add("other");

  EXPECT_THAT(JoinedFirstTeam(), ElementsAre("other"));
}

TEST_F(BackfillQuirksTest, Q45APlayerWhoHasLeftTakesNoPlace) {
  UseRules("1,1,1,2");
  AddSession(
      "s", {.teams = {{"stayed"}}, .tickets = {MakeTicket("a", {.players = {"stayed", "left"}})}});
  Add("t");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"t"}}}}));
}

TEST_F(BackfillQuirksTest, Q45APartyOverTwoTeamsTakesOnePlaceForEachPlayer) {
  UseRules("2,2,1,2");
  AddSession("s", {.teams = {{"a1"}, {"a2"}}, .tickets = {MakeTicket("a", {.size = 2})}});
  Add("t", {.age_ms = 2});
  Add("u", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"t"}}, {"T2", {"u"}}}}));
}

TEST_F(BackfillQuirksTest, Q46TheSessionsServerAndVersionHoldWhereTheAttributesSayNone) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}, .server_name = "local", .client_version = "2"});
  Add("none");
  Add("other", {.attributes = {{"server_name", "local"}, {"client_version", "3"}}});
  Add("same", {.attributes = {{"server_name", "local"}, {"client_version", "2"}}});

  EXPECT_THAT(JoinedFirstTeam(), ElementsAre("same"));
}

TEST_F(BackfillQuirksTest, Q46AServerNameThatIsNoTextDoesNoHarm) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"server_name", 7}}});
  Add("t");

  MakeProposals();
}

TEST_F(BackfillQuirksTest, Q48ListsOfMembersCountForTheirTeamToo) {
  UseRules("2,2,1,2", kDifferentTeam);
  AddSession("s", {.teams = {{"a"}, {"b", "c"}},
                   .tickets = {MakeTicket(
                       "ta", {.players = {"a"}, .attributes = {{"blocked_players", List{"x"}}}})}});
  Add("x", {.players = {"x"}});

  EXPECT_THAT(MakeProposals(), IsEmpty());
}

TEST_F(BackfillQuirksTest, Q48ATicketsListCountsForTheTeamItNames) {
  UseRules("2,2,1,3", kDifferentTeam);
  AddSession("s", {.teams = {{"a"}, {"b", "c"}}});
  Add("x", {.attributes = {{"blocked_players", List{"a"}}}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"x"}}}}));
}

TEST_F(BackfillQuirksTest, Q49ListsOfTheSessionAndOfItsPartiesCountAlways) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}},
                   .tickets = {MakeTicket(
                       "ta", {.players = {"a"}, .attributes = {{"blocked_players", List{"y"}}}})},
                   .attributes = {{"blocked_players", List{"x"}}}});
  Add("first", {.age_ms = 3});
  Add("x", {.age_ms = 2, .players = {"x"}});
  Add("y", {.age_ms = 1, .players = {"y"}});

  EXPECT_THAT(JoinedFirstTeam(), ElementsAre("first"));
}

TEST_F(BackfillQuirksTest, Q50AnEmptyExclusionCountsOnlyWhenAskedFor) {
  const auto joins = [this](bool excludes_all) {
    options_.empty_exclusion_excludes_all = excludes_all;
    UseRules("1,1,1,9");
    AddSession("s", {.teams = {{"a"}}});
    Add("t", {.excluded_sessions = {""}});
    return MakeProposals().size() == 1;
  };

  EXPECT_TRUE(joins(false));
  EXPECT_FALSE(joins(true));
}

TEST_F(BackfillQuirksTest, Q51AnAttributeThatTheServiceAddedKeepsTicketsOut) {
  const auto joins = [this](const char* more) {
    UseRules("1,1,1,9", more);
    AddSession("s", {.teams = {{"a"}}, .attributes = {{"added_by_the_service", "x"}}});
    Add("t");
    return MakeProposals().size() == 1;
  };

  EXPECT_FALSE(joins(""));
  EXPECT_TRUE(joins(R"("match_options_referred_for_backfill":true)"));
}

TEST_F(BackfillQuirksTest, Q52TeamsBelowTheirMinimumAreFilledFirst) {
  UseRules("2,2,3,5");
  AddSession("s", {.teams = {{"a", "b", "c"}, {"d", "e"}}});
  Add("t");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"t"}}}}));
}

TEST_F(BackfillQuirksTest, Q53AnEmptyTeamKeepsItsPlace) {
  UseRules("3,3,1,1");
  AddSession("s", {.teams = {{"a"}, {}, {"b"}}});
  Add("t");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"t"}}}}));
}

TEST_F(BackfillQuirksTest, Q54AProposalHasAnIdAndTheTimeOfTheTick) {
  UseRules("1,2,1,1");
  AddSession("s", {.teams = {{"a"}}});
  Add("t");

  const BackfillProposal proposal = OnlyProposal();

  EXPECT_THAT(proposal.id, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(proposal.created_at, context_.now);
  EXPECT_THAT(proposal.additions,
              ElementsAre(AllOf(Field(&TeamAddition::team, TeamAddition::kNewTeam),
                                Field(&TeamAddition::new_team_id, MatchesRegex("[0-9a-f]{32}")))));
}

}  // namespace
}  // namespace muster::match::alliance
