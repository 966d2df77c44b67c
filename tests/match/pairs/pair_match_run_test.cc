#include "match/pairs/pair_match_run.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/pairs/pairs_logic.h"
#include "tests/support/match_driver.h"

namespace muster::match::pairs {
namespace {

using support::Attributes;
using support::MatchDriver;
using support::Party;
using support::Solo;
using support::TicketIds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kTwoTeamsOfTwo[] =
    R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":2,"player_max_number":2}})";

// The ticket ids of one match, in order.
template <typename... Ids>
auto MatchOf(Ids... ids) {
  return ElementsAre(ids...);
}

class PairMatchRunTest : public testing::Test {
 protected:
  void UseRules(std::string_view rules) {
    logic_ = MakePairsLogic(rules, LogicOptions()).value();
    run_ = std::make_unique<MatchDriver>(*logic_,
                                         RunContext{.now = {}, .id_seed = {1, 2}, .stop = {}});
  }
  std::optional<LeftOut> AddTicket(const Ticket& ticket) { return run_->Add(ticket); }
  std::optional<LeftOut> AddTicket(const std::string& id) { return AddTicket(Solo(id)); }
  void AddTicketAt(const std::string& id, std::vector<Latency> latencies) {
    Ticket ticket = Solo(id);
    ticket.latencies = std::move(latencies);
    AddTicket(ticket);
  }
  void AddTicketWith(const std::string& id, const Object& attributes) {
    Ticket ticket = Solo(id);
    ticket.attributes = attributes;
    AddTicket(ticket);
  }
  // The tickets of all matches so far.
  std::vector<TicketIds> Matched() const { return run_->matched(); }
  std::vector<TicketIds> MatchedAtTheEnd() {
    run_->Finish();
    return run_->matched();
  }
  const std::vector<Match>& Matches() const { return run_->matches(); }

 private:
  std::shared_ptr<const MatchLogic> logic_;
  std::unique_ptr<MatchDriver> run_;
};

TEST_F(PairMatchRunTest, MatchesTicketsInTheOrderTheyCame) {
  UseRules("{}");

  for (const char* id : {"alice", "bob", "carol", "dave"}) AddTicket(id);

  EXPECT_THAT(MatchedAtTheEnd(), ElementsAre(MatchOf("alice", "bob"), MatchOf("carol", "dave")));
}

TEST_F(PairMatchRunTest, MakesAMatchAsSoonAsTheMinimumWaits) {
  UseRules(R"({"shipCountMin":3,"shipCountMax":5})");
  AddTicket("alice");
  AddTicket("bob");
  EXPECT_THAT(Matched(), IsEmpty());

  AddTicket("carol");

  EXPECT_THAT(Matched(), ElementsAre(MatchOf("alice", "bob", "carol")));
}

TEST_F(PairMatchRunTest, TooFewTicketsMakeNoMatch) {
  UseRules(R"({"shipCountMin":3})");
  AddTicket("alice");
  AddTicket("bob");

  EXPECT_THAT(MatchedAtTheEnd(), IsEmpty());
}

TEST_F(PairMatchRunTest, NoTicketsMakeNoMatch) {
  UseRules("{}");

  EXPECT_THAT(MatchedAtTheEnd(), IsEmpty());
}

TEST_F(PairMatchRunTest, ALeftoverBelowTheMinimumIsNotMatched) {
  UseRules("{}");
  for (const char* id : {"alice", "bob", "carol"}) AddTicket(id);

  EXPECT_THAT(MatchedAtTheEnd(), ElementsAre(MatchOf("alice", "bob")));
}

TEST_F(PairMatchRunTest, FinishMakesNoSecondMatchOfMatchedTickets) {
  UseRules("{}");
  AddTicket("alice");
  AddTicket("bob");
  ASSERT_THAT(Matched(), SizeIs(1));

  EXPECT_THAT(MatchedAtTheEnd(), SizeIs(1));
}

// The Go template's own test: {0, 1} and four tickets give two matches.
TEST_F(PairMatchRunTest, FourTicketsUnderTheGoTemplatesRulesMakeTwoMatches) {
  UseRules(R"({"shipCountMin":0,"shipCountMax":1})");

  for (const char* id : {"a", "b", "c", "d"}) AddTicket(id);

  EXPECT_THAT(MatchedAtTheEnd(), SizeIs(2));
}

// The C# template's own test: 2/2 and two tickets give one team, two users, in order.
TEST_F(PairMatchRunTest, AMatchIsOneTeam) {
  UseRules(R"({"shipCountMin":2,"shipCountMax":2})");
  AddTicket("alice");
  AddTicket("bob");

  ASSERT_THAT(Matches(), SizeIs(1));
  EXPECT_THAT(Matches()[0].teams, ElementsAre(Field(&Team::tickets, ElementsAre(0u, 1u))));
}

TEST_F(PairMatchRunTest, AMinimumOfOneMatchesEachTicketAlone) {
  UseRules(R"({"alliance":{"min_number":0,"max_number":2}})");
  AddTicket("alice");
  AddTicket("bob");

  EXPECT_THAT(MatchedAtTheEnd(), ElementsAre(MatchOf("alice"), MatchOf("bob")));
}

TEST_F(PairMatchRunTest, AnEmptyRunUnderAMinimumOfOneMakesNoEmptyMatch) {
  UseRules(R"({"alliance":{"min_number":0,"max_number":2}})");

  EXPECT_THAT(MatchedAtTheEnd(), IsEmpty());
}

TEST_F(PairMatchRunTest, TheSizeIsCountedInTickets) {
  UseRules("{}");
  AddTicket(Party("trio", {"a", "b", "c"}));
  EXPECT_THAT(Matched(), IsEmpty());

  AddTicket("dave");

  EXPECT_THAT(Matched(), ElementsAre(MatchOf("trio", "dave")));
}

TEST_F(PairMatchRunTest, TeamIdIsAUuidWithoutHyphensAndNewForEachMatch) {
  UseRules("{}");
  for (const char* id : {"a", "b", "c", "d"}) AddTicket(id);

  ASSERT_THAT(Matches(), SizeIs(2));
  const std::string first = Matches()[0].teams[0].id;
  EXPECT_THAT(first, SizeIs(32));
  EXPECT_THAT(first, Not(testing::HasSubstr("-")));
  EXPECT_NE(first, Matches()[1].teams[0].id);
}

TEST_F(PairMatchRunTest, TheAssignmentAttributeNamesTheTeam) {
  UseRules("{}");
  AddTicket("alice");
  AddTicket("bob");

  ASSERT_THAT(Matches(), SizeIs(1));
  const Object assignment = Attributes({{"small-team-1", List{Matches()[0].teams[0].id}}});
  EXPECT_EQ(Matches()[0].attributes, Attributes({{"assignment", assignment}}));
}

TEST_F(PairMatchRunTest, BackfillIsAskedForOnlyByRulesThatLeaveRoom) {
  const auto backfill_under = [this](std::string_view rules) {
    UseRules(rules);
    for (const char* id : {"a", "b"}) AddTicket(id);
    return Matches().at(0).backfill;
  };

  EXPECT_TRUE(backfill_under(R"({"auto_backfill":true,"shipCountMax":3})"));
  EXPECT_FALSE(backfill_under(R"({"auto_backfill":false,"shipCountMax":3})"));
  EXPECT_FALSE(backfill_under(R"({"shipCountMax":3})"));
  EXPECT_FALSE(backfill_under(R"({"auto_backfill":true})"));
}

TEST_F(PairMatchRunTest, RegionsAreThoseInCommonBestWorstCaseFirst) {
  UseRules("{}");
  AddTicketAt("alice", {{"asia", 50}, {"eu", 20}, {"us", 100}});
  AddTicketAt("bob", {{"eu", 110}, {"us", 90}});

  ASSERT_THAT(Matches(), SizeIs(1));
  EXPECT_THAT(Matches()[0].region_preferences, ElementsAre("us", "eu"));
}

TEST_F(PairMatchRunTest, TicketsWithoutACommonRegionHaveNoPreferences) {
  UseRules("{}");
  AddTicketAt("alice", {{"eu", 20}});
  AddTicketAt("bob", {{"us", 20}});

  ASSERT_THAT(Matches(), SizeIs(1));
  EXPECT_THAT(Matches()[0].region_preferences, IsEmpty());
}

TEST_F(PairMatchRunTest, TicketsWithoutLatenciesGetTheDefaultRegions) {
  UseRules("{}");
  AddTicket("alice");
  AddTicket("bob");

  ASSERT_THAT(Matches(), SizeIs(1));
  EXPECT_THAT(Matches()[0].region_preferences, ElementsAre("us-east-2", "us-west-2"));
}

TEST_F(PairMatchRunTest, ServerAndVersionAreThoseThatAllTicketsName) {
  UseRules("{}");
  AddTicketWith("alice", Attributes({{"client_version", "1.0"}, {"server_name", "local"}}));
  AddTicketWith("bob", Attributes({{"client_version", "1.1"}, {"server_name", "local"}}));

  ASSERT_THAT(Matches(), SizeIs(1));
  EXPECT_EQ(Matches()[0].server_name, "local");
  EXPECT_EQ(Matches()[0].client_version, "");
}

TEST_F(PairMatchRunTest, NothingOfOneMatchReachesTheNext) {
  UseRules("{}");
  AddTicketAt("alice", {{"eu", 20}});
  AddTicketWith("bob", Attributes({{"server_name", "local"}}));
  AddTicketWith("carol", Attributes({{"server_name", "other"}}));
  AddTicketWith("dave", Attributes({{"server_name", "other"}}));

  ASSERT_THAT(Matches(), SizeIs(2));
  EXPECT_EQ(Matches()[1].server_name, "other");
  EXPECT_THAT(Matches()[1].region_preferences, ElementsAre("us-east-2", "us-west-2"));
}

TEST_F(PairMatchRunTest, APartyLargerThanATeamIsLeftOutAndItsIndexGoesToTheNext) {
  UseRules(kTwoTeamsOfTwo);
  EXPECT_EQ(AddTicket("alice"), std::nullopt);

  EXPECT_EQ(AddTicket(Party("trio", {"x", "y", "z"})), LeftOut::kTooLarge);

  for (const char* id : {"bob", "carol", "dave"}) EXPECT_EQ(AddTicket(id), std::nullopt);
  EXPECT_THAT(Matched(), ElementsAre(MatchOf("alice", "bob", "carol", "dave")));
}

TEST_F(PairMatchRunTest, APartyOfTheSizeOfATeamIsTaken) {
  UseRules(kTwoTeamsOfTwo);

  EXPECT_EQ(AddTicket(Party("duo", {"x", "y"})), std::nullopt);
}

TEST_F(PairMatchRunTest, WithoutAnAllianceAPartyMayHaveAnySize) {
  UseRules("{}");

  EXPECT_EQ(AddTicket(Party("many", {"a", "b", "c", "d", "e", "f", "g"})), std::nullopt);
}

TEST_F(PairMatchRunTest, ARunOutlivesTheLogicThatStartedIt) {
  std::shared_ptr<const MatchLogic> logic = MakePairsLogic("{}", LogicOptions()).value();
  MatchDriver run(*logic);
  logic.reset();

  run.Add(Solo("alice"));
  run.Add(Solo("bob"));

  EXPECT_THAT(run.matched(), SizeIs(1));
}

}  // namespace
}  // namespace muster::match::pairs
