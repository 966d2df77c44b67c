#include "match/alliance/ticket_pool.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/match/alliance/pool_fixture.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TicketPoolTest : public testing::Test, protected PoolFixture {
 protected:
  std::vector<std::string> Names(std::span<const RegionLatency> latencies) const {
    std::vector<std::string> names;
    for (const RegionLatency& each : latencies) names.push_back(pool_->RegionName(each.region));
    return names;
  }
};

TEST_F(TicketPoolTest, TicketsAreNumberedAsTheyCome) {
  EXPECT_EQ(Add(), 0U);
  EXPECT_EQ(Add(), 1U);
  EXPECT_EQ(pool_->size(), 2U);
}

TEST_F(TicketPoolTest, AgesAreExactToTheMillisecond) {
  EXPECT_EQ((*pool_)[Add({.age_ms = 1499})].age_ms, 1499);
  EXPECT_EQ((*pool_)[Add({.age_ms = -3})].age_ms, -3);
}

TEST_F(TicketPoolTest, ATicketThatDoesNotSayWhenItCameIsAsOldAsTheEpoch) {
  Ticket ticket;
  ticket.players = {{"a", {}}};

  EXPECT_EQ((*pool_)[pool_->Add(ticket)].age_ms, kNow.time_since_epoch().count());
}

TEST_F(TicketPoolTest, KeepsWhatAppliesAtTheAgeOfTheTicket) {
  UseRules("2,2,1,1", MmrRule(10, R"(},{"attribute":"x","criteria":"distance","reference":1)") +
                          R"(,"flexing_rule":[{"attribute":"mmr","criteria":"distance",)"
                          R"("reference":20,"duration":10}])");

  EXPECT_EQ((*pool_)[Add({.age_ms = 10'000, .priority = 3})].stage, 0);
  EXPECT_EQ((*pool_)[Add({.age_ms = 10'001})].stage, 1);
  EXPECT_EQ((*pool_)[0].priority, 3);
}

TEST_F(TicketPoolTest, MeansCountWhatIsMissingOrNotFiniteAsZero) {
  UseRules("2,2,1,5", MmrRule(10, R"(},{"attribute":"skill","criteria":"distance")"));
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();

  EXPECT_EQ(pool_->Mean(Add({.ratings = {100}, .players = {"a", "b"}}), 0), 50);
  EXPECT_EQ(pool_->Mean(Add({.ratings = {infinity, 30, 60}}), 0), 30);
  EXPECT_EQ(pool_->Mean(Add({.ratings = {largest, largest}}), 0), 0);
  EXPECT_EQ(pool_->Mean(Add({.ratings = {7}}), 1), 0);
  pool_->SetMean(1, 1, 4);
  EXPECT_EQ(pool_->Mean(1, 1), 4);
  EXPECT_EQ(pool_->Mean(1, 0), 30);
}

TEST_F(TicketPoolTest, LatenciesAscendThenByName) {
  const Slot slot = Add({.latencies = {{"us", 70}, {"eu", 20}, {"ap", 70}, {"af", 71}}});

  EXPECT_THAT(Names(pool_->Latencies(slot)), ElementsAre("eu", "ap", "us", "af"));
  EXPECT_THAT(Names(pool_->AcceptedRegions(slot)), ElementsAre("eu"));
  EXPECT_EQ((*pool_)[slot].latency_count, 4);
  EXPECT_EQ((*pool_)[slot].accepted_regions, 1);
}

TEST_F(TicketPoolTest, AcceptsMoreRegionsAsItWaitsUpToTheCap) {
  UseRules("2,2,1,1", R"("region_latency_max_ms":100)");
  const std::vector<Latency> latencies = {{"ap", 101}, {"eu", 20}, {"us", 70}};

  EXPECT_THAT(Names(pool_->AcceptedRegions(Add({.age_ms = 5000, .latencies = latencies}))),
              ElementsAre("eu"));
  EXPECT_THAT(Names(pool_->AcceptedRegions(Add({.age_ms = 5001, .latencies = latencies}))),
              ElementsAre("eu", "us"));
  EXPECT_THAT(Names(pool_->AcceptedRegions(Add({.age_ms = 60'000, .latencies = latencies}))),
              ElementsAre("eu", "us"));
  EXPECT_THAT(pool_->AcceptedRegions(Add({.latencies = {{"ap", 101}}})), IsEmpty());
}

TEST_F(TicketPoolTest, KnowsTheRegionsThatAnyTicketNamed) {
  Add({.latencies = {{"eu", 1}}});
  Add({.latencies = {{"eu", 1}, {"us", 1}}});

  EXPECT_EQ(pool_->region_count(), 2U);
  EXPECT_EQ(pool_->RegionName(pool_->FindRegion("us")), "us");
  EXPECT_EQ(pool_->FindRegion("ap"), kNoRegion);
}

TEST_F(TicketPoolTest, BlockedPlayersAreTextsOfAListSortedAndOnce) {
  const Slot slot = Add({.attributes = {{"blocked_players", List{"b", 7, "a", "b", Value()}}},
                         .players = {"x", "y"}});
  const Slot text = Add({.attributes = {{"blocked_players", "a"}}});

  EXPECT_THAT(pool_->Blocked(slot), testing::UnorderedElementsAre(KeyOf("a"), KeyOf("b")));
  EXPECT_TRUE(std::is_sorted(pool_->Blocked(slot).begin(), pool_->Blocked(slot).end()));
  EXPECT_THAT(pool_->Blocked(text), IsEmpty());
  EXPECT_THAT(pool_->Users(slot), ElementsAre(KeyOf("x"), KeyOf("y")));
  EXPECT_TRUE(pool_->any_blocked());
}

TEST_F(TicketPoolTest, NobodyIsBlockedWhereBlockedPlayersMayMeet) {
  UseRules("2,2,1,1", R"("blocked_player_option":"blockedPlayerCanMatch")");

  EXPECT_THAT(pool_->Blocked(Add({.attributes = {{"blocked_players", List{"b"}}}})), SizeIs(0));
  EXPECT_FALSE(pool_->any_blocked());
}

TEST_F(TicketPoolTest, ServiceGoesByPriorityThenAgeThenArrival) {
  Add({.age_ms = 1});
  Add({.age_ms = 5});
  Add({.age_ms = 5});
  Add({.age_ms = 0, .priority = 1});
  Add({.age_ms = 9, .priority = -1});
  Add({.age_ms = -2});

  EXPECT_THAT(pool_->ServiceOrder(), ElementsAre(3, 1, 2, 0, 5, 4));
}

TEST_F(TicketPoolTest, TraitsAreSharedByTicketsThatAreAlike) {
  const Slot a = Add({.attributes = {{"m", 1}}});
  const Slot b = Add({.attributes = {{"m", 1}}});

  EXPECT_EQ((*pool_)[a].traits, (*pool_)[b].traits);
  EXPECT_EQ(pool_->TraitsOf(a).attributes, Object({{"m", 1}}));
}

}  // namespace
}  // namespace muster::match::alliance
