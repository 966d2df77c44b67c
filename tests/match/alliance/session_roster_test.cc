#include "match/alliance/session_roster.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/match_driver.h"

namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Entries = std::vector<Object::Entry>;

Ticket Came(const std::string& id, const std::vector<std::string>& players,
            const Entries& attributes = {}) {
  Ticket ticket;
  ticket.id = id;
  for (const std::string& player : players) ticket.players.push_back({player, {}});
  ticket.attributes = Object(attributes);
  return ticket;
}

// The players of each party of a team, after the id of the ticket they came with.
std::vector<std::vector<std::string>> PartiesOf(const RosterTeam& team) {
  std::vector<std::vector<std::string>> parties;
  for (const RosterParty& party : team.parties) {
    std::vector<std::string>& names = parties.emplace_back();
    names.push_back(party.ticket == nullptr ? "" : party.ticket->id);
    for (const Player& player : party.players) names.push_back(player.id);
  }
  return parties;
}

class SessionRosterTest : public testing::Test {
 protected:
  std::vector<std::vector<std::string>> PartiesOfTeam(size_t team) const {
    return PartiesOf(SessionRoster(session_).teams().at(team));
  }

  BackfillTicket session_;
};

TEST_F(SessionRosterTest, PartiesComeInTheOrderOfTheTeamsPlayers) {
  session_.tickets = {Came("a", {"a1", "a2"}), Came("b-1", {"b1"})};
  session_.teams = {{"T1", {"b1", "x", "a1", "y", "a2"}}, {"T2", {}}};

  const SessionRoster roster(session_);

  EXPECT_THAT(PartiesOfTeam(0), ElementsAre(ElementsAre("b-1", "b1"), ElementsAre("", "x", "y"),
                                            ElementsAre("a", "a1", "a2")));
  EXPECT_THAT(PartiesOfTeam(1), IsEmpty());
  EXPECT_THAT(roster.Members(), SizeIs(5));
}

TEST_F(SessionRosterTest, OnlyPlayersThatATeamListsAreInIt) {
  session_.tickets = {Came("a", {"a1", "a2", "left"}), Came("gone", {"g"})};
  session_.teams = {{"T1", {"a1"}}, {"T2", {"a2"}}};

  const SessionRoster roster(session_);

  EXPECT_THAT(PartiesOfTeam(0), ElementsAre(ElementsAre("a", "a1")));
  EXPECT_THAT(PartiesOfTeam(1), ElementsAre(ElementsAre("a", "a2")));
  EXPECT_THAT(roster.ticket_ids(), ElementsAre("a"));
}

TEST_F(SessionRosterTest, SomebodyListedTwiceCountsOnceAndTheFirstTicketThatNamesHimCounts) {
  session_.tickets = {Came("b", {"p"}), Came("a", {"p", "q"})};
  session_.teams = {{"T1", {"p", "p", "x", "x"}}};

  EXPECT_THAT(PartiesOfTeam(0), ElementsAre(ElementsAre("b", "p"), ElementsAre("", "x")));
}

TEST_F(SessionRosterTest, WithoutTeamsEverybodyOfTheTicketsIsInTheSession) {
  session_.tickets = {Came("b", {"b1", "b2"}, {{"blocked_players", List{"x"}}}), Came("a", {"a1"})};

  const SessionRoster roster(session_);

  EXPECT_THAT(roster.teams(), IsEmpty());
  EXPECT_THAT(roster.Members(), SizeIs(3));
  EXPECT_THAT(roster.ticket_ids(), ElementsAre("a", "b"));
  EXPECT_EQ(roster.BlockedPlayers(), List{"x"});
}

TEST_F(SessionRosterTest, AMeanCountsAllPlayersOfTheTicketsAndNoOthers) {
  session_.tickets = {Came("a", {"a1", "left"}), Came("b", {"b1"})};
  session_.tickets[0].players[0].attributes.Set("mmr", 30);
  session_.tickets[0].players[1].attributes.Set("mmr", 60);
  session_.tickets[1].players[0].attributes.Set("mmr", "no number");
  session_.teams = {{"T1", {"a1", "b1", "external"}}};

  const SessionRoster roster(session_);

  EXPECT_EQ(roster.Mean("mmr"), 30);
  EXPECT_EQ(roster.Mean("skill"), 0);
  EXPECT_EQ(SessionRoster(BackfillTicket()).Mean("mmr"), 0);
}

TEST_F(SessionRosterTest, BlockedPlayersAreThoseOfTheSessionAndOfWhoIsInIt) {
  session_.attributes = Attributes({{"blocked_players", List{"x", 7, "y"}}});
  session_.tickets = {Came("a", {"a1"}, {{"blocked_players", List{"y", "z"}}}),
                      Came("gone", {"g"}, {{"blocked_players", List{"nobody"}}}),
                      Came("odd", {"o"}, {{"blocked_players", "text"}})};
  session_.teams = {{"T1", {"a1", "o"}}};

  EXPECT_EQ(SessionRoster(session_).BlockedPlayers(), (List{"x", "y", "z"}));
}

TEST_F(SessionRosterTest, CurrentPlatformsAreThoseOfTheSessionAndOfWhoIsInIt) {
  session_.attributes = Attributes({{"current_platform", "STEAM"}});
  session_.tickets = {Came("a", {"a1"}, {{"current_platform", List{"PSN", "STEAM", ""}}}),
                      Came("gone", {"g"}, {{"current_platform", "XBOX"}})};
  session_.teams = {{"T1", {"a1"}}};

  EXPECT_EQ(SessionRoster(session_).CurrentPlatforms(), (List{"STEAM", "PSN"}));
}

TEST_F(SessionRosterTest, AKnownRoleTakesThePlaceOfAPreference) {
  session_.tickets = {Came("a", {"p", "q"})};
  session_.tickets[0].players[0].attributes.Set("role", List{"tank", "dps"});
  session_.tickets[0].players[1].attributes.Set("role", "healer");
  session_.teams = {{"T1", {"p", "q"}}};
  session_.attributes = Attributes({{"roles", Attributes({{"p", "dps"}})}});

  const std::vector<Player> members = SessionRoster(session_).Members();

  EXPECT_EQ(*members[0].attributes.Find("role"), Value("dps"));
  EXPECT_EQ(*members[1].attributes.Find("role"), Value("healer"));
}

TEST_F(SessionRosterTest, TheFirstRegionIsTheOneItPlaysIn) {
  EXPECT_EQ(SessionRoster(session_).region(), "");

  session_.region_preferences = {"us", "eu"};

  EXPECT_EQ(SessionRoster(session_).region(), "us");
}

class ComparedAttributesTest : public SessionRosterTest {
 protected:
  Object Compared(const SessionLists& lists, bool sets_roles = false) const {
    return ComparedAttributes(rules_, sets_roles, session_, session_.attributes, lists);
  }

  Ruleset rules_;
};

TEST_F(ComparedAttributesTest, ListsTakeThePlaceOfTheSessionsOwn) {
  session_.attributes = Attributes({{"blocked_players", List{"old"}},
                                    {"current_platform", "STEAM"},
                                    {"roles", Object()},
                                    {"m", 1}});
  rules_.profile = Profile::kHosted;

  EXPECT_EQ(
      Compared({{"x"}, {"PSN"}}, true),
      Attributes({{"blocked_players", List{"x"}}, {"current_platform", List{"PSN"}}, {"m", 1}}));
  EXPECT_EQ(Compared({}), Attributes({{"roles", Object()}, {"m", 1}}));
}

TEST_F(ComparedAttributesTest, APlatformThatIsComparedLikeAnyAttributeStaysAsItIs) {
  session_.attributes = Attributes({{"current_platform", "STEAM"}});
  EXPECT_EQ(Compared({{}, {"PSN"}}), session_.attributes);

  rules_.options = {{"current_platform", OptionType::kDisable}};
  EXPECT_EQ(Compared({{}, {"PSN"}}), Attributes({{"current_platform", List{"PSN"}}}));
}

TEST_F(ComparedAttributesTest, ServerAndVersionOfTheSessionCountWhereTheAttributesAreSilent) {
  session_.attributes = Attributes({{"client_version", ""}});
  session_.server_name = "local";
  session_.client_version = "2";

  EXPECT_EQ(Compared({}), Attributes({{"client_version", ""}, {"server_name", "local"}}));
}

}  // namespace
}  // namespace muster::match::alliance
