#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// Worked examples of plain attributes, match options and blocked players of
// the vendor's matcher.
namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Entries = std::vector<Object::Entry>;
using Texts = std::multiset<std::string>;

struct AttributeCase {
  const char* name;
  Entries pivot;
  Entries candidate;
  bool matches;
  const char* more = "";
};
std::ostream& operator<<(std::ostream& out, const AttributeCase& test_case) {
  return out << test_case.name;
}

constexpr char kReferred[] = R"("match_options_referred_for_backfill":true)";

const AttributeCase kAttributeCases[] = {
    {"MissingOnTheCandidate", {{"m", 1}}, {}, false},
    {"MissingOnThePivot", {}, {{"m", 1}}, true},
    {"BlankOnThePivot", {{"m", ""}}, {{"m", 1}}, true},
    {"NullEqualsMissing", {{"m", Value()}}, {}, true},
    {"OrderOfAListMatters", {{"m", List{"x", "y"}}}, {{"m", List{"y", "x"}}}, false},
    {"ServerMissingOnTheCandidate", {{"server_name", "X"}}, {}, false},
    {"BlankServerEqualsMissing", {{"server_name", ""}}, {}, true},
    {"NullServerEqualsMissing", {{"server_name", Value()}}, {}, true},
    {"BlankServerIsNotAName", {{"server_name", ""}}, {{"server_name", "X"}}, false},
    {"NullServerIsNotAName", {{"server_name", Value()}}, {{"server_name", "X"}}, false},
    // Q9: else X would be lost.
    {"Q9ServerMissingOnThePivot", {}, {{"server_name", "X"}}, false},
    {"Q9ClientVersionMissingOnThePivot", {}, {{"client_version", "X"}}, false},
    {"Pa1SameList", {{"map", List{"dessert"}}}, {{"map", List{"dessert"}}}, true},
    {"Pa1SameText", {{"map", "dessert"}}, {{"map", "dessert"}}, true},
    {"Pa2OtherText", {{"map", "dessert"}}, {{"map", "not-dessert"}}, false},
    {"Pa2NotComparedWhenReferred", {{"map", "dessert"}}, {{"map", "other"}}, true, kReferred},
    {"ServerIsComparedWhenReferred", {{"server_name", "X"}}, {}, false, kReferred},
    {"TheTypeMatters", {{"m", 1}}, {{"m", "1"}}, false},
    {"NewSessionOnlyIsNotCompared", {{"new_session_only", true}}, {}, true},
    {"RoleIsNotCompared", {{"role", "tank"}}, {{"role", "healer"}}, true},
    {"MatchAttemptIsNotCompared", {{"match_attempt", 1}}, {{"match_attempt", 2}}, true},
    {"SubGameModeIsNotCompared", {{"sub_game_mode", List{"a"}}}, {{"sub_game_mode", "b"}}, true},
    {"CurrentPlatformIsCompared", {{"current_platform", "A"}}, {{"current_platform", "B"}}, false},
};

class AttributeVectorsTest : public AllianceTableTest<AttributeCase> {};

TEST_P(AttributeVectorsTest, DecideTheMatch) {
  UseRules("2,2,1,1", GetParam().more);
  Add("p", {.age_ms = 2, .attributes = GetParam().pivot});
  Add("c", {.age_ms = 1, .attributes = GetParam().candidate});

  EXPECT_THAT(MakeMatches(), SizeIs(GetParam().matches ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(Cases, AttributeVectorsTest, testing::ValuesIn(kAttributeCases));

// An option `maps` of pivot and candidate, and what the match says of it; nothing: no match.
struct OptionCase {
  const char* name;
  const char* type;
  Entries pivot;
  Entries candidate;
  std::optional<Texts> maps;
};
std::ostream& operator<<(std::ostream& out, const OptionCase& test_case) {
  return out << test_case.name;
}

Entries Maps(List maps) { return {{"maps", std::move(maps)}}; }

const OptionCase kOptionCases[] = {
    {"Op2AnyMissing", "any", Maps({"x"}), {}, std::nullopt},
    {"Op2AllMissing", "all", Maps({"x"}), {}, std::nullopt},
    {"Op2UniqueMissing", "unique", Maps({"x"}), {}, std::nullopt},
    {"Op3AnyInCommon", "any", Maps({"x", "y"}), Maps({"y", "z"}), Texts{"y"}},
    {"Op3NothingInCommon", "any", Maps({"x"}), Maps({"y"}), std::nullopt},
    {"Op4AllTheSame", "all", Maps({"x", "y"}), Maps({"y", "x"}), Texts{"x", "y"}},
    {"Op4AllWithOneMissing", "all", Maps({"x", "y"}), Maps({"x"}), std::nullopt},
    {"Q12AllWithOneTooMany", "all", Maps({"x"}), Maps({"x", "y"}), std::nullopt},
    {"Op4UniqueApart", "unique", Maps({"x"}), Maps({"y", "z"}), Texts{"x", "y", "z"}},
    {"Op4UniqueInCommon", "unique", Maps({"x", "y"}), Maps({"y", "z"}), std::nullopt},
    {"Op4DisableIsNotCompared", "disable", Maps({"x"}), Maps({"y"}), Texts{}},
    {"Op4DisableMayBeMissing", "disable", Maps({"x"}), {}, Texts{}},
    {"Op1AScalarIsAListOfOne", "any", {{"maps", "x"}}, Maps({"x", "y"}), Texts{"x"}},
};

class OptionVectorsTest : public AllianceTableTest<OptionCase> {};

TEST_P(OptionVectorsTest, DecideTheMatchAndItsAttribute) {
  UseRules("2,2,1,1", Option("maps", GetParam().type));
  Add("p", {.age_ms = 2, .attributes = GetParam().pivot});
  Add("c", {.age_ms = 1, .attributes = GetParam().candidate});

  ASSERT_THAT(MakeMatches(), SizeIs(GetParam().maps ? 1 : 0));

  if (GetParam().maps) {
    EXPECT_EQ(TextsOf(OnlyMatch().attributes.Find("maps")), *GetParam().maps);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, OptionVectorsTest, testing::ValuesIn(kOptionCases));

class OptionExamplesTest : public AllianceTest {
 protected:
  void AddThreeOfWhomOnlyTheFirstSharesWithBoth() {
    Add("a", {.age_ms = 3, .attributes = Maps({"x", "y"})});
    Add("b", {.age_ms = 2, .attributes = Maps({"x"})});
    Add("c", {.age_ms = 1, .attributes = Maps({"y"})});
  }
};

TEST_F(OptionExamplesTest, Op3AllCommonAsksForOneValueThatAllShare) {
  UseRules("3,3,1,1", Option("maps", "any"));
  AddThreeOfWhomOnlyTheFirstSharesWithBoth();

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(OptionExamplesTest, Op3WithoutAllCommonEachSharesWithTheOldest) {
  options_.any_options_all_common = false;
  UseRules("3,3,1,1", Option("maps", "any"));
  AddThreeOfWhomOnlyTheFirstSharesWithBoth();

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"a"}, {"b"}, {"c"}})));
  EXPECT_EQ(TextsOf(OnlyMatch().attributes.Find("maps")), Texts({"x", "y"}));
}

TEST_F(OptionExamplesTest, Pc1UniqueHoldsAmongAllParties) {
  UseRules("3,3,1,1", Option("maps", "unique"));
  Add("a", {.attributes = Maps({"x"})});
  Add("b", {.attributes = Maps({"y"})});
  Add("c", {.attributes = Maps({"z"})});

  EXPECT_EQ(TextsOf(OnlyMatch().attributes.Find("maps")), Texts({"x", "y", "z"}));
}

// The platform a player is on, and those it would play with.
Entries Platforms(const std::string& current, const List& wanted) {
  return {{"current_platform", current}, {"cross_platform", wanted}};
}

constexpr char kCrossPlay[] =
    R"("match_options":{"options":[{"name":"cross_platform","type":"any"},)"
    R"({"name":"current_platform","type":"disable"}]})";

TEST_F(OptionExamplesTest, Op5EachPlatformMustBeWantedByTheOther) {
  UseRules("2,2,1,1", kCrossPlay);
  Add("steam", {.age_ms = 3, .attributes = Platforms("STEAM", {"STEAM", "PSN"})});
  Add("psn-only", {.age_ms = 2, .attributes = Platforms("PSN", {"PSN"})});
  Add("psn", {.age_ms = 1, .attributes = Platforms("PSN", {"STEAM", "PSN"})});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("steam", "psn")));
}

TEST_F(OptionExamplesTest, Op5ThePlatformsMustBeWantedBothWays) {
  UseRules("2,2,1,1", kCrossPlay);
  Add("psn-only", {.age_ms = 2, .attributes = Platforms("PSN", {"PSN"})});
  Add("steam", {.age_ms = 1, .attributes = Platforms("STEAM", {"STEAM", "PSN"})});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(OptionExamplesTest, Op5ACandidateWithoutACurrentPlatformDoesNotMatch) {
  UseRules("2,2,1,1", kCrossPlay);
  Add("psn", {.age_ms = 2, .attributes = Platforms("PSN", {"PSN"})});
  Add("somewhere", {.age_ms = 1, .attributes = {{"cross_platform", List{"PSN"}}}});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(OptionExamplesTest, Op5WithoutACurrentPlatformItIsAnOrdinaryOption) {
  UseRules("2,2,1,1", kCrossPlay);
  Add("a", {.attributes = {{"cross_platform", List{"STEAM", "PSN"}}}});
  Add("b", {.attributes = {{"cross_platform", List{"PSN"}}}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("a", "b")));
}

TEST_F(OptionExamplesTest, Op6TheCurrentPlatformIsComparedUnlessItIsAnOption) {
  UseRules("2,2,1,1", Option("cross_platform", "any"));
  Add("steam", {.attributes = Platforms("STEAM", {"STEAM", "PSN"})});
  Add("psn", {.attributes = Platforms("PSN", {"STEAM", "PSN"})});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(OptionExamplesTest, Op7ACandidateThatSharesAPlayerIsPassedOver) {
  UseRules("2,2,1,2");
  Add("p", {.age_ms = 3, .players = {"u1", "u2"}});
  Add("again", {.age_ms = 2, .players = {"u2"}});
  Add("other", {.age_ms = 1, .players = {"u3"}});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("other", "p")));
}

// The duo is placed last, because teams are first filled up to the size of the smallest ticket; but
// with it in mind c is passed over.
TEST_F(OptionExamplesTest, Op3ThePivotsValuesCountBeforeItIsPlaced) {
  UseRules("3,3,1,2", Option("maps", "any"));
  Add("p", {.age_ms = 4, .size = 2, .attributes = Maps({"x", "y"})});
  Add("b", {.age_ms = 3, .attributes = Maps({"x", "w"})});
  Add("c", {.age_ms = 2, .attributes = Maps({"w", "y"})});
  Add("d", {.age_ms = 1, .attributes = Maps({"x"})});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"b"}, {"d"}, {"p"}})));
}

Entries Blocking(const List& players) { return {{"blocked_players", players}}; }

class BlockedPlayersTest : public AllianceTest {
 protected:
  // The oldest blocks the second; four players.
  void AddFour() {
    Add("p", {.age_ms = 4, .players = {"p"}, .attributes = Blocking({"enemy"})});
    Add("c1", {.age_ms = 3, .players = {"enemy"}});
    Add("c2", {.age_ms = 2, .players = {"c2"}});
    Add("c3", {.age_ms = 1, .players = {"c3"}});
  }
};

constexpr char kDifferentTeam[] =
    R"("blocked_player_option":"blockedPlayerCanMatchOnDifferentTeam")";
constexpr char kCanMatch[] = R"("blocked_player_option":"blockedPlayerCanMatch")";

TEST_F(BlockedPlayersTest, Bl1WhoeverIsBlockedDoesNotMatchEitherWay) {
  for (const char* option : {"", R"("blocked_player_option":"blockedPlayerCannotMatch")"}) {
    UseRules("2,2,1,1", option);
    Add("p", {.age_ms = 4, .players = {"p"}, .attributes = Blocking({"enemy"})});
    Add("enemy", {.age_ms = 3, .players = {"enemy"}});
    Add("foe", {.age_ms = 2, .players = {"foe"}, .attributes = Blocking({"p"})});
    Add("friend", {.age_ms = 1, .players = {"friend"}, .attributes = Blocking({"stranger"})});

    EXPECT_THAT(MakeMatches(), ElementsAre(Duel("p", "friend"), Duel("enemy", "foe")));
  }
}

TEST_F(BlockedPlayersTest, Bl1HoldsAmongCandidatesToo) {
  UseRules("3,3,1,1");
  Add("p", {.age_ms = 4});
  Add("a", {.age_ms = 3, .players = {"a"}, .attributes = Blocking({"b"})});
  Add("b", {.age_ms = 2, .players = {"b"}});
  Add("c", {.age_ms = 1, .players = {"c"}});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p"}, {"a"}, {"c"}})));
}

TEST_F(BlockedPlayersTest, Bl1HoldsForAPivotThatIsPlacedLast) {
  UseRules("2,2,1,2");
  Add("p", {.age_ms = 3, .size = 2, .attributes = Blocking({"enemy"})});
  Add("enemy", {.age_ms = 2, .players = {"enemy"}});
  Add("friend", {.age_ms = 1, .players = {"friend"}});

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"friend"}, {"p"}})));
}

TEST_F(BlockedPlayersTest, Bl2BlockedPlayersGoToDifferentTeams) {
  UseRules("2,2,2,2", kDifferentTeam);
  AddFour();

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p", "c2"}, {"c1", "c3"}})));
}

TEST_F(BlockedPlayersTest, Bl2BlockedPlayersAreNeverOneTeam) {
  UseRules("1,1,2,2", kDifferentTeam);
  Add("p", {.age_ms = 2, .players = {"p"}, .attributes = Blocking({"enemy"})});
  Add("enemy", {.age_ms = 1, .players = {"enemy"}});

  EXPECT_THAT(MakeMatches(), IsEmpty());
}

TEST_F(BlockedPlayersTest, Bl2ATicketThatBlocksItsOwnMemberFitsNoTeam) {
  UseRules("2,2,1,2", kDifferentTeam);
  Add("p", {.age_ms = 3, .players = {"a", "b"}, .attributes = Blocking({"b"})});
  Add("c", {.age_ms = 2});
  Add("d", {.age_ms = 1});

  EXPECT_THAT(MakeMatches(), ElementsAre(Duel("c", "d")));
}

TEST_F(BlockedPlayersTest, Bl3ListsMayBeIgnored) {
  UseRules("2,2,2,2", kCanMatch);
  AddFour();

  EXPECT_THAT(MakeMatches(), ElementsAre(MatchOf({{"p", "c1"}, {"c2", "c3"}})));
}

TEST_F(BlockedPlayersTest, AListThatIsNoListOfTextsIsIgnored) {
  UseRules("2,2,1,1");
  Add("p", {.age_ms = 2, .players = {"p"}, .attributes = {{"blocked_players", "c"}}});
  Add("c", {.age_ms = 1, .players = {"c"}});

  EXPECT_THAT(MakeMatches(), SizeIs(1));
}

}  // namespace
}  // namespace muster::match::alliance
