#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// The vendor's vectors of backfill (BF1 to BF8) and the rules of choosing (BC) and placing tickets.
// BF9 and BF10 speak of party ids on the wire, which the edge echoes.
namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Entries = std::vector<Object::Entry>;
using Texts = std::multiset<std::string>;

class BackfillVectorsTest : public AllianceTest {
 protected:
  void AddWith(const std::string& name, const Entries& attributes) {
    Add(name, {.attributes = attributes});
  }
  // BF4: two teams of three, of whom two came without a ticket.
  void AddTwoTeamsOfThree() {
    AddSession("s", {.teams = {{"A1", "A2", "A3"}, {"B1", "ext1", "ext2"}},
                     .tickets = {MakeTicket("A", {.size = 3, .ratings = {10, 10, 10}}),
                                 MakeTicket("B", {.ratings = {10}})}});
  }
  // A session of one player with room for many, and these attributes.
  void AddRoomySession(const Entries& attributes, const std::string& more = "",
                       const std::string& region = "") {
    UseRules("1,1,1,9", more);
    AddSession("s", {.teams = {{"a"}}, .attributes = attributes, .region = region});
  }
  // The tickets that join the first team, in order.
  std::vector<std::string> Joined() {
    std::vector<Joining> proposals = MakeProposals();
    return proposals.empty() ? std::vector<std::string>() : proposals.front().added["T1"];
  }
};

TEST_F(BackfillVectorsTest, Bf1WithoutSessionsNothingIsProposed) {
  UseRules("1,2,1,1", MmrWithin(100));
  Add("playerB");

  EXPECT_THAT(MakeProposals(), IsEmpty());
}

TEST_F(BackfillVectorsTest, Bi2WithoutTicketsNothingIsProposed) {
  UseRules("1,2,1,1", MmrWithin(100));
  AddSession("s", {.teams = {{"a"}}});

  EXPECT_THAT(MakeProposals(), IsEmpty());
}

TEST_F(BackfillVectorsTest, Bf2ATicketOpensANewTeam) {
  UseRules("1,2,1,1", MmrWithin(100));
  AddSession("s", {.teams = {{"A1"}}, .tickets = {MakeTicket("A", {.ratings = {10}})}});
  Add("B", {.ratings = {10}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"new1", {"B"}}}}));
}

TEST_F(BackfillVectorsTest, Bf3TheSmallerTeamIsFilledAndAFullSessionTakesNoMore) {
  UseRules("2,2,1,3");
  AddSession("s", {.teams = {{"A1", "A2", "A3"}, {"B1"}},
                   .tickets = {MakeTicket("A", {.size = 3}), MakeTicket("B", {})}});
  Add("C", {.age_ms = 3});
  Add("D", {.age_ms = 2});
  Add("E", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"C", "D"}}}}));
}

TEST_F(BackfillVectorsTest, Bf4ExternalPlayersCountForTheSizeOfATeam) {
  UseRules("2,2,2,4");
  AddTwoTeamsOfThree();
  Add("C", {.age_ms = 2});
  Add("D", {.age_ms = 1});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"C"}}, {"T2", {"D"}}}}));
}

TEST_F(BackfillVectorsTest, Bf5TheNearerRatingGoesFirst) {
  UseRules("2,2,2,4", MmrWithin(100));
  AddTwoTeamsOfThree();
  Add("C", {.age_ms = 2, .ratings = {100}});
  Add("D", {.age_ms = 1, .ratings = {10}});

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T1", {"D"}}, {"T2", {"C"}}}}));
}

TEST_F(BackfillVectorsTest, Bf6ATicketGoesToTheFirstSessionOnly) {
  UseRules("1,2,1,1");
  AddSession("s1", {.teams = {{"a"}}});
  AddSession("s2", {.teams = {{"b"}}});
  Add("t");

  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s1", {{"new1", {"t"}}}}));
}

TEST_F(BackfillVectorsTest, Bf7WithoutKnownPlayersTheMeanIsZero) {
  UseRules("1,2,1,1", MmrWithin(100));
  const SessionSpec session{.teams = {{"playerA"}, {}},
                            .tickets = {MakeTicket("empty", {.size = 0})}};
  AddSession("s", session);
  Add("B", {.ratings = {10}});
  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"B"}}}}));

  Clear();
  AddSession("s", session);
  Add("C", {.ratings = {500}});
  EXPECT_THAT(MakeProposals(), IsEmpty());
}

TEST_F(BackfillVectorsTest, Bf8ATicketKeepsOutOfTheSessionsItExcludes) {
  UseRules("1,2,1,1");
  const SessionSpec session{.teams = {{"playerA"}, {}}, .team_ids = {"", ""}};
  AddSession("s", session);
  Add("B", {.excluded_sessions = {"s-session"}});
  EXPECT_THAT(MakeProposals(), IsEmpty());

  Clear();
  AddSession("s", session);
  Add("B", {.excluded_sessions = {}});
  EXPECT_THAT(MakeProposals(), ElementsAre(Joining{"s", {{"T2", {"B"}}}}));
}

TEST_F(BackfillVectorsTest, Bi1TicketsForNewSessionsOnlyAreDropped) {
  AddRoomySession({});
  AddWith("yes", {{"new_session_only", true}});
  AddWith("yes-as-text", {{"new_session_only", "True"}});
  AddWith("no", {{"new_session_only", false}});
  AddWith("no-as-text", {{"new_session_only", "no"}});

  EXPECT_THAT(Joined(), ElementsAre("no", "no-as-text"));
}

TEST_F(BackfillVectorsTest, Bc2TheRulesFlexByTheAgeOfTheSession) {
  const auto joins_at = [this](int64_t session_age_ms, int64_t ticket_age_ms) {
    UseRules("1,2,1,1", MmrWithin(10) + R"(,"flexing_rule":[)" +
                            DistanceRule("mmr", 20, R"(,"duration":10)") + "]");
    AddSession("s", {.age_ms = session_age_ms,
                     .teams = {{"a1"}},
                     .tickets = {MakeTicket("a", {.ratings = {0}})}});
    Add("t", {.age_ms = ticket_age_ms, .ratings = {20}});
    return MakeProposals().size() == 1;
  };

  EXPECT_TRUE(joins_at(10'001, 10'001));
  EXPECT_FALSE(joins_at(10'000, 10'001));
  EXPECT_FALSE(joins_at(10'001, 10'000));
}

TEST_F(BackfillVectorsTest, Bc2TheAllianceFlexesByTheAgeOfTheSession) {
  const auto joins_at = [this](int64_t age_ms) {
    UseRules("1,1,1,1", R"("alliance_flexing_rule":[{"duration":10,"min_number":1,)"
                        R"("max_number":1,"player_min_number":1,"player_max_number":2}])");
    AddSession("s", {.age_ms = age_ms, .teams = {{"a"}}});
    Add("t");
    return MakeProposals().size() == 1;
  };

  EXPECT_TRUE(joins_at(10'001));
  EXPECT_FALSE(joins_at(10'000));
}

TEST_F(BackfillVectorsTest, Bc3ATicketOfTheSessionOrWithAPlayerOfItIsPassedOver) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a1", "ext"}}, .tickets = {MakeTicket("a", {})}});
  Add("a", {.players = {"somebody"}});
  Add("again", {.players = {"a1"}});
  Add("ext-again", {.players = {"ext"}});
  Add("other");

  EXPECT_THAT(Joined(), ElementsAre("other"));
}

TEST_F(BackfillVectorsTest, Bc3ATicketJoinsASessionWithinItsReachOnly) {
  AddRoomySession({}, R"("region_latency_max_ms":200)", "us");
  Add("near", {.latencies = {{"us", 50}}});
  Add("not-there", {.latencies = {{"eu", 50}}});
  Add("better-elsewhere", {.latencies = {{"eu", 50}, {"us", 60}}});
  Add("better-elsewhere-but-old", {.age_ms = 6000, .latencies = {{"eu", 50}, {"us", 60}}});
  Add("nowhere");

  EXPECT_THAT(Joined(), ElementsAre("near", "better-elsewhere-but-old"));
}

TEST_F(BackfillVectorsTest, Bc3AttributesOfTheSessionMustBeOnTheTicket) {
  AddRoomySession({{"m", 1}, {"server_name", "local"}, {"client_version", ""}});
  AddWith("same", {{"m", 1}, {"server_name", "local"}});
  AddWith("no-m", {{"server_name", "local"}});
  AddWith("no-server", {{"m", 1}});
  AddWith("versioned", {{"m", 1}, {"server_name", "local"}, {"client_version", "2"}});

  EXPECT_THAT(Joined(), ElementsAre("same"));
}

TEST_F(BackfillVectorsTest, Bc3BlockedPlayersStayApart) {
  UseRules("1,1,1,9");
  AddSession("s", {.teams = {{"a"}}, .attributes = {{"blocked_players", List{"enemy"}}}});
  Add("enemy", {.players = {"enemy"}});
  AddWith("foe", {{"blocked_players", List{"a"}}});
  AddWith("first", {{"blocked_players", List{"second"}}});
  Add("second", {.players = {"second"}});

  EXPECT_THAT(Joined(), ElementsAre("first"));
}

TEST_F(BackfillVectorsTest, Bc4TheBestLatencyGoesFirst) {
  AddRoomySession({}, "", "us");
  Add("b", {.age_ms = 3, .latencies = {{"us", 60}}});
  Add("c", {.age_ms = 2, .latencies = {{"us", 70}}});
  Add("a", {.age_ms = 1, .latencies = {{"us", 50}}});

  EXPECT_THAT(Joined(), ElementsAre("a", "b", "c"));
}

TEST_F(BackfillVectorsTest, Bc4WithoutARegionTheOldestGoesFirst) {
  AddRoomySession({});
  Add("c", {.age_ms = 1});
  Add("a", {.age_ms = 3});
  Add("b", {.age_ms = 2});
  Add("first", {.age_ms = 0, .priority = 1});

  EXPECT_THAT(Joined(), ElementsAre("first", "a", "b", "c"));
}

TEST_F(BackfillVectorsTest, AnyLeavesTheValuesThatAllShare) {
  AddRoomySession({{"maps", List{"x", "y"}}}, Option("maps", "any"));
  AddWith("x", {{"maps", List{"x", "z"}}});
  AddWith("y", {{"maps", List{"y"}}});
  AddWith("none", {});

  EXPECT_THAT(Joined(), ElementsAre("x"));
  EXPECT_EQ(TextsOf(OnlyProposal().attributes.Find("maps")), Texts({"x"}));
}

TEST_F(BackfillVectorsTest, AllAsksForTheSameValues) {
  AddRoomySession({{"maps", List{"x", "y"}}}, Option("maps", "all"));
  AddWith("same", {{"maps", List{"y", "x"}}});
  AddWith("more", {{"maps", List{"x", "y", "z"}}});
  AddWith("less", {{"maps", List{"x"}}});

  EXPECT_THAT(Joined(), ElementsAre("same"));
}

TEST_F(BackfillVectorsTest, UniqueAddsUpTheValues) {
  AddRoomySession({{"maps", List{"x"}}}, Option("maps", "unique"));
  AddWith("y", {{"maps", List{"y"}}});
  AddWith("x", {{"maps", List{"x"}}});
  AddWith("y-too", {{"maps", List{"y"}}});

  EXPECT_THAT(Joined(), ElementsAre("y"));
  EXPECT_EQ(TextsOf(OnlyProposal().attributes.Find("maps")), Texts({"x", "y"}));
}

TEST_F(BackfillVectorsTest, AScalarThatLeavesOneValueStaysAScalar) {
  AddRoomySession({{"maps", "x"}}, Option("maps", "any"));
  AddWith("t", {{"maps", List{"x", "y"}}});

  const BackfillProposal proposal = OnlyProposal();

  const Value* maps = proposal.attributes.Find("maps");
  ASSERT_TRUE(maps != nullptr);
  EXPECT_EQ(*maps, Value("x"));
}

TEST_F(BackfillVectorsTest, TheSessionsAttributesAreKept) {
  AddRoomySession({{"m", 1}});
  AddWith("t", {{"m", 1}, {"n", 2}});

  const BackfillProposal proposal = OnlyProposal();

  const Value* m = proposal.attributes.Find("m");
  ASSERT_TRUE(m != nullptr);
  EXPECT_EQ(*m, Value(1));
}

}  // namespace
}  // namespace muster::match::alliance
