#include "match/alliance/pool_index.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "tests/match/alliance/pool_fixture.h"
#include "tests/match/alliance/random_rules.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PoolIndexTest : public testing::Test, protected PoolFixture {
 protected:
  PoolIndex IndexOf(std::optional<size_t> key_rule = std::nullopt) const {
    return {*legality_, pool_->ServiceOrder(), key_rule};
  }

  static std::vector<Slot> Upwards(PoolIndex& index, const PoolIndex::Segment& segment,
                                   double from) {
    std::vector<Slot> slots;
    for (auto i = index.FirstNotBelow(segment, from); i != PoolIndex::kNowhere;
         i = index.Up(segment, i)) {
      slots.push_back(index.At(i));
    }
    return slots;
  }

  static std::vector<Slot> Downwards(PoolIndex& index, const PoolIndex::Segment& segment,
                                     double from) {
    std::vector<Slot> slots;
    for (auto i = index.LastRunBelow(segment, from); i != PoolIndex::kNowhere;
         i = index.Down(segment, i)) {
      slots.push_back(index.At(i));
    }
    return slots;
  }

  // What Upwards and Downwards give when all that wait are looked at.
  std::vector<Slot> Expected(std::vector<Slot> waiting, double from, bool upwards) const {
    std::erase_if(waiting, [&](Slot s) { return (pool_->Mean(s, 0) >= from) != upwards; });
    std::sort(waiting.begin(), waiting.end(), [&](Slot a, Slot b) {
      const double mine = pool_->Mean(a, 0);
      const double theirs = pool_->Mean(b, 0);
      if (mine != theirs) return upwards ? mine < theirs : mine > theirs;
      return legality_->Precedes(a, b);
    });
    return waiting;
  }

  // All tickets in the lists of a choice, and whether one is there twice.
  std::vector<Slot> Held(PoolIndex& index, const PoolIndex::Choice& choice, bool* twice) const {
    std::vector<Slot> held;
    for (const PoolIndex::ListId list : choice.lists) {
      for (const PoolIndex::Segment& segment : index.Segments(list)) {
        const std::vector<Slot> slots = Upwards(index, segment, -1e9);
        held.insert(held.end(), slots.begin(), slots.end());
      }
    }
    std::sort(held.begin(), held.end());
    *twice = std::adjacent_find(held.begin(), held.end()) != held.end();
    return held;
  }
};

TEST_F(PoolIndexTest, WalksGoByMeanAndTiesByService) {
  UseRules("2,2,1,1", MmrRule(100));
  const Slot ten = Add({.age_ms = 1, .ratings = {10}});
  const Slot twenty = Add({.age_ms = 2, .ratings = {20}});
  const Slot older_ten = Add({.age_ms = 3, .ratings = {10}});
  const Slot minus = Add({.age_ms = 4, .ratings = {-5}});
  PoolIndex index = IndexOf(0);
  const PoolIndex::Segment all = index.Segments(0)[0];

  EXPECT_THAT(Upwards(index, all, 10), ElementsAre(older_ten, ten, twenty));
  EXPECT_THAT(Upwards(index, all, 20.5), IsEmpty());
  EXPECT_THAT(Downwards(index, all, 20), ElementsAre(older_ten, ten, minus));
  EXPECT_THAT(Downwards(index, all, -5), IsEmpty());
  EXPECT_EQ(index.Key(twenty), 20);
  EXPECT_EQ(index.KeyAt(index.FirstNotBelow(all, 15)), 20);
  EXPECT_EQ(index.Rank(minus), 0U);
  EXPECT_EQ(index.Rank(ten), 3U);
}

TEST_F(PoolIndexTest, WithoutAKeyAWalkGoesByService) {
  const Slot young = Add({.age_ms = 1, .ratings = {-1}});
  const Slot old = Add({.age_ms = 2});
  PoolIndex index = IndexOf();

  EXPECT_EQ(index.Key(young), 0);
  EXPECT_THAT(Upwards(index, index.Segments(0)[0], 0), ElementsAre(old, young));
}

TEST_F(PoolIndexTest, LanesHoldWhatIsAlikeLargestFirst) {
  options_.profile = Profile::kHosted;
  roles_ = R"(,"combination":{"has_combination":true,"alliances":[[{"name":"tank","max":2}]]})";
  UseRules("2,2,1,2");
  Add();
  Add({.ratings = {0, 0}});
  Add({.role = "tank"});
  Add({.priority = 1});
  Add({.ratings = {0, 0}});
  PoolIndex index = IndexOf();

  std::vector<std::pair<uint32_t, int32_t>> lanes;
  for (const Lane& lane : index.lanes()) lanes.emplace_back(lane.players, lane.priority);

  EXPECT_THAT(lanes,
              ElementsAre(std::pair(2U, 0), std::pair(1U, 1), std::pair(1U, 0), std::pair(1U, 0)));
  EXPECT_NE(index.lanes()[2].roles, index.lanes()[3].roles);
}

// The same as looking at all tickets, whatever was removed.
TEST_F(PoolIndexTest, WalksFindAllThatWaitsAndNothingElse) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    UseRules("2,2,1,1", MmrRule(100));
    const int tickets = dice.Number(1, 40);
    for (int i = 0; i < tickets; ++i) {
      Add({.age_ms = dice.Number(0, 10), .ratings = {static_cast<double>(dice.Number(-4, 4))}});
    }
    PoolIndex index = IndexOf(0);
    std::vector<Slot> waiting = pool_->ServiceOrder();
    dice.Shuffle(&waiting);
    while (!waiting.empty()) {
      const double from = dice.Number(-5, 5);
      const PoolIndex::Segment all = index.Segments(0)[0];
      EXPECT_EQ(Upwards(index, all, from), Expected(waiting, from, true));
      EXPECT_EQ(Downwards(index, all, from), Expected(waiting, from, false));
      index.Remove(waiting.back());
      waiting.pop_back();
    }
    EXPECT_THAT(Upwards(index, index.Segments(0)[0], -9), IsEmpty());
  }
}

TEST_F(PoolIndexTest, ListsOfARegionHoldThoseWhoAcceptItAndThoseWhoAreNowhere) {
  const Slot eu = Add({.latencies = {{"eu", 1}, {"us", 200}}});
  const Slot us = Add({.latencies = {{"us", 1}}});
  const Slot nowhere = Add();
  PoolIndex index = IndexOf();
  PoolIndex::Choice choice;
  bool twice = false;

  index.ListsFor(eu, pool_->FindRegion("eu"), true, &choice);
  EXPECT_THAT(Held(index, choice, &twice), ElementsAre(eu, nowhere));
  index.ListsFor(us, pool_->FindRegion("us"), true, &choice);
  EXPECT_THAT(Held(index, choice, &twice), ElementsAre(us, nowhere));
  index.ListsFor(nowhere, kNoRegion, true, &choice);
  EXPECT_THAT(Held(index, choice, &twice), ElementsAre(eu, us, nowhere));
}

TEST_F(PoolIndexTest, ARareValueMakesAShorterChoice) {
  UseRules("2,2,1,1", OneOption("maps", "any"));
  for (int i = 0; i < 20; ++i) Add({.attributes = {{"maps", List{"x", "y"}}}});
  const Slot rare = Add({.attributes = {{"maps", "z"}}});
  const Slot both = Add({.attributes = {{"maps", List{"z", "v"}}}});
  Add({.attributes = {{"maps", List{"v", "z"}}}});
  PoolIndex index = IndexOf();
  PoolIndex::Choice choice;
  bool twice = false;

  index.ListsFor(rare, kNoRegion, true, &choice);
  EXPECT_EQ(Held(index, choice, &twice).size(), 3U);
  EXPECT_FALSE(choice.overlap);
  index.ListsFor(both, kNoRegion, true, &choice);
  EXPECT_EQ(Held(index, choice, &twice).size(), 5U);
  EXPECT_TRUE(twice && choice.overlap);
  index.Remove(both);
  index.ListsFor(rare, kNoRegion, true, &choice);
  EXPECT_EQ(Held(index, choice, &twice).size(), 2U);
}

}  // namespace
}  // namespace muster::match::alliance
