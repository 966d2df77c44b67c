#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// The worked examples of team building and of placing tickets into sessions of the vendor's
// matcher.
namespace muster::match::alliance {
namespace {

using support::Attributes;
using testing::ElementsAre;
using testing::Optional;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// A ticket and its number of players.
struct Sized {
  const char* name;
  size_t players = 1;
};

// Tickets, oldest first, and the teams of the first match.
struct TeamsCase {
  const char* name;
  const char* alliance;
  std::vector<Sized> tickets;
  Teams teams;
};
std::ostream& operator<<(std::ostream& out, const TeamsCase& test_case) {
  return out << test_case.name;
}

const TeamsCase kTeamsCases[] = {
    {"EightCandidates",
     "2,2,2,4",
     {{"p"}, {"c1"}, {"c2"}, {"c3"}, {"c4"}, {"c5"}, {"c6"}, {"c7"}, {"c8"}},
     {{"p", "c1", "c4", "c5"}, {"c2", "c3", "c6", "c7"}}},
    {"FiveCandidates",
     "2,2,2,4",
     {{"p"}, {"c1"}, {"c2"}, {"c3"}, {"c4"}, {"c5"}},
     {{"p", "c1", "c4", "c5"}, {"c2", "c3"}}},
    {"AThirdTeam",
     "2,3,2,3",
     {{"p"}, {"c1"}, {"c2"}, {"c3"}, {"c4"}, {"c5"}, {"c6"}, {"c7"}},
     {{"p", "c1", "c4"}, {"c2", "c3", "c5"}, {"c6", "c7"}}},
    {"UpToFourTeams",
     "1,4,1,2",
     {{"p"}, {"c1"}, {"c2"}, {"c3"}, {"c4"}},
     {{"p", "c1"}, {"c2", "c3"}, {"c4"}}},
    {"NoTeamBelowTheMinimum",
     "1,4,2,2",
     {{"p"}, {"c1"}, {"c2"}, {"c3"}, {"c4"}},
     {{"p", "c1"}, {"c2", "c3"}}},
    {"DuosAndSolos", "2,2,3,3", {{"p", 2}, {"b", 2}, {"c"}, {"d"}}, {{"p", "c"}, {"b", "d"}}},
    {"OneTeamOfBoth", "1,2,3,5", {{"p", 2}, {"b", 3}}, {{"p", "b"}}},
    {"SmallPartiesFirst", "2,2,2,4", {{"p", 3}, {"b", 3}, {"c", 2}, {"d"}}, {{"c", "d"}, {"p"}}},
    {"ThreeTeams", "1,3,2,3", {{"p", 2}, {"b", 2}, {"c", 2}, {"d"}}, {{"p", "d"}, {"b"}, {"c"}}},
    // Q23: the pivot is too large for any team; the others match on their own account.
    {"Q23AnOversizedPivotIsLeftOut", "2,2,1,2", {{"p", 3}, {"b"}, {"c"}}, {{"b"}, {"c"}}},
};

class TeamsExamplesTest : public AllianceTableTest<TeamsCase> {
 protected:
  void AddTickets() {
    int64_t age_ms = 1000;
    for (const Sized& ticket : GetParam().tickets) {
      Add(ticket.name, {.age_ms = age_ms--, .size = ticket.players});
    }
  }
};

TEST_P(TeamsExamplesTest, HoldLiterally) {
  UseRules(GetParam().alliance);
  AddTickets();

  EXPECT_THAT(MakeMatches(), ElementsAre(GetParam().teams));
}

INSTANTIATE_TEST_SUITE_P(Cases, TeamsExamplesTest, testing::ValuesIn(kTeamsCases));

class WorkedExamplesTest : public AllianceTest {};

// The filling order puts both solos first and finds no teams; packing does.
TEST_F(WorkedExamplesTest, Q26TeamsThatTheFillingOrderMissesAreFound) {
  UseRules("2,2,3,3");
  Add("p", {.age_ms = 4});
  Add("b", {.age_ms = 3});
  Add("c", {.age_ms = 2, .size = 2});
  Add("d", {.age_ms = 1, .size = 2});

  const std::vector<Teams> matches = MakeMatches();

  ASSERT_THAT(matches, SizeIs(1));
  EXPECT_THAT(
      matches.front(),
      testing::AnyOf(
          UnorderedElementsAre(UnorderedElementsAre("p", "c"), UnorderedElementsAre("b", "d")),
          UnorderedElementsAre(UnorderedElementsAre("p", "d"), UnorderedElementsAre("b", "c"))));
}

TEST_F(WorkedExamplesTest, Q23TheRunRefusesAnOversizedTicket) {
  UseRules("2,2,1,2");
  Add("p", {.size = 3});

  MakeMatches();

  EXPECT_TRUE(WasLeftOut("p"));
}

// x goes to the smallest team; y fits neither, so it opens a third; z goes to the first of three
// equal teams, w to the second.
TEST_F(WorkedExamplesTest, CandidatesJoinTheSmallestTeamThatHasRoom) {
  UseRules("2,3,1,3");
  AddSession("s", {.teams = {{"a", "b"}, {"c"}}});
  Add("x", {.age_ms = 4});
  Add("y", {.age_ms = 3, .size = 2});
  Add("z", {.age_ms = 2});
  Add("w", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(),
              ElementsAre(Joining{"s", {{"T1", {"z"}}, {"T2", {"x", "w"}}, {"new1", {"y"}}}}));
}

// Q47: after the first ticket the mean is 103.33, and the second is 13.33 away from it.
TEST_F(WorkedExamplesTest, Q47TheNextCandidateIsComparedWithTheNewMean) {
  UseRules("1,1,1,5", MmrWithin(10));
  AddSession("s", {.teams = {{"known", "external"}},
                   .tickets = {MakeTicket("k", {.players = {"known"}, .ratings = {100}})}});
  Add("older", {.age_ms = 2, .ratings = {110}});
  Add("younger", {.age_ms = 1, .ratings = {90}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"older"}}}}));
  const Object attributes = OnlyProposal().attributes;
  const Value* means = attributes.Find("member_attributes");
  ASSERT_TRUE(means != nullptr && means->object() != nullptr);
  const Value* mmr = means->object()->Find("mmr");
  ASSERT_TRUE(mmr != nullptr && mmr->number() != nullptr);
  EXPECT_DOUBLE_EQ(*mmr->number(), (2 * 100 + 110) / 3.0);
}

}  // namespace
}  // namespace muster::match::alliance
