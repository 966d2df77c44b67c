#include "match/alliance/team_builder.h"

#include "gmock/gmock.h"
#include "match/alliance/oldest_first.h"
#include "tests/match/alliance/pool_fixture.h"

namespace muster::match::alliance {
namespace {

using Teams = std::vector<std::vector<Slot>>;

class TeamBuilderTest : public testing::Test, protected PoolFixture {
 protected:
  // The teams around the first ticket, or none.
  Teams Build(const TeamBuilderOptions& options = {}) {
    const std::optional<size_t> key_rule = OrderingRule(rules_);
    PoolIndex index(*legality_, pool_->ServiceOrder(), key_rule);
    Candidates candidates(*legality_);
    TeamBuilder builder(*legality_, options);
    candidates.Start(index, key_rule, 0, Terms(0));
    if (!builder.Build(candidates, 0, Terms(0))) return {};
    EXPECT_EQ(legality_->Check(builder.match()), Obstacle::kNone);
    return builder.match().teams;
  }
  // Parties of these sizes, oldest first.
  void AddSizes(const std::vector<size_t>& sizes) {
    int64_t age_ms = 1000;
    for (const size_t size : sizes) AddParty(size, --age_ms);
  }
};

struct FillingCase {
  const char* alliance;
  std::vector<size_t> sizes;
  Teams teams;
};
std::ostream& operator<<(std::ostream& out, const FillingCase& c) {
  return out << c.alliance << " of " << testing::PrintToString(c.sizes);
}

class FillingTest : public TeamBuilderTest, public testing::WithParamInterface<FillingCase> {};

TEST_P(FillingTest, GivesTheTeamsOfTheVendorsOrder) {
  UseRules(GetParam().alliance);
  AddSizes(GetParam().sizes);

  EXPECT_EQ(Build(), GetParam().teams);
}

INSTANTIATE_TEST_SUITE_P(
    Worked, FillingTest,
    testing::Values(
        FillingCase{"2,2,2,4", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {{0, 1, 4, 5}, {2, 3, 6, 7}}},
        FillingCase{"2,2,2,4", {1, 1, 1, 1, 1, 1}, {{0, 1, 4, 5}, {2, 3}}},
        FillingCase{"2,3,2,3", {1, 1, 1, 1, 1, 1, 1, 1}, {{0, 1, 4}, {2, 3, 5}, {6, 7}}},
        FillingCase{"1,4,1,2", {1, 1, 1, 1, 1}, {{0, 1}, {2, 3}, {4}}},
        FillingCase{"1,4,2,2", {1, 1, 1, 1, 1}, {{0, 1}, {2, 3}}},
        FillingCase{"2,2,3,3", {2, 2, 1, 1}, {{0, 2}, {1, 3}}},
        FillingCase{"1,2,3,5", {2, 3}, {{0, 1}}},
        FillingCase{"2,2,2,4", {3, 3, 2, 1}, {{2, 3}, {0}}},
        FillingCase{"1,3,2,3", {2, 2, 2, 1}, {{0, 3}, {1}, {2}}},
        FillingCase{"2,2,1,2", {3, 1, 1}, {}}, FillingCase{"2,2,1,1", {1}, {}}));

INSTANTIATE_TEST_SUITE_P(
    Packed, FillingTest,
    testing::Values(FillingCase{"2,2,3,3", {1, 1, 2, 2}, {{0, 2}, {3, 1}}},
                    FillingCase{"3,3,4,4", {2, 1, 1, 3, 3, 1, 1}, {{0, 1, 2}, {3, 5}, {4, 6}}},
                    FillingCase{"2,2,5,5", {3, 3, 2, 4}, {}}));

TEST_F(TeamBuilderTest, LargerPartiesComeFirstWhenAskedFor) {
  UseRules("2,2,3,3");
  AddSizes({1, 1, 1, 2, 2, 1});

  EXPECT_EQ(Build(), (Teams{{0, 1, 2}, {3, 5}}));
  EXPECT_EQ(Build({.larger_parties_first = true}), (Teams{{0, 3}, {4, 1}}));
}

TEST_F(TeamBuilderTest, PackingEndsWhenItsStepsAreUsedUp) {
  UseRules("2,2,3,3");
  AddSizes({1, 1, 2, 2});

  EXPECT_EQ(Build({.max_packing_steps = 1}), Teams());
  EXPECT_EQ(Build({.max_packing_steps = 100}).size(), 2U);
}

TEST_F(TeamBuilderTest, HigherPriorityComesBeforeABetterScore) {
  UseRules("2,2,1,1", MmrRule(100));
  Add({.age_ms = 9, .ratings = {0}, .priority = 1});
  Add({.age_ms = 8, .ratings = {0}});
  const Slot urgent = Add({.age_ms = 7, .ratings = {100}, .priority = 1});

  EXPECT_EQ(Build(), (Teams{{0}, {urgent}}));
}

TEST_F(TeamBuilderTest, WhoCannotJoinIsPassedOver) {
  UseRules("2,2,2,2", R"("blocked_player_option":"blockedPlayerCanMatchOnDifferentTeam")");
  Add({.age_ms = 9, .players = {"a"}});
  const Slot blocks = Add({.age_ms = 8, .attributes = {{"blocked_players", List{"a"}}}});
  const Slot c = Add({.age_ms = 7});
  const Slot d = Add({.age_ms = 6});

  EXPECT_EQ(Build(), (Teams{{0, c}, {blocks, d}}));
}

TEST_F(TeamBuilderTest, CommonValuesAreKeptAsTeamsGrow) {
  UseRules("3,3,1,1", OneOption("maps", "any"));
  Add({.age_ms = 9, .attributes = {{"maps", List{"x", "y"}}}});
  const Slot x = Add({.age_ms = 8, .attributes = {{"maps", "x"}}});
  Add({.age_ms = 7, .attributes = {{"maps", "y"}}});
  const Slot also_x = Add({.age_ms = 6, .attributes = {{"maps", List{"z", "x"}}}});

  EXPECT_EQ(Build(), (Teams{{0}, {x}, {also_x}}));
}

class RoleTeamsTest : public TeamBuilderTest {
 protected:
  // Teams of a tank and up to two others.
  void UseRoles(const char* alliance, const char* more = "", const std::string& rules = "") {
    options_.profile = Profile::kHosted;
    roles_ = base::StrCat(
        R"(,"combination":{"has_combination":true,"alliances":[[{"name":"tank","min":1,"max":1},)",
        R"({"name":"dps","min":0,"max":2}]])", more, "}");
    UseRules(alliance, rules);
  }
};

TEST_F(RoleTeamsTest, WhoHasNoRoleIsPassedOver) {
  UseRoles("1,1,2,2");
  Add({.age_ms = 9, .role = "tank"});
  Add({.age_ms = 8, .role = "tank"});
  const Slot dps = Add({.age_ms = 7, .role = "dps"});

  EXPECT_EQ(Build(), (Teams{{0, dps}}));
}

TEST_F(RoleTeamsTest, ATeamThatLacksARoleIsPackedAnew) {
  UseRoles("2,2,2,2");
  Add({.age_ms = 9, .role = "dps"});
  const Slot dps = Add({.age_ms = 8, .role = "dps"});
  const Slot tank = Add({.age_ms = 7, .role = "tank"});
  const Slot other_tank = Add({.age_ms = 6, .role = "tank"});

  EXPECT_EQ(Build(), (Teams{{0, tank}, {dps, other_tank}}));
}

TEST_F(RoleTeamsTest, AFurtherTeamThatLacksARoleDoesNotSpoilTheMatch) {
  UseRoles("1,2,1,2");
  Add({.age_ms = 9, .role = "tank"});
  const Slot dps = Add({.age_ms = 8, .role = "dps"});
  Add({.age_ms = 7, .role = "dps"});

  EXPECT_EQ(Build(), (Teams{{0, dps}}));
}

TEST_F(RoleTeamsTest, AFlexedTicketJoinsThoughOthersOfItsKindDoNot) {
  UseRoles("1,1,2,2",
           R"(,"role_flexing_enable":true,"role_flexing_second":10,"role_flexing_player":1)",
           MmrRule(100));
  Add({.age_ms = 8000, .priority = 1, .role = "tank"});
  Add({.age_ms = 9000, .role = "tank"});
  const Slot flexed = Add({.age_ms = 11'000, .ratings = {50}, .role = "tank"});

  EXPECT_EQ(Build(), (Teams{{0, flexed}}));
}

}  // namespace
}  // namespace muster::match::alliance
