#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/alliance_logic.h"
#include "tests/match/alliance/alliance_fixture.h"
#include "tests/support/status_matchers.h"

// Roles, sub-game modes, cross-play and rebalancing.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Entries = std::vector<Object::Entry>;

class HostedProfileTest : public AllianceTest {
 protected:
  HostedProfileTest() { options_.profile = Profile::kHosted; }

  // A player named as the ticket, who would play `role`.
  void AddPlayer(const std::string& name, const Value& role, int64_t age_ms = 0) {
    Add(name,
        {.age_ms = age_ms, .players = {name}, .player_attributes = {Attributes({{"role", role}})}});
  }
  void UseFiveRoles() {
    UseRulesText(R"({"alliance":{"min_number":1,"max_number":1,"player_min_number":5,
        "player_max_number":5,"combination":{"has_combination":true,"alliances":[[
        {"name":"dps","min":3,"max":3},{"name":"tank","min":1,"max":1},
        {"name":"healer","min":1,"max":1}]]}}})");
  }
  // Teams of two, a tank and a healer; `more` stands in the combination.
  void UseTankAndHealer(const std::string& teams, const std::string& more = "") {
    UseRulesText(R"({"alliance":{"min_number":)" + teams + R"(,"max_number":)" + teams +
                 R"(,"player_min_number":2,"player_max_number":2,"combination":{)" + more +
                 R"("has_combination":true,"alliances":[[{"name":"tank","min":1,"max":1},)"
                 R"({"name":"healer","min":1,"max":1}]]}}})");
  }
  // The role of each player; empty when there are none.
  static Object RolesOf(const Match& match) {
    const Value* roles = match.attributes.Find("roles");
    return roles == nullptr || roles->object() == nullptr ? Object() : *roles->object();
  }
  std::vector<Teams> MakeFive(const Value& c, const Value& e) {
    UseFiveRoles();
    AddPlayer("a", "any");
    AddPlayer("b", "dps");
    AddPlayer("c", c);
    AddPlayer("d", "dps");
    AddPlayer("e", e);
    return MakeMatches();
  }
};

TEST_F(HostedProfileTest, RolesGoByPreference) {
  ASSERT_THAT(MakeFive(List{"dps", "tank"}, "healer"),
              ElementsAre(MatchOf({{"a", "b", "c", "d", "e"}})));

  EXPECT_EQ(RolesOf(OnlyMatch()),
            Attributes({{"a", "tank"}, {"b", "dps"}, {"c", "dps"}, {"d", "dps"}, {"e", "healer"}}));
}

TEST_F(HostedProfileTest, ASecondPreferenceFillsAGap) {
  ASSERT_THAT(MakeFive(List{"dps", "tank"}, "dps"), SizeIs(1));

  EXPECT_EQ(RolesOf(OnlyMatch()),
            Attributes({{"a", "healer"}, {"b", "dps"}, {"c", "tank"}, {"d", "dps"}, {"e", "dps"}}));
}

TEST_F(HostedProfileTest, WithoutPlayersForARoleThereIsNoMatch) {
  EXPECT_THAT(MakeFive("dps", "dps"), IsEmpty());
}

TEST_F(HostedProfileTest, PreferencesMayBeATextOfJsonWithBlanksAndRepetitions) {
  EXPECT_THAT(MakeFive(R"(["dps","","dps","tank"])", "dps"), SizeIs(1));
  EXPECT_EQ(*RolesOf(OnlyMatch()).Find("c"), Value("tank"));
}

TEST_F(HostedProfileTest, EachPlayerOfTheMatchGetsItsRole) {
  ASSERT_THAT(MakeFive(List{"dps", "tank"}, "healer"), SizeIs(1));

  std::map<TicketIndex, Object> updates;
  for (const PlayerUpdate& update : OnlyMatch().player_updates) {
    EXPECT_EQ(update.player, 0u);
    updates[update.ticket] = update.attributes;
  }

  const auto role = [](const char* name) { return Attributes({{"role", name}}); };
  EXPECT_EQ(updates, (std::map<TicketIndex, Object>{{0, role("tank")},
                                                    {1, role("dps")},
                                                    {2, role("dps")},
                                                    {3, role("dps")},
                                                    {4, role("healer")}}));
}

TEST_F(HostedProfileTest, OneListOfRolesHoldsForEveryTeam) {
  UseTankAndHealer("2");
  AddPlayer("t1", "tank", 4);
  AddPlayer("t2", "tank", 3);
  AddPlayer("h1", "healer", 2);
  AddPlayer("h2", Value(), 1);

  const std::vector<Teams> matches = MakeMatches();

  ASSERT_THAT(matches, SizeIs(1));
  for (const std::set<std::string>& team : matches.front()) {
    EXPECT_EQ(team.count("t1") + team.count("t2"), 1u);
  }
  EXPECT_EQ(*RolesOf(OnlyMatch()).Find("h2"), Value("healer"));
}

TEST_F(HostedProfileTest, RolesOpenUpForOldTicketsWhereTheRulesFlexThem) {
  const std::string flexing =
      R"("role_flexing_enable":true,"role_flexing_second":10,"role_flexing_player":1,)";
  const auto matches = [this](const std::string& more, int64_t age_ms) {
    UseTankAndHealer("1", more);
    AddPlayer("a", "tank", age_ms);
    AddPlayer("b", "tank", age_ms);
    return MakeMatches().size() == 1;
  };

  EXPECT_TRUE(matches(flexing, 10'001));
  EXPECT_FALSE(matches(flexing, 10'000));
  EXPECT_FALSE(matches("", 10'001));
}

TEST_F(HostedProfileTest, ASessionTakesOnlyRolesThatAreFree) {
  UseTankAndHealer("1");
  AddSession(
      "s", {.teams = {{"in"}},
            .tickets = {MakeTicket(
                "t", {.players = {"in"}, .player_attributes = {Attributes({{"role", "tank"}})}})}});
  AddPlayer("tank", "tank", 2);
  AddPlayer("healer", "healer", 1);

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"healer"}}}}));
}

TEST_F(HostedProfileTest, TheCoreProfileKnowsNoRoles) {
  options_.profile = Profile::kCore;

  EXPECT_THAT(MakeFive("dps", "dps"), SizeIs(1));
  EXPECT_THAT(RolesOf(OnlyMatch()), IsEmpty());
  EXPECT_THAT(OnlyMatch().player_updates, IsEmpty());
}

class SubGameModesTest : public HostedProfileTest {
 protected:
  void UseModes() {
    UseRules("2,2,1,1", R"("sub_game_modes":{
        "duel":{"name":"duel","alliance":{"min_number":2,"max_number":2,
                "player_min_number":1,"player_max_number":1}},
        "trio":{"name":"trio","alliance":{"min_number":1,"max_number":1,
                "player_min_number":3,"player_max_number":3}}})");
  }
  void AddFor(const std::string& name, int64_t age_ms, const List& modes) {
    Add(name, {.age_ms = age_ms, .attributes = {{"sub_game_mode", modes}}});
  }
  // The mode of the only match.
  Value Mode() {
    const Match match = OnlyMatch();
    const Value* mode = match.attributes.Find("sub_game_mode");
    return mode == nullptr ? Value() : *mode;
  }
};

TEST_F(SubGameModesTest, TicketsMatchInAModeThatAllAccept) {
  UseModes();
  AddFor("p", 3, {"duel"});
  AddFor("b", 2, {"trio"});
  AddFor("c", 1, {"duel"});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "c")));
  EXPECT_EQ(Mode(), Value(List{"duel"}));
}

TEST_F(SubGameModesTest, TheFirstModeOfTheOldestThatSucceedsIsPlayed) {
  const auto mode_of = [this](const List& first, int tickets) {
    UseModes();
    AddFor("p", 9, first);
    for (int i = 1; i < tickets; ++i) AddFor("t" + std::to_string(i), 9 - i, {"duel", "trio"});
    return Mode();
  };

  EXPECT_EQ(mode_of({"trio", "duel"}, 3), Value(List{"trio"}));
  EXPECT_EQ(mode_of({"trio", "duel"}, 2), Value(List{"duel"}));
  EXPECT_EQ(mode_of({"duel", "trio"}, 3), Value(List{"duel"}));
}

TEST_F(SubGameModesTest, NoModeMeansAnyAndOnlyUnknownOnesMeansToWait) {
  UseModes();
  AddFor("waits", 4, {"unheard-of"});
  AddFor("any", 3, {});
  AddFor("p", 2, {"duel", "unheard-of"});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("any", "p")));
}

TEST_F(SubGameModesTest, ASessionsModeFixesItsTeamsAndMustBeAccepted) {
  UseModes();
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"sub_game_mode", List{"trio"}}}});
  AddFor("other", 3, {"duel"});
  AddFor("one", 2, {"duel", "trio"});
  Add("two", {.age_ms = 1});
  Add("three", {.age_ms = 0});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"one", "two"}}}}));
}

TEST_F(SubGameModesTest, TheAllianceOfAModeIsChecked) {
  EXPECT_THAT(MakeAllianceLogic(R"({"alliance":{"min_number":1,"max_number":1,
      "player_min_number":1,"player_max_number":1},"sub_game_modes":{"odd":{"name":"odd",
      "alliance":{"min_number":3,"max_number":2,"player_min_number":1,"player_max_number":1}}}})",
                                options_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("min_number")));
}

TEST_F(SubGameModesTest, TheCoreProfileKnowsNoModes) {
  options_.profile = Profile::kCore;
  UseModes();
  AddFor("p", 2, {"trio"});
  AddFor("c", 1, {"unheard-of"});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "c")));
  EXPECT_EQ(Mode(), Value());
}

class CrossPlayTest : public HostedProfileTest {
 protected:
  static Entries On(const std::string& current, const List& wanted) {
    return {{"current_platform", current}, {"cross_platform", wanted}};
  }
  std::vector<Teams> TwoUnder(const char* type, const Entries& a, const Entries& b) {
    UseRules("2,2,1,1", Option("cross_platform", type));
    Add("a", {.age_ms = 2, .attributes = a});
    Add("b", {.age_ms = 1, .attributes = b});
    return MakeMatches();
  }
};

TEST_F(CrossPlayTest, PlatformsMatchThatWantEachOther) {
  const Entries a = On("STEAM", {"STEAM", "PSN"});
  const Entries b = On("PSN", {"STEAM", "PSN"});
  const Entries c = On("PSN", {"PSN"});

  EXPECT_THAT(TwoUnder("any", a, b), SizeIs(1));
  EXPECT_EQ(OnlyMatch().attributes.Find("current_platform"), nullptr);
  EXPECT_THAT(TwoUnder("any", a, c), IsEmpty());
  EXPECT_THAT(TwoUnder("any", c, a), IsEmpty());
  EXPECT_THAT(TwoUnder("any", c, c), SizeIs(1));
  EXPECT_THAT(TwoUnder("any", c, b), SizeIs(1));
}

TEST_F(CrossPlayTest, UnderAllTheWantedPlatformsAreTheSame) {
  const Entries both = On("STEAM", {"STEAM", "PSN"});

  EXPECT_THAT(TwoUnder("all", both, On("PSN", {"PSN", "STEAM"})), SizeIs(1));
  EXPECT_THAT(TwoUnder("all", both, On("PSN", {"PSN"})), IsEmpty());
}

class RebalanceTest : public HostedProfileTest {
 protected:
  std::vector<Teams> FourParties(const std::string& more) {
    UseRules("2,2,1,3", MmrWithin(100) + more);
    Add("P1", {.age_ms = 4, .ratings = {70}});
    Add("P2", {.age_ms = 3, .ratings = {100, 90}});
    Add("P3", {.age_ms = 2, .ratings = {60}});
    Add("P4", {.age_ms = 1, .ratings = {40}});
    return MakeMatches();
  }
  static auto Balanced() {
    return ElementsAre(
        UnorderedElementsAre(UnorderedElementsAre("P2", "P4"), UnorderedElementsAre("P1", "P3")));
  }
};

TEST_F(RebalanceTest, TeamsGetTheLeastDifferenceInBothProfiles) {
  for (const Profile profile : {Profile::kCore, Profile::kHosted}) {
    options_.profile = profile;

    EXPECT_THAT(FourParties(R"(,"rebalance_enable":true)"), Balanced());
  }
}

TEST_F(RebalanceTest, IsOnByDefaultInTheHostedProfileOnly) {
  EXPECT_THAT(FourParties(""), Balanced());

  options_.profile = Profile::kCore;
  EXPECT_THAT(FourParties(""), ElementsAre(MatchOf({{"P1", "P2"}, {"P3", "P4"}})));
}

TEST_F(RebalanceTest, CanBeSwitchedOff) {
  EXPECT_THAT(FourParties(R"(,"rebalance_enable":false)"),
              ElementsAre(MatchOf({{"P1", "P2"}, {"P3", "P4"}})));
}

}  // namespace
}  // namespace muster::match::alliance
