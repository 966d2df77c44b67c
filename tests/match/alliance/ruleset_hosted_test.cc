#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/ruleset_text.h"
#include "tests/support/status_matchers.h"

// Keys of the hosted profile: roles, sub-game modes, platform groups.
namespace muster::match::alliance {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// The published example: three of damage, a tank and a healer.
constexpr char kFive[] =
    R"([{"name":"dps","min":3,"max":3},{"name":"tank","min":1,"max":1},
        {"name":"healer","min":1,"max":1}])";

std::string RoleLists(const std::string& lists, const std::string& more = "") {
  return R"("combination":{"has_combination":true,"alliances":)" + lists + more + "}";
}

// Two teams of five with one list of roles.
std::string Roles(const std::string& list) { return WithInAlliance(RoleLists("[[" + list + "]]")); }

std::string RepeatedRoles(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    list += (i == 0 ? "" : ",") + (R"({"name":"r)" + std::to_string(i) + R"(","max":1})");
  }
  return list;
}

std::string Modes(const std::string& members) {
  return With(R"("sub_game_modes":{)" + members + "}");
}

constexpr char kDuo[] =
    R"("alliance":{"min_number":1,"max_number":2,"player_min_number":1,"player_max_number":2})";

TEST(HostedRoles, OneListServesEveryTeam) {
  const absl::StatusOr<Ruleset> rules =
      ParseHosted(WithInAlliance(RoleLists("[" + std::string(kFive) + "]")));

  ASSERT_THAT(rules, IsOk());
  const Combination& roles = rules->alliance.combination;
  ASSERT_TRUE(roles.active());
  ASSERT_EQ(roles.teams.size(), 1u);
  ASSERT_EQ(roles.TeamRoles(1).size(), 3u);
  EXPECT_EQ(roles.TeamRoles(1)[0].name, "dps");
  EXPECT_EQ(roles.TeamRoles(1)[0].min, 3);
  EXPECT_EQ(roles.TeamRoles(1)[0].max, 3);
  EXPECT_FALSE(roles.flexing);
}

TEST(HostedRoles, SeveralListsServeOneTeamEach) {
  const absl::StatusOr<Ruleset> rules = ParseHosted(
      WithInAlliance(RoleLists(R"([[{"name":"hider","max":5}],[{"name":"seeker","max":5}]])")));

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->alliance.combination.TeamRoles(0)[0].name, "hider");
  EXPECT_EQ(rules->alliance.combination.TeamRoles(1)[0].name, "seeker");
}

TEST(HostedRoles, AreOffUnlessSwitchedOn) {
  for (const char* text :
       {R"("combination":{"has_combination":false,"alliances":[[],[],[]]})",
        R"("combination":{"alliances":[[]]})", R"("combination":{})", R"("combination":null)"}) {
    const absl::StatusOr<Ruleset> rules = ParseHosted(WithInAlliance(text));

    ASSERT_THAT(rules, IsOk()) << text;
    EXPECT_FALSE(rules->alliance.combination.active());
  }
}

TEST(HostedRoles, FlexingStandsInTheCombinationOrElseInTheAlliance) {
  const absl::StatusOr<Ruleset> rules = ParseHosted(WithInAlliance(
      RoleLists("[" + std::string(kFive) + "]",
                R"(,"role_flexing_enable":true,"role_flexing_second":30)") +
      R"(,"role_flexing_enable":false,"role_flexing_second":60,"role_flexing_player":2)"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_TRUE(rules->alliance.combination.flexing);
  EXPECT_EQ(rules->alliance.combination.flexing_second, 30);
  EXPECT_EQ(rules->alliance.combination.flexing_players, 2);
}

TEST(HostedRoles, AnAllianceFlexingRuleHasItsOwn) {
  const absl::StatusOr<Ruleset> rules =
      ParseHosted(WithInAlliance(RoleLists("[" + std::string(kFive) + "]"),
                                 R"("alliance_flexing_rule":[
           {"duration":5,"min_number":2,"max_number":2,"player_min_number":2,
            "player_max_number":2,)" +
                                     RoleLists(R"([[{"name":"dps","max":2}]])") + R"(},
           {"duration":9,"min_number":1,"max_number":1,"player_min_number":1,
            "player_max_number":1}])"));

  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(rules->alliance_flexing[0].alliance.combination.TeamRoles(0)[0].max, 2);
  EXPECT_FALSE(rules->alliance_flexing[1].alliance.combination.active());
}

class RefusedHostedTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedHostedTest, IsAnInvalidArgumentInTheHostedProfile) {
  EXPECT_THAT(ParseHosted(GetParam().text), StatusIs(kInvalid, HasSubstr(GetParam().message)));
}

TEST_P(RefusedHostedTest, IsIgnoredInTheCoreProfile) {
  const absl::StatusOr<Ruleset> rules = Parse(GetParam().text);

  ASSERT_THAT(rules, IsOk());
  EXPECT_FALSE(rules->alliance.combination.active());
  EXPECT_THAT(rules->sub_game_modes, IsEmpty());
  EXPECT_THAT(rules->platform_groups, IsEmpty());
  EXPECT_EQ(rules->remarks.size(), 1u);
}

const RefusedCase kRefusedRoles[] = {
    {"Type", WithInAlliance(R"("combination":[])"), "alliance.combination [] is not an object"},
    {"Lists", WithInAlliance(RoleLists("{}")), "combination.alliances {} is not a list"},
    {"List", WithInAlliance(RoleLists("[{}]")), "combination.alliances[0] {} is not a list"},
    {"Role", Roles("7"), "combination.alliances[0][0] 7 is not an object"},
    {"NegativeMinimum", Roles(R"({"name":"a","min":-1,"max":5})"),
     "combination.alliances[0][0].min -1 is not from 0 to 2147483647"},
    {"Capitals", Roles(R"({"name":"Tank","max":5})"), R"(name "Tank" is not in lower case)"},
    {"LongName", Roles(R"({"name":")" + std::string(65, 'a') + R"(","max":5})"),
     "has more than 64 characters"},
    {"FlexingPlayers", WithInAlliance(R"("role_flexing_player":-1)"),
     "alliance.role_flexing_player -1 is not from 0"},
    {"FlexingSecond", WithInAlliance(R"("combination":{"role_flexing_second":1.5})"),
     "alliance.combination.role_flexing_second 1.5 is not a whole number"},
    {"ManyRoles", Roles(RepeatedRoles(65)), "has a list of 65 roles, more than 64 allowed"},
    {"NoName", Roles(R"({"max":5})"), "combination.alliances[0][0].name is empty"},
    {"OneNameTwice", Roles(R"({"name":"a","max":3},{"name":"a","max":2})"),
     R"(combination.alliances[0][1].name "a" stands twice in one list of roles)"},
    {"MinimumAboveMaximum", Roles(R"({"name":"a","min":3,"max":2})"),
     "combination.alliances[0][0].max 2 is below min 3"},
    {"NoLists", WithInAlliance(RoleLists("[]")),
     "alliance.combination.alliances has no list of roles (510115)"},
    {"ThreeLists", WithInAlliance(RoleLists("[[],[],[]]")),
     "alliance.combination.alliances has 3 lists of roles, not 1 or max_number 2 (510115)"},
    {"NoRoles", WithInAlliance(RoleLists("[[]]")), "every max is 0 (510116)"},
    {"AllZero", Roles(R"({"name":"a"},{"name":"b","max":0})"),
     "alliance.combination.alliances[0] has room for no player: every max is 0 (510116)"},
    {"TooManyNeeded", Roles(R"({"name":"a","min":3,"max":3},{"name":"b","min":3,"max":3})"),
     "alliances[0] needs 6 players, more than player_max_number 5 (510117)"},
    {"TooFewRoom", Roles(R"({"name":"a","max":2},{"name":"b","max":2})"),
     "alliances[0] has room for 4 players, fewer than player_min_number 5 (510118)"},
    {"RoleAboveTeam", Roles(R"({"name":"a","max":1},{"name":"b","max":6})"),
     "alliances[0][1].max 6 is above player_max_number 5 (510119)"},
    {"SecondList", WithInAlliance(RoleLists(R"([[{"name":"a","max":5}],[{"name":"a"}]])")),
     "alliances[1] has room for no player: every max is 0 (510116)"},
    {"OfAFlexingRule",
     With(R"("alliance_flexing_rule":[{"min_number":1,"max_number":1,"player_min_number":1,
             "player_max_number":1,)" +
          RoleLists("[[]]") + "}]"),
     "alliance_flexing_rule[0].combination.alliances[0] has room for no player"},
};
INSTANTIATE_TEST_SUITE_P(Roles, RefusedHostedTest, testing::ValuesIn(kRefusedRoles),
                         testing::PrintToStringParamName());

const RefusedCase kRefusedModes[] = {
    {"Type", With(R"("sub_game_modes":[])"), "sub_game_modes [] is not an object"},
    {"Mode", Modes(R"("duo":1)"), "sub_game_modes.duo 1 is not an object"},
    {"ModeName", Modes(R"("duo":{"name":1})"), "sub_game_modes.duo.name 1 is not a text"},
    {"NoAlliance", Modes(R"("duo":{})"), R"(sub_game_modes.duo.alliance.min_number 0)"},
    {"OddName", Modes(R"("2 v 2":{"alliance":{"min_number":-1}})"),
     R"(sub_game_modes["2 v 2"].alliance.min_number -1 is not from 0)"},
    {"Alliance", Modes(R"("duo":{"alliance":{"min_number":2,"max_number":1}})"),
     R"(sub_game_modes.duo.alliance.max_number 1 is below min_number 2)"},
    {"Flexing", Modes(R"("duo":{)" + std::string(kDuo) + R"(,"alliance_flexing_rule":[{}]})"),
     R"(sub_game_modes.duo.alliance_flexing_rule[0].min_number 0)"},
    {"EmptyName", Modes(R"("":{)" + std::string(kDuo) + "}"),
     "sub_game_modes has an entry without a name"},
    {"LongName", Modes("\"" + std::string(65, 'a') + R"(":{)" + std::string(kDuo) + "}"),
     "has a name of more than 64 characters"},
    {"Selection", With(R"("sub_gamemode_selection":"Random")"),
     R"(sub_gamemode_selection "Random" is not random or ticketOrder)"},
    {"Groups", With(R"("platform_group":[])"), "platform_group [] is not an object"},
    {"Group", With(R"("platform_group":{"pc":"STEAM"})"),
     R"(platform_group.pc "STEAM" is not a list)"},
    {"Platform", With(R"("platform_group":{"pc":["STEAM",1]})"),
     "platform_group.pc[1] 1 is not a text"},
    {"EmptyPlatform", With(R"("platform_group":{"pc":[""]})"),
     "platform_group.pc has a platform of not 1 to 64 characters"},
};
INSTANTIATE_TEST_SUITE_P(Modes, RefusedHostedTest, testing::ValuesIn(kRefusedModes),
                         testing::PrintToStringParamName());

TEST(HostedModes, AreReadByName) {
  const absl::StatusOr<Ruleset> rules = ParseHosted(
      Modes(R"("solo":{"name":"solo",)" + std::string(kDuo) + R"(},"duo":{)" + std::string(kDuo) +
            R"(,"alliance_flexing_rule":[{"duration":7,"min_number":1,"max_number":1,
                "player_min_number":1,"player_max_number":4}]},"none":null)"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->sub_game_modes.size(), 2u);
  EXPECT_EQ(rules->sub_game_modes[0].name, "duo");
  EXPECT_EQ(rules->sub_game_modes[0].alliance.max_players, 2);
  EXPECT_EQ(rules->sub_game_modes[0].flexing[0].duration_s, 7);
  EXPECT_EQ(rules->sub_game_modes[0].flexing[0].alliance.max_players, 4);
  EXPECT_EQ(rules->sub_game_modes[1].name, "solo");
  EXPECT_EQ(rules->sub_game_mode_selection, SubGameModeSelection::kTicketOrder);
  EXPECT_THAT(rules->remarks, IsEmpty());
}

TEST(HostedModes, ASecondNameIsRemarkedOn) {
  EXPECT_THAT(ParseHosted(Modes(R"("duo":{"name":"Duo",)" + std::string(kDuo) + "}"))->remarks,
              ElementsAre(R"(sub_game_modes.duo.name has no effect: the mode is named "duo")"));
}

TEST(HostedModes, TheBaseAllianceIsNeededToo) {
  EXPECT_THAT(ParseHosted(R"({"sub_game_modes":{"duo":{)" + std::string(kDuo) + "}}}"),
              StatusIs(kInvalid, HasSubstr("rules: alliance.min_number 0")));
}

TEST(HostedModes, ReadsTheSelection) {
  EXPECT_EQ(ParseHosted(With(R"("sub_gamemode_selection":"random")"))->sub_game_mode_selection,
            SubGameModeSelection::kRandom);
  EXPECT_EQ(ParseHosted(With(R"("sub_gamemode_selection":"ticketOrder")"))->sub_game_mode_selection,
            SubGameModeSelection::kTicketOrder);
}

TEST(HostedPlatforms, ReadsGroups) {
  const absl::StatusOr<Ruleset> rules =
      ParseHosted(With(R"("platform_group":{"sony":["PS4","PS5"],"pc":["STEAM"],"x":null})"));

  ASSERT_THAT(rules, IsOk());
  ASSERT_EQ(rules->platform_groups.size(), 2u);
  EXPECT_EQ(rules->platform_groups[0].name, "pc");
  EXPECT_EQ(rules->platform_groups[1].name, "sony");
  EXPECT_THAT(rules->platform_groups[1].platforms, ElementsAre("PS4", "PS5"));
}

TEST(HostedPlatforms, TheNumberOfGroupsAndModesIsBounded) {
  std::string groups, modes;
  for (size_t i = 0; i <= kMaxPlatformGroups; ++i) {
    const std::string key = (i == 0 ? "\"m" : ",\"m") + std::to_string(i);
    groups += key + "\":[]";
    modes += key + "\":{" + kDuo + "}";
  }

  EXPECT_THAT(ParseHosted(With("\"platform_group\":{" + groups + "}")),
              StatusIs(kInvalid, "rules: platform_group has 65 entries, more than 64 allowed"));
  EXPECT_THAT(ParseHosted(Modes(modes)),
              StatusIs(kInvalid, "rules: sub_game_modes has 65 entries, more than 64 allowed"));
}

TEST(HostedPlatforms, TheNumberOfPlatformsOfAGroupIsBounded) {
  std::string platforms = "\"p\"";
  for (size_t i = 0; i < kMaxPlatformsPerGroup; ++i) platforms += ",\"p\"";

  EXPECT_THAT(ParseHosted(With("\"platform_group\":{\"a\":[" + platforms + "]}")),
              StatusIs(kInvalid, "rules: platform_group.a has 65 entries, more than 64 allowed"));
}

}  // namespace
}  // namespace muster::match::alliance
