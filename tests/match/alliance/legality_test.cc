#include "match/alliance/legality.h"

#include <set>

#include "tests/match/alliance/pool_fixture.h"

namespace muster::match::alliance {
namespace {

class LegalityTest : public testing::Test, protected PoolFixture {};

constexpr const char* kFlexToAverage =
    R"(,"flexing_rule":[{"attribute":"mmr","criteria":"average","reference":1,"duration":10}])";

TEST_F(LegalityTest, BothTicketsMustAcceptTheDistance) {
  UseRules("2,2,1,1", MmrRule(100) + R"(,"flexing_rule":[{"attribute":"mmr",)"
                                     R"("criteria":"distance","reference":200,"duration":10}])");
  const Slot fresh = Add({.age_ms = 1, .ratings = {0}});
  const Slot old = Add({.age_ms = 20'000, .ratings = {0}});

  EXPECT_EQ(LetsIn(fresh, Add({.ratings = {100}})), Obstacle::kNone);
  EXPECT_EQ(LetsIn(fresh, Add({.ratings = {-101}})), Obstacle::kDistance);
  EXPECT_EQ(LetsIn(old, Add({.ratings = {150}})), Obstacle::kDistance);
  EXPECT_EQ(LetsIn(old, Add({.age_ms = 15'000, .ratings = {200}})), Obstacle::kNone);
  EXPECT_EQ(LetsIn(old, Add({.age_ms = 15'000, .ratings = {201}})), Obstacle::kDistance);
}

TEST_F(LegalityTest, ARuleThatIsOffForOneOfTwoCountsForTheOldestOnly) {
  UseRules("2,2,1,1", MmrRule(100) + kFlexToAverage);
  const Slot fresh = Add({.ratings = {0}});
  const Slot old = Add({.age_ms = 20'000, .ratings = {150}});

  EXPECT_EQ(legality_->DistanceFits(old, fresh, 0), Obstacle::kNone);
  EXPECT_EQ(legality_->DistanceFits(fresh, old, 0), Obstacle::kDistance);
  const Slot near = Add({.age_ms = 20'000, .ratings = {100}});
  EXPECT_EQ(legality_->DistanceFits(fresh, near, 0), Obstacle::kNone);
}

TEST_F(LegalityTest, AMatchIsPlayedWhereItsOldestAccepts) {
  const Slot here = Add({.latencies = {{"eu", 10}, {"us", 200}}});
  const Slot nowhere = Add();

  EXPECT_EQ(legality_->MayPlay(here, Terms(here, "eu")), Obstacle::kNone);
  EXPECT_EQ(legality_->MayPlay(here, Terms(here, "us")), Obstacle::kRegion);
  EXPECT_EQ(legality_->MayPlay(here, Terms(here)), Obstacle::kRegion);
  EXPECT_EQ(legality_->MayPlay(nowhere, Terms(nowhere)), Obstacle::kNone);
  EXPECT_EQ(legality_->MayPlay(nowhere, Terms(nowhere, "eu")), Obstacle::kRegion);
}

TEST_F(LegalityTest, OthersAcceptTheRegionOrHaveNoLatencies) {
  UseRules("2,2,1,1", R"("region_latency_max_ms":100)");
  const Slot here = Add({.latencies = {{"eu", 10}}});
  const Slot nowhere = Add();

  EXPECT_EQ(LetsIn(here, nowhere, "eu"), Obstacle::kNone);
  EXPECT_EQ(LetsIn(here, Add({.latencies = {{"eu", 10}}}), "eu"), Obstacle::kNone);
  EXPECT_EQ(LetsIn(here, Add({.latencies = {{"eu", 61}, {"us", 10}}}), "eu"), Obstacle::kRegion);
  EXPECT_EQ(LetsIn(here, Add({.latencies = {{"us", 10}}}), "eu"), Obstacle::kRegion);
  EXPECT_EQ(LetsIn(here, Add({.latencies = {{"eu", 101}}}), "eu"), Obstacle::kRegion);
  EXPECT_EQ(LetsIn(nowhere, Add({.latencies = {{"eu", 100}}})), Obstacle::kNone);
  EXPECT_EQ(LetsIn(nowhere, Add({.latencies = {{"eu", 101}}})), Obstacle::kRegion);
}

TEST_F(LegalityTest, AfterALongWaitOnlyTheOldestsRegionsCount) {
  UseRules("2,2,1,1",
           R"("disable_bidirectional_latency_after_ms":5000,"region_latency_max_ms":100)");
  const Slot other = Add({.latencies = {{"eu", 500}, {"us", 10}}});
  const std::vector<Latency> eu = {{"eu", 10}};

  EXPECT_EQ(LetsIn(Add({.age_ms = 5000, .latencies = eu}), other, "eu"), Obstacle::kRegion);
  EXPECT_EQ(LetsIn(Add({.age_ms = 5001, .latencies = eu}), other, "eu"), Obstacle::kNone);
}

TEST_F(LegalityTest, TheOldestsTraitsLetInOrNot) {
  options_.profile = Profile::kHosted;
  UseRules("2,2,1,1", R"("match_options":{"options":[{"name":"maps","type":"any"},)"
                      R"({"name":"cross_platform","type":"any"}]})");
  const List both = {"s", "p"};
  const Slot oldest =
      Add({.attributes = {
               {"m", 1}, {"maps", "x"}, {"cross_platform", both}, {"current_platform", "s"}}});
  const auto let_in = [&](Value m, Value maps, Value here) {
    return LetsIn(oldest, Add({.attributes = {{"m", std::move(m)},
                                              {"maps", std::move(maps)},
                                              {"cross_platform", both},
                                              {"current_platform", std::move(here)}}}));
  };

  EXPECT_EQ(let_in(1, "x", "p"), Obstacle::kNone);
  EXPECT_EQ(let_in(2, "x", "p"), Obstacle::kPlainAttribute);
  EXPECT_EQ(let_in(1, "y", "p"), Obstacle::kOption);
  EXPECT_EQ(let_in(1, "x", "z"), Obstacle::kPlatform);
}

TEST_F(LegalityTest, AMatchOfAModeIsForThoseWhoNameIt) {
  options_.profile = Profile::kHosted;
  const std::string mode =
      R"({"alliance":{"min_number":1,"max_number":1,"player_min_number":1,"player_max_number":1}})";
  UseRules("2,2,1,1", R"("sub_game_modes":{"a":)" + mode + R"(,"b":)" + mode + "}");
  const Slot any = Add();
  const Slot only_a = Add({.attributes = {{"sub_game_mode", List{"a"}}}});
  MatchTerms terms = Terms(any);
  terms.mode = 1;

  EXPECT_EQ(legality_->LetsIn(any, only_a, terms), Obstacle::kSubGameMode);
  EXPECT_EQ(legality_->MayPlay(only_a, terms), Obstacle::kSubGameMode);
  EXPECT_EQ(legality_->MayPlay(any, terms), Obstacle::kNone);
  terms.mode = 0;
  EXPECT_EQ(legality_->LetsIn(any, only_a, terms), Obstacle::kNone);
}

TEST_F(LegalityTest, TwoTicketsOfAMatchGoTogetherEitherWayRound) {
  UseRules("2,2,1,1", OneOption("side", "unique"));
  const Slot a = Add({.attributes = {{"side", "l"}, {"m", 1}}, .players = {"x"}});
  const struct {
    Slot other;
    Obstacle obstacle;
  } cases[] = {
      {Add({.attributes = {{"side", "r"}}}), Obstacle::kNone},
      {Add({.players = {"y", "x"}}), Obstacle::kSharedPlayer},
      {Add({.attributes = {{"m", 2}}}), Obstacle::kPlainAttribute},
      {Add({.attributes = {{"server_name", "s"}}}), Obstacle::kPlainAttribute},
      {Add({.attributes = {{"side", List{"l"}}}}), Obstacle::kOption},
      {Add({.attributes = {{"blocked_players", List{"x"}}}}), Obstacle::kBlockedPlayer},
  };

  for (const auto& each : cases) {
    EXPECT_EQ(legality_->GoTogether(a, each.other), each.obstacle);
    EXPECT_EQ(legality_->GoTogether(each.other, a), each.obstacle);
  }
  EXPECT_EQ(legality_->GoTogether(a, a), Obstacle::kNone);
}

TEST_F(LegalityTest, BlockedPlayersMeetAsTheRulesSay) {
  const struct {
    const char* option;
    bool together;
    bool one_team;
  } cases[] = {{"blockedPlayerCannotMatch", false, true},
               {"blockedPlayerCanMatchOnDifferentTeam", true, false},
               {"blockedPlayerCanMatch", true, true}};

  for (const auto& each : cases) {
    UseRules("2,2,1,1", base::StrCat(R"("blocked_player_option":")", each.option, "\""));
    const Slot a = Add({.attributes = {{"blocked_players", List{"b"}}}, .players = {"a"}});
    const Slot b = Add({.players = {"b"}});
    const Slot own = Add({.attributes = {{"blocked_players", List{"c"}}}, .players = {"c"}});

    EXPECT_EQ(legality_->GoTogether(b, a) == Obstacle::kNone, each.together) << each.option;
    EXPECT_EQ(legality_->GoTogether(own, own) == Obstacle::kNone, each.together) << each.option;
    EXPECT_EQ(legality_->GoIntoOneTeam(b, a), each.one_team) << each.option;
    EXPECT_EQ(legality_->GoIntoOneTeam(own, own), each.one_team) << each.option;
  }
}

TEST_F(LegalityTest, ScoreAddsDistancesAndTheRegion) {
  UseRules("2,2,1,1", MmrRule(200, R"(,"weight":2,"normalizationMax":500)") +
                          R"(,"region_latency_max_ms":200,"region_latency_rule_weight":0.5)");
  const Slot oldest = Add({.age_ms = 6000, .ratings = {0}, .latencies = {{"eu", 90}}});
  const Slot other = Add({.age_ms = 6000, .ratings = {100}, .latencies = {{"eu", 90}, {"us", 50}}});

  EXPECT_DOUBLE_EQ(legality_->RuleScore(oldest, 0, 100), 0.4);
  EXPECT_DOUBLE_EQ(legality_->Score(oldest, other, Terms(oldest, "eu").region), 0.5);
  EXPECT_DOUBLE_EQ(legality_->Score(oldest, other, kNoRegion), 0.4);
  EXPECT_DOUBLE_EQ(legality_->Score(oldest, Add({.ratings = {0}}), 0), 0);
}

TEST_F(LegalityTest, ScoreIsThePlainDifferenceWithoutANormalizationMax) {
  UseRules("2,2,1,1", MmrRule(0, R"(,"weight":7)") + kFlexToAverage);

  EXPECT_EQ(legality_->RuleScore(Add(), 0, 3), 3);
  EXPECT_EQ(legality_->RuleScore(Add({.age_ms = 11'000}), 0, 3), 0);
}

constexpr const char* kRoles =
    R"(,"combination":{"has_combination":true,"alliances":[[{"name":"tank","min":1,"max":1},)"
    R"({"name":"dps","min":0,"max":2}]])";

TEST_F(LegalityTest, ATeamMustBeAbleToStartOrMayWaitForMore) {
  options_.profile = Profile::kHosted;
  roles_ = base::StrCat(kRoles, "}");
  UseRules("1,1,1,3");
  const AllianceRule& alliance = rules_.alliance;
  const Slot tank = Add({.role = "tank"});
  const Slot dps = Add({.role = "dps"});
  const Slot other_tank = Add({.role = "tank"});

  EXPECT_TRUE(legality_->RolesFit(alliance, 0, std::vector<Slot>{dps, tank}, true));
  EXPECT_FALSE(legality_->RolesFit(alliance, 0, std::vector<Slot>{dps}, true));
  EXPECT_TRUE(legality_->RolesFit(alliance, 0, std::vector<Slot>{dps}, false));
  EXPECT_FALSE(legality_->RolesFit(alliance, 0, std::vector<Slot>{tank, other_tank}, false));
  EXPECT_EQ(legality_->ChooseRoles(alliance, 0, std::vector<Slot>{dps, tank}, true),
            (std::vector<uint16_t>{1, 0}));
  EXPECT_EQ(Check({{dps}}), Obstacle::kRoles);
}

TEST_F(LegalityTest, PlayersOfTheOldestTicketsFlexTheirRoles) {
  options_.profile = Profile::kHosted;
  roles_ = base::StrCat(kRoles, R"(,"role_flexing_enable":true,"role_flexing_second":10,)",
                        R"("role_flexing_player":1})");
  UseRules("1,1,1,3");
  const Slot old_healer = Add({.age_ms = 10'001, .role = "healer"});
  const Slot older_tank = Add({.age_ms = 20'000, .role = "tank"});
  const Slot healer = Add({.age_ms = 10'000, .role = "healer"});
  const auto fit = [&](const std::vector<Slot>& team) {
    return legality_->RolesFit(rules_.alliance, 0, team, false);
  };

  EXPECT_TRUE(fit({old_healer}));
  EXPECT_FALSE(fit({healer}));
  EXPECT_FALSE(fit({old_healer, older_tank}));
}

TEST_F(LegalityTest, WithoutRolesAnyTeamWillDo) {
  EXPECT_TRUE(legality_->RolesFit(rules_.alliance, 0, std::vector<Slot>{Add(), Add()}, true));
}

TEST_F(LegalityTest, AWholeMatchIsCheckedForEverything) {
  UseRules("2,2,1,2", MmrRule(100) + "," + OneOption("maps", "any"));
  const PoolSpec plain = {.attributes = {{"maps", List{"x", "y"}}}};
  const auto with = [](List maps) { return PoolSpec{.attributes = {{"maps", std::move(maps)}}}; };
  const Slot a = Add(plain);
  const Slot b = Add(plain);
  const Slot x = Add(with({"x"}));
  const Slot y = Add(with({"y"}));
  const Slot far = Add({.ratings = {101}, .attributes = plain.attributes});
  const Slot large = Add({.ratings = {0, 0, 0}, .attributes = plain.attributes});
  const Slot pair = Add({.ratings = {0, 0}, .attributes = plain.attributes});

  EXPECT_EQ(Check({{a}, {b}}), Obstacle::kNone);
  EXPECT_EQ(Check({{a, b}}), Obstacle::kTeamCount);
  EXPECT_EQ(Check({{a}, {b}, {x}}), Obstacle::kTeamCount);
  EXPECT_EQ(Check({{a}, {}}), Obstacle::kTeamSize);
  EXPECT_EQ(Check({{a, pair}, {b}}), Obstacle::kTeamSize);
  EXPECT_EQ(Check({{a}, {large}}), Obstacle::kTicketSize);
  EXPECT_EQ(Check({{a}, {far}}), Obstacle::kDistance);
  EXPECT_EQ(Check({{a}, {a}}), Obstacle::kSplitTicket);
  EXPECT_EQ(Check({{b}, {a}}), Obstacle::kSplitTicket) << "the oldest is another";
  EXPECT_EQ(Check({{a}, {x}}), Obstacle::kNone);
  EXPECT_EQ(Check({{a}, {x, y}}), Obstacle::kOption) << "no value in common";
  EXPECT_EQ(legality_->Check({Terms(a), a, {{b}, {x}}}), Obstacle::kSplitTicket);
}

TEST_F(LegalityTest, BlockedPlayersOfOneTeamMakeAMatchIllegal) {
  UseRules("2,2,1,2", R"("blocked_player_option":"blockedPlayerCanMatchOnDifferentTeam")");
  const Slot a = Add({.attributes = {{"blocked_players", List{"b"}}}});
  const Slot b = Add({.players = {"b"}});
  const Slot c = Add();

  EXPECT_EQ(Check({{a, b}, {c}}), Obstacle::kBlockedPlayer);
  EXPECT_EQ(Check({{a, c}, {b}}), Obstacle::kNone);
}

TEST_F(LegalityTest, PrecedesByPriorityThenAgeThenArrival) {
  const Slot first = Add({.age_ms = 5});
  const Slot second = Add({.age_ms = 5});
  const Slot old = Add({.age_ms = 6});
  const Slot urgent = Add({.priority = 1});

  EXPECT_TRUE(legality_->Precedes(first, second));
  EXPECT_FALSE(legality_->Precedes(second, first));
  EXPECT_TRUE(legality_->Precedes(old, first));
  EXPECT_TRUE(legality_->Precedes(urgent, old));
  EXPECT_FALSE(legality_->Precedes(first, first));
}

TEST(ObstacleNameTest, EachObstacleHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Obstacle::kSplitTicket); ++i) {
    names.insert(ObstacleName(static_cast<Obstacle>(i)));
  }

  EXPECT_EQ(names.size(), static_cast<size_t>(Obstacle::kSplitTicket) + 1);
  EXPECT_EQ(ObstacleName(Obstacle::kBlockedPlayer), "blocked_player");
}

}  // namespace
}  // namespace muster::match::alliance
