#include "match/alliance/candidates.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "match/alliance/oldest_first.h"
#include "tests/match/alliance/pool_fixture.h"
#include "tests/match/alliance/random_rules.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CandidatesTest : public testing::Test, protected PoolFixture {
 protected:
  void MakeIndex() {
    key_rule_ = OrderingRule(rules_);
    index_.emplace(*legality_, pool_->ServiceOrder(), key_rule_);
    candidates_.emplace(*legality_);
  }
  void Start(Slot oldest, std::string_view region = "") {
    candidates_->Start(*index_, key_rule_, oldest, Terms(oldest, region));
  }
  std::vector<Slot> Lane(size_t lane) {
    std::vector<Slot> slots;
    while (const Candidate* const next = candidates_->At(lane, slots.size())) {
      slots.push_back(next->slot);
    }
    return slots;
  }

  // Forty tickets of all sorts.
  void AddCrowd(Dice* dice) {
    UseRules("2,2,1,1", MmrRule(60) + R"(,"region_latency_max_ms":200)");
    for (int i = 0; i < 40; ++i) {
      Add({.age_ms = 9000 + dice->Number(0, 9),
           .ratings = {1.0 * dice->Number(-60, 60)},
           .latencies = {{"eu", dice->Number(1, 60)}, {"us", dice->Number(1, 60)}}});
    }
    MakeIndex();
  }

  std::optional<size_t> key_rule_;
  std::optional<PoolIndex> index_;
  std::optional<Candidates> candidates_;
};

TEST_F(CandidatesTest, AreThoseServedLaterThatFitBestFirst) {
  UseRules("2,2,1,1", MmrRule(100));
  Add({.age_ms = 9, .ratings = {1}});
  const Slot oldest = Add({.age_ms = 8, .ratings = {0}});
  const Slot far = Add({.age_ms = 7, .ratings = {100}});
  const Slot near = Add({.age_ms = 6, .ratings = {-10}});
  const Slot as_near = Add({.age_ms = 5, .ratings = {10}});
  Add({.age_ms = 4, .ratings = {101}});
  MakeIndex();

  Start(oldest);

  EXPECT_EQ(candidates_->lane_count(), 1U);
  EXPECT_THAT(Lane(0), ElementsAre(near, as_near, far));
  EXPECT_DOUBLE_EQ(candidates_->At(0, 0)->score, 0.1);
  EXPECT_EQ(candidates_->At(0, 0)->rank, 3U);
}

TEST_F(CandidatesTest, LanesThatFitIntoATeamStandLargestFirst) {
  UseRules("2,2,1,2");
  const Slot oldest = AddParty(1, 9);
  const Slot solo = AddParty(1, 8);
  const Slot pair = AddParty(2, 7);
  AddParty(3, 6);
  MakeIndex();

  Start(oldest);

  ASSERT_EQ(candidates_->lane_count(), 2U);
  EXPECT_EQ(candidates_->lane(0).players, 2U);
  EXPECT_THAT(Lane(0), ElementsAre(pair));
  EXPECT_THAT(Lane(1), ElementsAre(solo));
}

TEST_F(CandidatesTest, LeaveOutWhoCannotPlayWithTheOldestOrWithItself) {
  UseRules("2,2,1,1");
  const Slot oldest = Add({.age_ms = 9, .players = {"a"}});
  Add({.age_ms = 8, .attributes = {{"blocked_players", List{"a"}}}});
  Add({.age_ms = 7, .players = {"a"}});
  Add({.age_ms = 6, .attributes = {{"blocked_players", List{"b"}}}, .players = {"b"}});
  const Slot good = Add({.age_ms = 5});
  MakeIndex();

  Start(oldest);

  EXPECT_THAT(Lane(0), ElementsAre(good));
}

TEST_F(CandidatesTest, AreEachFoundOnceThoughListsOverlap) {
  UseRules("2,2,1,1", OneOption("maps", "any"));
  const Slot oldest = Add({.age_ms = 9, .attributes = {{"maps", List{"x", "y"}}}});
  const Slot other = Add({.age_ms = 8, .attributes = {{"maps", List{"y", "x"}}}});
  for (int i = 0; i < 9; ++i) Add({.attributes = {{"maps", "z"}}});
  MakeIndex();

  Start(oldest);
  EXPECT_THAT(Lane(0), ElementsAre(other));
  Start(oldest);
  EXPECT_THAT(Lane(0), ElementsAre(other));
}

TEST_F(CandidatesTest, AreNotAmongThoseWhoHaveGone) {
  const Slot oldest = Add({.age_ms = 9});
  const Slot gone = Add({.age_ms = 8});
  MakeIndex();
  index_->Remove(gone);

  Start(oldest);

  EXPECT_THAT(Lane(0), IsEmpty());
}

// The same as sorting all that the oldest lets in.
TEST_F(CandidatesTest, StandInTheOrderOfTheirScores) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    AddCrowd(&dice);
    const std::vector<Slot> order = pool_->ServiceOrder();
    const Slot oldest = order[static_cast<size_t>(dice.Number(0, 20))];
    const RegionId region = pool_->FindRegion("eu");

    Start(oldest, "eu");
    const std::vector<Slot> found = Lane(0);

    std::vector<Slot> expected;
    for (const Slot slot : order) {
      if (!legality_->Precedes(oldest, slot)) continue;
      if (LetsIn(oldest, slot, "eu") == Obstacle::kNone) expected.push_back(slot);
    }
    std::stable_sort(expected.begin(), expected.end(), [&](Slot a, Slot b) {
      return legality_->Score(oldest, a, region) < legality_->Score(oldest, b, region);
    });
    EXPECT_EQ(found, expected);
  }
}

TEST_F(CandidatesTest, LookNoFurtherThanTheyAreAskedFor) {
  UseRules("2,2,1,1", MmrRule(1000));
  const Slot oldest = Add({.age_ms = 9, .ratings = {500}});
  for (int i = 0; i < 1000; ++i) Add({.ratings = {static_cast<double>(i)}});
  MakeIndex();

  Start(oldest);
  EXPECT_EQ(candidates_->looks(), 0);
  candidates_->At(0, 0);

  EXPECT_LE(candidates_->looks(), 4);
}

}  // namespace
}  // namespace muster::match::alliance
