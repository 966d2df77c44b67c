#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// What a match says beside its teams.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

class MatchOutputTest : public AllianceTest {
 protected:
  // The match of two tickets with these attributes.
  Match MatchWith(const std::vector<Object::Entry>& older,
                  const std::vector<Object::Entry>& younger) {
    Clear();
    Add("a", {.age_ms = 2, .attributes = older});
    Add("b", {.age_ms = 1, .attributes = younger});
    return OnlyMatch();
  }
};

TEST_F(MatchOutputTest, TeamIdsAreUuidsWithoutHyphensAndAllDifferent) {
  UseRules("2,2,1,1");
  for (const char* name : {"a", "b", "c", "d"}) Add(name);

  std::set<std::string> ids;
  for (const Match& match : RawMatches()) {
    for (const Team& team : match.teams) {
      EXPECT_THAT(team.id, MatchesRegex("[0-9a-f]{32}"));
      ids.insert(team.id);
    }
  }

  EXPECT_THAT(ids, SizeIs(4));
}

TEST_F(MatchOutputTest, TicketsOfATeamStandInTheOrderOfPlacement) {
  UseRules("1,1,3,3");
  Add("c", {.age_ms = 1});
  Add("a", {.age_ms = 3});
  Add("b", {.age_ms = 2});

  EXPECT_THAT(FirstMatchInOrder(), ElementsAre("a", "b", "c"));
}

TEST_F(MatchOutputTest, Q22TheChosenRegionStandsFirstThenTheOthersLegalForAll) {
  UseRules("2,2,1,1", R"("region_latency_initial_range_ms":100,"region_latency_max_ms":200)");
  Add("a", {.age_ms = 2, .latencies = {{"us", 40}, {"eu", 60}, {"ap", 140}}});
  Add("b", {.age_ms = 1, .latencies = {{"eu", 30}, {"us", 50}, {"sa", 40}}});

  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("us", "eu"));
}

TEST_F(MatchOutputTest, Q22WithoutLatenciesTheDefaultRegionsHold) {
  options_.default_regions = {"moon", "mars"};
  UseRules("2,2,1,1");
  Add("a");
  Add("b");

  EXPECT_THAT(OnlyMatch().region_preferences, ElementsAre("moon", "mars"));
}

TEST_F(MatchOutputTest, ServerAndVersionStandInTheirFieldsAndInTheAttributes) {
  UseRules("2,2,1,1");
  const std::vector<Object::Entry> entries = {{"client_version", "1.2"}, {"server_name", "local"}};

  const Match match = MatchWith(entries, entries);

  EXPECT_EQ(match.server_name, "local");
  EXPECT_EQ(match.client_version, "1.2");
  EXPECT_EQ(match.attributes, Object(entries));
}

TEST_F(MatchOutputTest, BlankServerAndVersionAreLeftOut) {
  UseRules("2,2,1,1");

  const Match match = MatchWith({{"server_name", ""}}, {{"client_version", Value()}});

  EXPECT_EQ(match.server_name, "");
  EXPECT_EQ(match.client_version, "");
  EXPECT_THAT(match.attributes, IsEmpty());
}

TEST_F(MatchOutputTest, AttributesAreThoseOfTheFirstTicketThatHasThem) {
  UseRules("2,2,1,1", R"("match_options_referred_for_backfill":true)");

  EXPECT_EQ(MatchWith({{"mode", "duel"}}, {{"mode", "other"}, {"map", "arena"}}).attributes,
            Attributes({{"mode", "duel"}, {"map", "arena"}}));
}

TEST_F(MatchOutputTest, AnAttributeOfACandidateOnlyIsKept) {
  UseRules("2,2,1,1");

  EXPECT_EQ(MatchWith({}, {{"m", 1}}).attributes, Attributes({{"m", 1}}));
}

TEST_F(MatchOutputTest, WhatServesMatchmakingOnlyIsOmitted) {
  UseRules("2,2,1,1");

  EXPECT_THAT(MatchWith({{"match_attempt", 1},
                         {"latencies", "{}"},
                         {"member_attributes", Attributes({{"mmr", 1}})},
                         {"sub_game_mode", List{"x"}},
                         {"blocked_players_detail", "x"}},
                        {})
                  .attributes,
              IsEmpty());
}

TEST_F(MatchOutputTest, NewSessionOnlyAndRoleAreCopied) {
  UseRules("2,2,1,1");

  EXPECT_EQ(MatchWith({{"new_session_only", true}}, {{"role", "tank"}}).attributes,
            Attributes({{"new_session_only", true}, {"role", "tank"}}));
}

TEST_F(MatchOutputTest, BlockedPlayersAreConcatenatedAndKeepRepetitions) {
  UseRules("2,2,1,1");

  const Match match =
      MatchWith({{"blocked_players", List{"x", "y"}}}, {{"blocked_players", List{"y", "z"}}});

  EXPECT_EQ(match.attributes, Attributes({{"blocked_players", List{"x", "y", "y", "z"}}}));
}

TEST_F(MatchOutputTest, AnOptionWithOneValueIsAScalarWhereTheLastTicketHasAScalar) {
  UseRules("2,2,1,1", Option("maps", "any"));

  EXPECT_EQ(MatchWith({{"maps", List{"x", "y"}}}, {{"maps", "x"}}).attributes,
            Attributes({{"maps", "x"}}));
  EXPECT_EQ(MatchWith({{"maps", "x"}}, {{"maps", List{"x", "y"}}}).attributes,
            Attributes({{"maps", List{"x"}}}));
}

TEST_F(MatchOutputTest, AnOptionOfTypeDisableIsOmitted) {
  UseRules("2,2,1,1", Option("maps", "disable"));

  EXPECT_THAT(MatchWith({{"maps", List{"x"}}}, {{"maps", List{"x"}}}).attributes, IsEmpty());
}

TEST_F(MatchOutputTest, BackfillIsForMatchesWithRoomUnderRulesThatAskForIt) {
  const auto flagged = [this](const char* alliance, const char* more) {
    UseRules(alliance, more);
    return MatchWith({}, {}).backfill;
  };

  EXPECT_TRUE(flagged("2,2,1,2", R"("auto_backfill":true)"));
  EXPECT_TRUE(flagged("2,3,1,1", R"("auto_backfill":true)"));
  EXPECT_FALSE(flagged("2,2,1,1", R"("auto_backfill":true)"));
  EXPECT_FALSE(flagged("2,2,1,2", R"("auto_backfill":false)"));
  EXPECT_FALSE(flagged("2,2,1,2", ""));
}

TEST_F(MatchOutputTest, Q25TheSoloShortcutSaysWhatAnyMatchSays) {
  UseRules("1,1,1,1", MmrWithin(100));
  Add("a", {.ratings = {10},
            .attributes = {{"m", 1}, {"match_attempt", 2}},
            .latencies = {{"us", 40}, {"eu", 30}}});
  Add("b");

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"a"}}), MatchOf({{"b"}})));
  const Match match = RawMatches().front();
  EXPECT_EQ(match.attributes, Attributes({{"m", 1}}));
  EXPECT_THAT(match.region_preferences, ElementsAre("eu"));
}

TEST_F(MatchOutputTest, WithoutRolesNoPlayerIsChanged) {
  UseRules("2,2,1,1");

  EXPECT_THAT(MatchWith({}, {}).player_updates, IsEmpty());
}

TEST_F(MatchOutputTest, TheSameInputGivesTheSameOutput) {
  UseRules("2,2,1,1");
  for (const char* name : {"a", "b", "c", "d"}) Add(name);

  std::vector<std::string> first;
  for (const Match& match : RawMatches()) first.push_back(match.teams.at(0).id);
  std::vector<std::string> second;
  for (const Match& match : RawMatches()) second.push_back(match.teams.at(0).id);

  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace muster::match::alliance
