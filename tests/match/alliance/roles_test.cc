#include "match/alliance/roles.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Ruleset WithRoles() {
  Ruleset rules;
  rules.alliance.combination.teams = {{{"tank", 1, 1}, {"healer", 1, 1}, {"dps", 0, 3}}};
  return rules;
}

Player WithRole(Value role) { return {"p", Object({{"role", std::move(role)}})}; }

struct PreferenceCase {
  const char* name;
  Player player;
  // Places in WithRoles; `any` when it is nothing.
  std::optional<RolePreference> expected;
};
std::ostream& operator<<(std::ostream& out, const PreferenceCase& c) { return out << c.name; }

class PreferenceTest : public testing::TestWithParam<PreferenceCase> {};

TEST_P(PreferenceTest, IsReadFromTheAttributes) {
  const Ruleset rules = WithRoles();
  RoleTable table(rules);

  const RoleSetId set = table.Intern(std::vector<Player>{GetParam().player});
  const RolePlayer view =
      table.View(table.Players(set).front(), rules.alliance.combination.TeamRoles(0));

  EXPECT_EQ(view.any, !GetParam().expected.has_value());
  if (!view.any) {
    EXPECT_EQ(*view.preference, *GetParam().expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PreferenceTest,
    testing::Values(
        PreferenceCase{"a text", WithRole("healer"), RolePreference{1}},
        PreferenceCase{"a list", WithRole(List{"dps", "tank"}), RolePreference{2, 0}},
        PreferenceCase{"a list in a text", WithRole(R"(["dps","tank"])"), RolePreference{2, 0}},
        PreferenceCase{"no list in a text", WithRole(R"(["dps")"), RolePreference{}},
        PreferenceCase{"blanks and repetitions", WithRole(List{"", " dps ", "dps", "  ", 7}),
                       RolePreference{2}},
        PreferenceCase{"unknown to the team", WithRole(List{"sniper", "tank"}), RolePreference{0}},
        PreferenceCase{"only unknown", WithRole("sniper"), RolePreference{}},
        PreferenceCase{"any", WithRole("any"), std::nullopt},
        PreferenceCase{"any among others", WithRole(List{"tank", "any"}), std::nullopt},
        PreferenceCase{"nothing", Player{"p", {}}, std::nullopt},
        PreferenceCase{"an empty list", WithRole(List{}), std::nullopt},
        PreferenceCase{"another attribute", Player{"p", Object({{"roles", List{"tank"}}})},
                       RolePreference{0}},
        PreferenceCase{"role before roles",
                       Player{"p", Object({{"role", "dps"}, {"roles", List{"tank"}}})},
                       RolePreference{2}},
        PreferenceCase{"a blank role", Player{"p", Object({{"role", ""}, {"roles", List{"tank"}}})},
                       RolePreference{0}},
        PreferenceCase{"a number", WithRole(7), std::nullopt}));

TEST(RoleTableTest, EqualPreferencesHaveOneId) {
  RoleTable table(WithRoles());
  const Player tank = WithRole("tank");
  const Player any = WithRole("any");

  const RoleSetId one = table.Intern(std::vector<Player>{tank, any});

  EXPECT_EQ(table.Intern(std::vector<Player>{WithRole(List{"tank"}), Player{}}), one);
  EXPECT_NE(table.Intern(std::vector<Player>{any, tank}), one);
  EXPECT_NE(table.Intern(std::vector<Player>{tank}), one);
  EXPECT_THAT(table.Players(one), SizeIs(2));
  EXPECT_NE(table.Players(one)[0], table.Players(one)[1]);
}

TEST(RoleTableTest, ViewsFollowTheRolesOfEachTeam) {
  RoleTable table(WithRoles());
  const std::vector<Role> other = {{"dps", 0, 1}, {"tank", 0, 1}};
  const RoleSetId set = table.Intern(std::vector<Player>{WithRole(List{"tank", "dps"})});
  const PreferenceId preference = table.Players(set).front();
  const Ruleset rules = WithRoles();

  EXPECT_THAT(*table.View(preference, rules.alliance.combination.TeamRoles(0)).preference,
              ElementsAre(0, 2));
  EXPECT_THAT(*table.View(preference, other).preference, ElementsAre(1, 0));
  const RoleSetId later = table.Intern(std::vector<Player>{WithRole("dps")});
  EXPECT_THAT(*table.View(table.Players(later).front(), other).preference, ElementsAre(0));
}

TEST(RoleTableTest, IsActiveWhereAnyAllianceHasRoles) {
  Ruleset flexing;
  flexing.alliance_flexing.push_back({5, WithRoles().alliance});
  Ruleset mode;
  mode.sub_game_modes.push_back({"duo", WithRoles().alliance, {}});

  EXPECT_TRUE(RoleTable(WithRoles()).active());
  EXPECT_TRUE(RoleTable(flexing).active());
  EXPECT_TRUE(RoleTable(mode).active());
}

TEST(RoleTableTest, IsEmptyWithoutRoles) {
  RoleTable table{Ruleset()};

  EXPECT_FALSE(table.active());
  EXPECT_EQ(table.Intern(std::vector<Player>{WithRole("tank"), WithRole("dps")}), 0U);
  EXPECT_THAT(table.Players(0), SizeIs(0));
}

}  // namespace
}  // namespace muster::match::alliance
