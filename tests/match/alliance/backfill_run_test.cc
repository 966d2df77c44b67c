#include "match/alliance/alliance_backfill_run.h"

#include <memory>
#include <stop_token>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/match/alliance/alliance_fixture.h"

namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::Gt;
using testing::IsEmpty;
using testing::Lt;
using testing::MatchesRegex;
using testing::SizeIs;

class BackfillRunTest : public AllianceTest {
 protected:
  // A ticket with this rating and as many players as it has ratings.
  void AddRated(const std::string& name, const std::vector<double>& ratings, int64_t age_ms = 0) {
    Add(name, {.age_ms = age_ms, .ratings = ratings});
  }
  // Two teams, of a strong player and of a weak one.
  void AddStrongAndWeak(std::vector<std::vector<std::string>> teams) {
    AddSession("s", {.teams = std::move(teams),
                     .tickets = {MakeTicket("strong", {.players = {"strong"}, .ratings = {100}}),
                                 MakeTicket("weak", {.players = {"weak"}, .ratings = {0}})}});
  }
};

TEST_F(BackfillRunTest, ATicketWithoutPlayersOrTooLargeForAnyTeamIsRefused) {
  UseRules("1,1,1,2", R"("alliance_flexing_rule":[{"duration":10,"min_number":1,"max_number":1,)"
                      R"("player_min_number":1,"player_max_number":3}])");
  support::BackfillDriver driver(logic(), context_);

  EXPECT_EQ(driver.Add(MakeTicket("none", {.size = 0})), LeftOut::kNoPlayers);
  EXPECT_EQ(driver.Add(MakeTicket("three", {.size = 3})), std::nullopt);
  EXPECT_EQ(driver.Add(MakeTicket("four", {.size = 4})), LeftOut::kTooLarge);
}

TEST_F(BackfillRunTest, ATicketForNewSessionsOnlyIsTakenAndJoinsNone) {
  UseRules("1,1,1,2");
  support::BackfillDriver driver(logic(), context_);
  BackfillTicket session;
  session.teams = {{"T1", {"a"}}};
  driver.Add(session);

  EXPECT_EQ(driver.Add(MakeTicket("t", {.attributes = {{"new_session_only", "TRUE"}}})),
            std::nullopt);
  driver.Finish();

  EXPECT_THAT(driver.proposals(), IsEmpty());
}

TEST_F(BackfillRunTest, FullSessionsAreProposedAfterOpenOnes) {
  UseRules("1,1,1,3");
  AddSession("full", {.teams = {{"a", "b"}}});
  AddSession("open", {.teams = {{"c"}}});
  Add("t", {.age_ms = 2});
  Add("u", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(),
              ElementsAre(Joining{"open", {{"T1", {"u"}}}}, Joining{"full", {{"T1", {"t"}}}}));
}

TEST_F(BackfillRunTest, TeamsWithoutAnIdGetOne) {
  UseRules("3,3,1,2");
  AddSession("s", {.teams = {{"a"}, {"b"}, {"c"}}, .team_ids = {"", "kept", ""}});
  Add("t");

  const BackfillProposal proposal = OnlyProposal();

  ASSERT_THAT(
      proposal.team_ids,
      ElementsAre(
          AllOf(Field(&TeamId::team, 0), Field(&TeamId::id, MatchesRegex("[0-9a-f]{32}"))),
          AllOf(Field(&TeamId::team, 2), Field(&TeamId::id, MatchesRegex("[0-9a-f]{32}")))));
  EXPECT_NE(proposal.team_ids[0].id, proposal.team_ids[1].id);
}

TEST_F(BackfillRunTest, Q53TeamsWithNobodyInThemAreDropped) {
  UseRules("4,4,1,2");
  AddSession("s", {.teams = {{}, {"a"}, {}, {}}, .team_ids = {"x", "y", "z", ""}});
  Add("t");

  const BackfillProposal proposal = OnlyProposal();

  EXPECT_THAT(proposal.additions, ElementsAre(Field(&TeamAddition::team, 0)));
  EXPECT_THAT(proposal.dropped_teams, ElementsAre(2, 3));
  EXPECT_THAT(proposal.team_ids, IsEmpty());
}

TEST_F(BackfillRunTest, ASessionInARegionThatNoTicketNamesStandsInNobodysWay) {
  UseRules("1,1,1,2");
  AddSession("far", {.teams = {{"a"}}, .region = "moon"});
  AddSession("near", {.teams = {{"b"}}, .region = "us"});
  Add("t", {.latencies = {{"us", 50}}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"near", {{"T1", {"t"}}}}));
}

TEST_F(BackfillRunTest, ASessionThatNamesNoServerTakesTicketsForAny) {
  UseRules("1,1,1,2");
  AddSession("s", {.teams = {{"a"}}});
  Add("t", {.attributes = {{"server_name", "local"}, {"client_version", "2"}}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"t"}}}}));
}

TEST_F(BackfillRunTest, ATicketIsFoundAmongManyKinds) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"m", 99}}});
  for (int i = 0; i < 100; ++i) Add("t" + std::to_string(i), {.attributes = {{"m", i}}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"t99"}}}}));
}

// Both ratings are 1 away from the session's, as far as a number can tell.
TEST_F(BackfillRunTest, OfEquallyNearRatingsTheOlderTicketGoesFirst) {
  for (const double rating : {1.0, -1.0}) {
    for (const double nearer : {1e-17, 2e-17}) {
      UseRules("1,1,1,2", MmrWithin(10));
      AddSession("s", {.teams = {{"a"}},
                       .tickets = {MakeTicket("ta", {.players = {"a"}, .ratings = {rating}})}});
      AddRated("younger", {nearer}, 1);
      AddRated("older", {3e-17 - nearer}, 2);

      EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"older"}}}}));
    }
  }
}

TEST_F(BackfillRunTest, TicketsThatJoinAgreeWithEachOther) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}});
  Add("one", {.age_ms = 3, .attributes = {{"m", 1}}});
  Add("two", {.age_ms = 2, .attributes = {{"m", 2}}});
  Add("none", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"one", "none"}}}}));
}

TEST_F(BackfillRunTest, TheBlockListsOfWhoHasJoinedAreInTheAttributes) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"blocked_players", List{"x"}}}});
  Add("t", {.attributes = {{"blocked_players", List{"y", "x"}}}});

  EXPECT_EQ(*OnlyProposal().attributes.Find("blocked_players"), Value(List{"x", "y"}));
}

TEST_F(BackfillRunTest, MeansOfTheSenderGiveWayToOurs) {
  UseRules("1,1,1,9", MmrWithin(1000));
  AddSession("s", {.teams = {{"a"}},
                   .tickets = {MakeTicket("ta", {.players = {"a"}, .ratings = {10}})},
                   .attributes = {{"member_attributes", Attributes({{"mmr", 900}})}}});
  AddRated("t", {20});

  EXPECT_EQ(*OnlyProposal().attributes.Find("member_attributes"), Value(Attributes({{"mmr", 15}})));
}

TEST_F(BackfillRunTest, LargerPartiesGoFirstAmongEqualsWhereThatIsAskedFor) {
  const auto first = [this](bool larger_first) {
    options_.prioritize_larger_parties = larger_first;
    UseRules("1,1,1,3", MmrWithin(10));
    AddSession("s", {.teams = {{"a"}}});
    AddRated("solo", {0});
    AddRated("pair", {0, 0});
    return MakeProposals().at(0).added.at("T1");
  };

  EXPECT_THAT(first(false), ElementsAre("solo"));
  EXPECT_THAT(first(true), ElementsAre("pair"));
}

TEST_F(BackfillRunTest, OfTwoEqualTeamsRebalancingChoosesTheOneThatBringsThemTogether) {
  const auto team_of_strong = [this](const std::string& more) {
    UseRules("2,2,1,2", MmrWithin(1000) + more);
    AddStrongAndWeak({{"strong"}, {"weak"}});
    AddRated("t", {100});
    return MakeProposals().at(0).added.begin()->first;
  };

  EXPECT_EQ(team_of_strong(""), "T1");
  EXPECT_EQ(team_of_strong(R"(,"rebalance_enable":true)"), "T2");
}

TEST_F(BackfillRunTest, RebalancingDoesNotPreferALargerTeam) {
  UseRules("2,2,1,3", MmrWithin(1000) + R"(,"rebalance_enable":true)");
  AddStrongAndWeak({{"strong"}, {"weak", "external"}});
  AddRated("t", {100});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"t"}}}}));
}

TEST_F(BackfillRunTest, TheSameInputGivesTheSameAnswer) {
  UseRules("1,4,1,1");
  AddSession("s", {.teams = {{"a"}}, .team_ids = {""}});
  for (int i = 0; i < 3; ++i) Add("t" + std::to_string(i));

  const BackfillProposal a = OnlyProposal();
  const BackfillProposal b = OnlyProposal();

  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.team_ids.at(0).id, b.team_ids.at(0).id);
  EXPECT_EQ(a.additions.at(2).new_team_id, b.additions.at(2).new_team_id);
}

class BackfillRolesTest : public BackfillRunTest {
 protected:
  BackfillRolesTest() { options_.profile = Profile::kHosted; }

  void UseRoles(const std::string& lists, const std::string& more = "") {
    UseRulesText(R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,)"
                 R"("player_max_number":2,"combination":{"has_combination":true,)" +
                 more + R"("alliances":[)" + lists + "]}}}");
  }
  static Object Wants(const Value& role) { return Attributes({{"role", role}}); }
  void AddPlayer(const std::string& name, const Value& role, int64_t age_ms = 0) {
    Add(name, {.age_ms = age_ms, .players = {name}, .player_attributes = {Wants(role)}});
  }
  // Teams of a player who would play either role, and of an unknown one.
  void AddTwoTeams(const std::vector<Object::Entry>& attributes = {}) {
    AddSession(
        "s", {.teams = {{"in"}, {"ext1", "ext2"}},
              .tickets = {MakeTicket(
                  "t", {.players = {"in"}, .player_attributes = {Wants(List{"tank", "healer"})}})},
              .attributes = attributes});
  }
  static constexpr char kTankAndHealer[] =
      R"([{"name":"tank","min":1,"max":1},{"name":"healer","min":1,"max":1}])";
};

TEST_F(BackfillRolesTest, WhoJoinsGetsARoleAndWhoIsThereHasOne) {
  UseRoles(kTankAndHealer);
  AddTwoTeams();
  AddPlayer("new", List{"tank", "healer"});

  const BackfillProposal proposal = OnlyProposal();

  EXPECT_EQ(*proposal.attributes.Find("roles"),
            Value(Attributes({{"in", "tank"}, {"new", "healer"}})));
  ASSERT_THAT(proposal.player_updates, SizeIs(1));
  EXPECT_EQ(proposal.player_updates[0].attributes, Wants("healer"));
}

TEST_F(BackfillRolesTest, ARoleThatTheSessionHasGivenStays) {
  UseRoles(kTankAndHealer);
  AddTwoTeams({{"roles", Attributes({{"in", "healer"}, {"left", "tank"}})}});
  AddPlayer("healer", "healer", 2);
  AddPlayer("tank", "tank", 1);

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"tank"}}}}));
  EXPECT_EQ(*OnlyProposal().attributes.Find("roles"),
            Value(Attributes({{"in", "healer"}, {"tank", "tank"}})));
}

TEST_F(BackfillRolesTest, RolesFlexForWhoJoinsAndNotForWhoIsThere) {
  const auto joins_at = [this](int64_t age_ms) {
    UseRoles(kTankAndHealer, R"("role_flexing_enable":true,"role_flexing_second":10,)"
                             R"("role_flexing_player":1,)");
    AddTwoTeams({{"roles", Attributes({{"in", "healer"}})}});
    AddPlayer("healer", "healer", age_ms);
    return !MakeProposals().empty();
  };

  EXPECT_TRUE(joins_at(10'001));
  EXPECT_FALSE(joins_at(10'000));
}

TEST_F(BackfillRolesTest, WhereATeamsPlaceDecidesOnItsRolesEmptyTeamsStay) {
  UseRoles(R"([{"name":"tank","min":1,"max":2}],[{"name":"healer","min":1,"max":2}])");
  AddSession("s", {.teams = {{}, {"in"}}});
  AddPlayer("healer", "healer");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"healer"}}}}));
  EXPECT_THAT(OnlyProposal().dropped_teams, IsEmpty());
}

TEST_F(BackfillRolesTest, ATeamBeyondTheListsTakesNobody) {
  UseRoles(R"([{"name":"tank","min":1,"max":2}],[{"name":"healer","min":1,"max":2}])");
  AddSession("s", {.teams = {{"a", "b"}, {"c", "d"}, {"e"}}});
  AddPlayer("healer", "healer");

  EXPECT_THAT(MakeProposals(), IsEmpty());
}

TEST_F(BackfillRolesTest, ASessionWithoutAModeTakesTicketsForAny) {
  UseRules("1,1,1,2", R"("sub_game_modes":{"solo":{"name":"solo","alliance":{"min_number":1,)"
                      R"("max_number":1,"player_min_number":1,"player_max_number":1}}})");
  AddSession("none", {.teams = {{"a"}}});
  AddSession("unknown", {.teams = {{"b"}}, .attributes = {{"sub_game_mode", List{"duel"}}}});
  Add("waits", {.attributes = {{"sub_game_mode", List{"unheard-of"}}}});
  Add("t", {.attributes = {{"sub_game_mode", List{"solo"}}}});
  Add("u");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"none", {{"T1", {"t"}}}}));
}

TEST_F(BackfillRolesTest, PlayersMeetOnlyPlatformsThatBothSidesWant) {
  UseRules("1,1,1,9", Option("cross_platform", "any"));
  const auto on = [](const char* current, const List& wanted) {
    return std::vector<Object::Entry>{{"current_platform", current}, {"cross_platform", wanted}};
  };
  AddSession("s", {.teams = {{"a"}},
                   .tickets = {MakeTicket(
                       "ta", {.players = {"a"}, .attributes = on("STEAM", {"STEAM", "PSN"})})},
                   .attributes = {{"cross_platform", List{"STEAM", "PSN"}}}});
  Add("psn-only", {.age_ms = 3, .attributes = on("PSN", {"PSN"})});
  Add("xbox", {.age_ms = 2, .attributes = on("XBOX", {"STEAM", "PSN", "XBOX"})});
  Add("both", {.age_ms = 1, .attributes = on("PSN", {"STEAM", "PSN"})});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"both"}}}}));
  EXPECT_EQ(OnlyProposal().attributes.Find("current_platform"), nullptr);
}

class CountingSink final : public ProposalSink {
 public:
  void Emit(BackfillProposal proposal) override { proposals.push_back(std::move(proposal)); }
  void OutOfTime(size_t sessions) override { out_of_time += sessions; }

  std::vector<BackfillProposal> proposals;
  size_t out_of_time = 0;
};

class BackfillDeadlineTest : public AllianceTest {
 protected:
  // A hundred sessions, and a ticket for each.
  void RunHundred() {
    UseRules("1,1,1,2");
    const std::unique_ptr<BackfillRun> run = logic().StartBackfill(context_, sink_);
    for (int i = 0; i < 100; ++i) {
      BackfillTicket session;
      session.teams = {{"T", {"in" + std::to_string(i)}}};
      run->AddBackfillTicket(session);
      run->AddTicket(MakeTicket("t" + std::to_string(i), {}));
    }
    run->Finish();
  }

  CountingSink sink_;
};

TEST_F(BackfillDeadlineTest, WithTimeEnoughEverySessionIsServed) {
  RunHundred();

  EXPECT_THAT(sink_.proposals, SizeIs(100));
  EXPECT_EQ(sink_.out_of_time, 0);
}

TEST_F(BackfillDeadlineTest, AtTheDeadlineTheRunEndsWithWhatItHas) {
  fakes::FakeClock clock;
  context_.clock = &clock;
  options_.tick_time_limit = std::chrono::milliseconds(0);

  RunHundred();

  EXPECT_THAT(sink_.proposals, SizeIs(AllOf(Gt(0), Lt(100))));
  EXPECT_THAT(sink_.out_of_time + sink_.proposals.size(), testing::AnyOf(100, 101));
}

TEST_F(BackfillDeadlineTest, TheRunEndsWhenItsCallerHasGone) {
  std::stop_source source;
  context_.stop = source.get_token();
  source.request_stop();

  RunHundred();

  EXPECT_THAT(sink_.proposals, SizeIs(Lt(100)));
}

}  // namespace
}  // namespace muster::match::alliance
