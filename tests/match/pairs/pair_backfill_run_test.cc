#include "match/pairs/pair_backfill_run.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/pairs/pairs_logic.h"
#include "tests/support/match_driver.h"

namespace muster::match::pairs {
namespace {

using support::Attributes;
using support::BackfillDriver;
using support::Party;
using support::Solo;
using support::TicketIds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pointee;
using testing::SizeIs;

constexpr base::Timestamp kNow(std::chrono::milliseconds(1'700'000'000'123));
constexpr char kTwoTeamsOfTwo[] =
    R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,"player_max_number":2}})";

// A session `NAME-session` that asks for players by the backfill ticket NAME. Each team is the list
// of its users; team ids are NAME-0, NAME-1 and so on.
BackfillTicket Session(const std::string& name,
                       const std::vector<std::vector<std::string>>& teams = {{"host"}}) {
  BackfillTicket backfill;
  backfill.id = name;
  backfill.session_id = name + "-session";
  for (const std::vector<std::string>& users : teams) {
    backfill.teams.push_back({name + "-" + std::to_string(backfill.teams.size()), users});
  }
  return backfill;
}

Ticket SoloWithout(const std::string& name, const std::vector<std::string>& sessions) {
  Ticket ticket = Solo(name);
  for (const std::string& session : sessions) {
    ticket.excluded_sessions.push_back(session + "-session");
  }
  return ticket;
}

// A backfill ticket and the tickets that join its session.
template <typename... Ids>
auto Placed(const char* backfill, Ids... ids) {
  return ElementsAre(backfill, ids...);
}

class PairBackfillRunTest : public testing::Test {
 protected:
  PairBackfillRunTest() { UseRules("{}"); }

  void UseRules(std::string_view rules) {
    logic_ = MakePairsLogic(rules, LogicOptions()).value();
    run_ = std::make_unique<BackfillDriver>(*logic_,
                                            RunContext{.now = kNow, .id_seed = {1, 2}, .stop = {}});
  }
  std::optional<LeftOut> AddTicket(const Ticket& ticket) { return run_->Add(ticket); }
  std::optional<LeftOut> AddTicket(const std::string& id) { return AddTicket(Solo(id)); }
  void AddSession(const BackfillTicket& session) { run_->Add(session); }
  void AddSession(const std::string& name) { AddSession(Session(name)); }
  std::vector<TicketIds> AllPlaced() {
    run_->Finish();
    return run_->placed();
  }
  // The one proposal of the run.
  const BackfillProposal& TheProposal() {
    EXPECT_THAT(run_->proposals(), SizeIs(1));
    return run_->proposals().at(0);
  }
  const std::vector<BackfillProposal>& Proposals() const { return run_->proposals(); }

 private:
  std::shared_ptr<const MatchLogic> logic_;
  std::unique_ptr<BackfillDriver> run_;
};

TEST_F(PairBackfillRunTest, OneSessionAndOneTicketMakeOneProposal) {
  AddSession("s1");
  AddTicket("alice");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, TheOrderOfTheTwoKindsDoesNotMatter) {
  AddTicket("alice");
  AddSession("s1");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, TicketsAloneMakeNoProposal) {
  AddTicket("alice");
  AddTicket("bob");

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, SessionsAloneMakeNoProposal) {
  AddSession("s1");
  AddSession("s2");

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, EachSessionGetsAtMostOneProposal) {
  AddSession("s1");
  for (const char* id : {"alice", "bob", "carol"}) AddTicket(id);

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, EachTicketGetsAtMostOnePlace) {
  AddTicket("alice");
  for (const char* name : {"s1", "s2", "s3"}) AddSession(name);

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, TwoSessionsAndThreeTicketsMakeTwoProposalsWithIdsOfTheirOwn) {
  for (const char* id : {"alice", "bob", "carol"}) AddTicket(id);
  AddSession("s1");
  AddSession("s2");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice"), Placed("s2", "bob")));
  EXPECT_NE(Proposals()[0].id, Proposals()[1].id);
}

TEST_F(PairBackfillRunTest, FirstComeFirstServedOnBothSides) {
  AddSession("s1");
  AddSession("s2");
  for (const char* id : {"alice", "bob", "carol", "dave"}) AddTicket(id);
  AddSession("s3");

  EXPECT_THAT(AllPlaced(),
              ElementsAre(Placed("s1", "alice"), Placed("s2", "bob"), Placed("s3", "carol")));
}

TEST_F(PairBackfillRunTest, ATicketDoesNotJoinASessionThatItExcludes) {
  AddSession("s1");
  AddTicket(SoloWithout("alice", {"s3", "s1", "s2"}));

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, AnExclusionKeepsTheTicketForTheNextSession) {
  AddSession("s1");
  AddTicket(SoloWithout("alice", {"s1"}));
  AddSession("s2");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s2", "alice")));
}

TEST_F(PairBackfillRunTest, AnExclusionKeepsTheSessionForTheNextTicket) {
  AddTicket(SoloWithout("alice", {"s1"}));
  AddSession("s1");
  AddTicket("bob");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "bob")));
}

TEST_F(PairBackfillRunTest, APlayerWhoIsInTheSessionDoesNotJoinItAgain) {
  AddSession(Session("s1", {{"x"}, {"bob", "y"}}));

  AddTicket(Party("duo", {"alice", "bob"}));

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, APlayerOfTheSessionsTicketsDoesNotJoinItAgain) {
  BackfillTicket session = Session("s1", {});
  session.tickets = {Party("made-of", {"bob"})};
  AddSession(session);

  AddTicket(Party("duo", {"alice", "bob"}));

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, WithoutAnAllianceThereIsAlwaysRoomForANewTeam) {
  AddSession(Session("s1", {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}));
  AddTicket(Party("trio", {"x", "y", "z"}));

  ASSERT_THAT(AllPlaced(), ElementsAre(Placed("s1", "trio")));
  EXPECT_EQ(TheProposal().additions[0].team, TeamAddition::kNewTeam);
}

TEST_F(PairBackfillRunTest, WithAnAllianceNewTeamsComeFirst) {
  UseRules(kTwoTeamsOfTwo);
  AddSession(Session("s1", {{"a"}}));
  AddTicket("alice");

  EXPECT_EQ(TheProposal().additions[0].team, TeamAddition::kNewTeam);
}

TEST_F(PairBackfillRunTest, PastTheLastNewTeamTheEmptiestTeamIsJoined) {
  UseRules(kTwoTeamsOfTwo);
  AddSession(Session("s1", {{"a", "b"}, {"c"}}));
  AddTicket("alice");

  EXPECT_EQ(TheProposal().additions[0].team, 1u);
  EXPECT_EQ(TheProposal().additions[0].new_team_id, "");
}

TEST_F(PairBackfillRunTest, AFullSessionGetsNobody) {
  UseRules(kTwoTeamsOfTwo);
  AddSession(Session("s1", {{"a", "b"}, {"c", "d"}}));
  AddTicket("alice");

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, AFullSessionDoesNotKeepATicketFromTheNext) {
  UseRules(kTwoTeamsOfTwo);
  AddSession(Session("s1", {{"a", "b"}, {"c", "d"}}));
  AddTicket("alice");
  AddSession(Session("s2", {{"e"}, {"f"}}));

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s2", "alice")));
}

TEST_F(PairBackfillRunTest, FullSessionsInFrontCostNobodyAPlace) {
  constexpr int kSessions = 1000;
  UseRules(kTwoTeamsOfTwo);
  for (int i = 0; i < kSessions; ++i) {
    AddSession(Session(base::StrCat("full", i), {{"a", "b"}, {"c", "d"}}));
  }
  for (int i = 0; i < kSessions; ++i) AddSession(base::StrCat("open", i));

  for (int i = 0; i < kSessions; ++i) AddTicket(base::StrCat("player", i));

  EXPECT_THAT(AllPlaced(), testing::SizeIs(kSessions));
}

TEST_F(PairBackfillRunTest, APartyIsNeverSplitOverTeams) {
  UseRules(kTwoTeamsOfTwo);
  AddSession(Session("s1", {{"a"}, {"b"}}));
  AddTicket(Party("duo", {"x", "y"}));
  AddTicket("alice");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, PlayersOutsideTheTeamsTakeRoomToo) {
  UseRules(kTwoTeamsOfTwo);
  BackfillTicket session = Session("s1", {{"a"}});
  session.tickets = {Party("made-of", {"a", "b", "c", "d"})};
  AddSession(session);
  AddTicket("alice");

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, TheShipCountGivesMoreTeams) {
  UseRules(R"({"shipCountMin":2,"alliance":{"min_number":1,"player_min_number":1}})");
  AddSession(Session("s1", {{"a"}}));
  AddSession(Session("s2", {{"b"}, {"c"}}));
  AddTicket("alice");
  AddTicket("bob");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, APartyLargerThanATeamIsLeftOutAndItsIndexGoesToTheNext) {
  UseRules(kTwoTeamsOfTwo);
  EXPECT_EQ(AddTicket(Party("trio", {"x", "y", "z"})), LeftOut::kTooLarge);
  EXPECT_EQ(AddTicket("alice"), std::nullopt);

  AddSession(Session("s1", {{"a"}}));

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s1", "alice")));
}

TEST_F(PairBackfillRunTest, AProposalCarriesIdsTimeAndOneAddition) {
  AddSession("s1");
  AddTicket("alice");

  const BackfillProposal& proposal = TheProposal();
  EXPECT_THAT(proposal.id, SizeIs(32));
  EXPECT_EQ(proposal.created_at, kNow);
  EXPECT_THAT(proposal.additions,
              ElementsAre(testing::AllOf(Field(&TeamAddition::new_team_id, SizeIs(32)),
                                         Field(&TeamAddition::tickets, ElementsAre(0u)))));
}

TEST_F(PairBackfillRunTest, AttributesAreCarriedOverWithAGeneratedId) {
  BackfillTicket session = Session("s1");
  session.attributes = Attributes({{"map", "harbour"}, {"generatedID", "old"}});
  AddSession(session);
  AddTicket("alice");

  const Object& attributes = TheProposal().attributes;
  EXPECT_THAT(attributes.Find("map"), Pointee(Value("harbour")));
  ASSERT_NE(attributes.Find("generatedID"), nullptr);
  EXPECT_THAT(attributes.Find("generatedID")->text(), Pointee(SizeIs(32)));
  EXPECT_EQ(attributes.size(), 2u);
}

TEST_F(PairBackfillRunTest, AllIdsOfAProposalDiffer) {
  AddSession("s1");
  AddTicket("alice");

  const BackfillProposal& proposal = TheProposal();
  const std::string& generated = *proposal.attributes.Find("generatedID")->text();
  EXPECT_NE(proposal.id, proposal.additions[0].new_team_id);
  EXPECT_NE(proposal.id, generated);
  EXPECT_NE(proposal.additions[0].new_team_id, generated);
}

// Every look at a pair that does not fit is paid for by a ticket that came, kLooksPerTicket each.
// Once they are used up, a willing ticket behind 200 unwilling ones is not reached.
TEST_F(PairBackfillRunTest, LooksAreCountedAndRunOut) {
  for (int i = 0; i < 200; ++i) AddTicket(SoloWithout(std::to_string(i), {"s"}));
  for (int i = 0; i < 200; ++i) AddSession("s");

  AddTicket(SoloWithout("behind", {"s"}));
  BackfillTicket picky = Session("picky");
  for (int i = 0; i < 200; ++i)
    picky.tickets.push_back(Party("made-of", {std::to_string(i) + "-player"}));
  AddSession(picky);

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

TEST_F(PairBackfillRunTest, WhileLooksLastAWillingTicketIsReached) {
  for (int i = 0; i < 200; ++i) AddTicket(SoloWithout(std::to_string(i), {"s"}));
  AddTicket("willing");

  AddSession("s");

  EXPECT_THAT(AllPlaced(), ElementsAre(Placed("s", "willing")));
}

// Without the bound on looks this is 10,000,000,000 of them: it would not end within the time
// limit.
TEST_F(PairBackfillRunTest, AHundredThousandTicketsThatExcludeAsManySessionsEnd) {
  constexpr int kCount = 100'000;

  for (int i = 0; i < kCount; ++i) AddTicket(SoloWithout(std::to_string(i), {"s"}));
  for (int i = 0; i < kCount; ++i) AddSession("s");

  EXPECT_THAT(AllPlaced(), IsEmpty());
}

}  // namespace
}  // namespace muster::match::pairs
