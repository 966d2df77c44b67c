#include "match/alliance/team_balance.h"

#include <algorithm>
#include <ostream>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;

constexpr uint64_t kSeeds = 3000;

using Teams = std::vector<uint32_t>;
using Parties = std::vector<BalanceParty>;

BalanceParty PartyOf(int32_t players, double value, uint32_t team) {
  return {.players = players, .value = value, .team = team};
}
BalanceParty Solo(double value, uint32_t team) { return PartyOf(1, value, team); }
BalanceParty Locked(BalanceParty party) {
  party.locked = true;
  return party;
}

// The parties after the split.
Parties Moved(Parties parties, const Teams& teams) {
  for (size_t i = 0; i < parties.size(); ++i) parties[i].team = teams[i];
  return parties;
}

Imbalance ImbalanceOf(const Parties& parties, const BalanceRules& rules, const Teams& teams) {
  return MeasureImbalance(Moved(parties, teams), rules.teams);
}

TEST(MeasureImbalanceTest, IsThatOfTheWorkedExample) {
  const Imbalance imbalance =
      MeasureImbalance({Solo(70, 0), PartyOf(2, 95, 1), Solo(60, 0), Solo(40, 1)}, 2);

  EXPECT_EQ(imbalance.size_gap, 1);
  EXPECT_NEAR(imbalance.value_gap, 11.67, 0.005);
}

TEST(MeasureImbalanceTest, CountsAnEmptyTeamsSizeButNotItsValue) {
  const Imbalance imbalance = MeasureImbalance({Solo(10, 0), Solo(14, 2)}, 3);

  EXPECT_EQ(imbalance, (Imbalance{.size_gap = 1, .value_gap = 4}));
}

TEST(MeasureImbalanceTest, IsZeroWithoutTeamsOrParties) {
  EXPECT_EQ(MeasureImbalance({}, 0), Imbalance());
  EXPECT_EQ(MeasureImbalance({}, 2), Imbalance());
}

TEST(MeasureImbalanceTest, PutsSizesBeforeValues) {
  EXPECT_LT((Imbalance{.size_gap = 0, .value_gap = 9}), (Imbalance{.size_gap = 1, .value_gap = 0}));
}

struct SplitCase {
  const char* name;
  Parties parties;
  BalanceRules rules;
  Teams teams;
};
std::ostream& operator<<(std::ostream& out, const SplitCase& test_case) {
  return out << test_case.name;
}

class BalanceSplitTest : public testing::TestWithParam<SplitCase> {};

TEST_P(BalanceSplitTest, GivesTheSplitOfTheCase) {
  EXPECT_EQ(BalanceTeams(GetParam().parties, GetParam().rules), GetParam().teams);
}

BalanceRules Rules(uint32_t teams, int32_t min, int32_t max) {
  return {.teams = teams, .min_players = min, .max_players = max, .team_is_legal = nullptr};
}

const SplitCase kSplits[] = {
    {"NoParties", {}, Rules(2, 1, 5), {}},
    {"OneTeam", {Solo(1, 0), Solo(9, 0)}, Rules(1, 1, 5), {0, 0}},
    {"TheWorkedExample",
     {Solo(70, 0), PartyOf(2, 95, 0), Solo(60, 1), Solo(40, 1)},
     Rules(2, 1, 3),
     {0, 1, 0, 1}},
    {"SizesBeforeValues", {PartyOf(2, 10, 0), Solo(0, 0), Solo(0, 1)}, Rules(2, 1, 3), {0, 1, 1}},
    {"ATieMovesTheFewest",
     {Solo(1, 1), Solo(1, 1), Solo(2, 0), Solo(2, 0)},
     Rules(2, 1, 2),
     {0, 1, 0, 1}},
    {"EqualValuesStay",
     {Solo(5, 1), Solo(5, 0), Solo(5, 1), Solo(5, 0)},
     Rules(2, 2, 2),
     {1, 0, 1, 0}},
    {"LockedPartiesStay",
     {Locked(Solo(9, 0)), Locked(Solo(1, 1)), Solo(8, 0), Solo(2, 1)},
     Rules(2, 1, 2),
     {0, 1, 1, 0}},
    {"AllLocked", {Locked(Solo(9, 0)), Locked(Solo(8, 0))}, Rules(2, 1, 2), {0, 0}},
    {"PartiesStayTogether",
     {PartyOf(3, 50, 0), Solo(10, 0), Solo(10, 1)},
     Rules(2, 1, 4),
     {0, 1, 1}},
    {"ThreeTeams",
     {Solo(1, 0), Solo(2, 0), Solo(3, 1), Solo(4, 1), Solo(5, 2), Solo(6, 2)},
     Rules(3, 2, 2),
     {0, 2, 1, 1, 2, 0}},
    {"ATeamThatIsSmallNowMayStaySmall",
     {Locked(PartyOf(4, 1, 0)), Locked(Solo(1, 1)), Solo(7, 1)},
     Rules(2, 3, 4),
     {0, 1, 1}},
};

INSTANTIATE_TEST_SUITE_P(Cases, BalanceSplitTest, testing::ValuesIn(kSplits),
                         testing::PrintToStringParamName());

TEST(BalanceTeamsTest, KeepsTheSplitWhenTheRulesForbidAllOthers) {
  const Parties parties = {Solo(9, 0), Solo(8, 0), Solo(1, 1), Solo(2, 1)};
  BalanceRules rules = Rules(2, 1, 2);
  rules.team_is_legal = [](uint32_t team, const Teams& members) {
    return members == (team == 0 ? Teams{0, 1} : Teams{2, 3});
  };

  EXPECT_THAT(BalanceTeams(parties, rules), ElementsAre(0, 0, 1, 1));
}

TEST(BalanceTeamsTest, TakesTheBestSplitThatTheRulesAllow) {
  const Parties parties = {Solo(9, 0), Solo(8, 0), Solo(1, 1), Solo(2, 1)};
  BalanceRules rules = Rules(2, 1, 2);
  // The first and the third party are apart, the first is in team 1.
  rules.team_is_legal = [](uint32_t team, const Teams& members) {
    const bool first = members.front() == 0;
    return (!first || team == 1) && members != Teams{0, 2} && members != Teams{1, 3};
  };

  EXPECT_THAT(BalanceTeams(parties, rules), ElementsAre(1, 0, 0, 1));
}

TEST(BalanceTeamsTest, AsksOnlyForTeamsOfALegalSize) {
  const Parties parties = {PartyOf(2, 9, 0), Solo(8, 0), PartyOf(2, 1, 1), Solo(2, 1), Solo(3, 1)};
  BalanceRules rules = Rules(2, 3, 4);
  std::vector<int32_t> sizes;
  rules.team_is_legal = [&](uint32_t, const Teams& members) {
    EXPECT_TRUE(std::is_sorted(members.begin(), members.end()));
    EXPECT_FALSE(members.empty());
    sizes.push_back(0);
    for (const uint32_t i : members) sizes.back() += parties[i].players;
    return false;
  };

  EXPECT_THAT(BalanceTeams(parties, rules), ElementsAre(0, 0, 1, 1, 1));

  EXPECT_FALSE(sizes.empty());
  EXPECT_THAT(sizes, Each(AnyOf(3, 4)));
}

TEST(BalanceTeamsTest, FindsTeamsForTenPartiesInTenTeams) {
  Parties parties;
  for (uint32_t i = 0; i < 10; ++i) parties.push_back(PartyOf(3, i, i / 2));

  const Teams teams = BalanceTeams(parties, Rules(10, 0, 6));

  EXPECT_THAT(teams, ElementsAre(0, 5, 1, 6, 2, 7, 3, 8, 4, 9));
}

// Parties and rules, made from a seed. The present split is legal.
struct World {
  World(uint64_t seed, int most_parties, int most_teams) : random(seed) {
    rules.teams = static_cast<uint32_t>(Number(1, most_teams));
    const int distinct = Number(0, 2) == 0 ? 1 : Number(2, 1000);
    const bool sessions = Number(0, 2) == 0;
    const int largest = Number(1, 4);
    const int count = Number(0, most_parties);
    for (int i = 0; i < count; ++i) {
      const auto team = static_cast<uint32_t>(Number(0, static_cast<int>(rules.teams) - 1));
      parties.push_back(PartyOf(Number(1, largest), Number(1, distinct) / 8.0, team));
      parties.back().locked = sessions && Number(0, 2) == 0;
    }
    SetSizes();
    if (Number(0, 2) == 0) Forbid(Number(1, 3));
  }

  int Number(int min, int max) { return std::uniform_int_distribution<int>(min, max)(random); }

  std::vector<int32_t> Sizes() const {
    std::vector<int32_t> sizes(rules.teams, 0);
    for (const BalanceParty& party : parties) sizes[party.team] += party.players;
    return sizes;
  }

  void SetSizes() {
    const std::vector<int32_t> sizes = Sizes();
    rules.max_players = *std::max_element(sizes.begin(), sizes.end()) + Number(0, 3);
    // Sometimes above what a team has now.
    rules.min_players = *std::min_element(sizes.begin(), sizes.end()) + Number(-2, 1);
    rules.min_players = std::clamp(rules.min_players, 0, rules.max_players);
  }

  // Forbids one of `odds` teams that is not there now; which ones only the seed knows.
  void Forbid(int odds) {
    const uint64_t salt = random();
    rules.team_is_legal = [this, salt, odds](uint32_t team, const Teams& members) {
      uint64_t hash = salt + team;
      for (const uint32_t i : members) hash = (hash ^ i) * 0x9e3779b97f4a7c15;
      Teams present;
      for (uint32_t i = 0; i < parties.size(); ++i) {
        if (parties[i].team == team) present.push_back(i);
      }
      return members == present || (hash >> 32) % static_cast<uint64_t>(odds + 1) != 0;
    };
  }

  std::mt19937_64 random;
  Parties parties;
  BalanceRules rules;
};

bool IsLegal(const World& world, const Teams& teams) {
  const std::vector<int32_t> present = world.Sizes();
  for (uint32_t team = 0; team < world.rules.teams; ++team) {
    Teams members;
    int32_t players = 0;
    for (uint32_t i = 0; i < teams.size(); ++i) {
      if (teams[i] != team) continue;
      members.push_back(i);
      players += world.parties[i].players;
    }
    if (players > world.rules.max_players) return false;
    if (players < std::min(present[team], world.rules.min_players)) return false;
    if (members.empty() || !world.rules.team_is_legal) continue;
    if (!world.rules.team_is_legal(team, members)) return false;
  }
  return true;
}

int MovesOf(const Parties& parties, const Teams& teams) {
  int moves = 0;
  for (size_t i = 0; i < parties.size(); ++i) moves += parties[i].team != teams[i] ? 1 : 0;
  return moves;
}

// Tries all splits in lexicographic order, so the first of the least is the answer.
class BruteForce {
 public:
  explicit BruteForce(const World& world) : world_(world) { Try(); }
  const Teams& best() const { return best_; }

 private:
  void Try() {
    const size_t i = teams_.size();
    if (i == world_.parties.size()) return Judge();
    for (uint32_t team = 0; team < world_.rules.teams; ++team) {
      if (world_.parties[i].locked && team != world_.parties[i].team) continue;
      teams_.push_back(team);
      Try();
      teams_.pop_back();
    }
  }

  void Judge() {
    const std::tuple cost(ImbalanceOf(world_.parties, world_.rules, teams_),
                          MovesOf(world_.parties, teams_));
    if ((found_ && cost >= best_cost_) || !IsLegal(world_, teams_)) return;
    found_ = true;
    best_ = teams_;
    best_cost_ = cost;
  }

  const World& world_;
  Teams teams_;
  bool found_ = false;
  Teams best_;
  std::tuple<Imbalance, int> best_cost_;
};

TEST(BalancePropertiesTest, AgreeWithTryingAllSplits) {
  int moved = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 6, 4);

    const Teams teams = BalanceTeams(world.parties, world.rules);

    ASSERT_EQ(teams, BruteForce(world).best());
    moved += MovesOf(world.parties, teams) > 0 ? 1 : 0;
  }
  EXPECT_GT(moved, 500);
}

TEST(BalancePropertiesTest, TenPartiesInTwoTeamsAgreeWithTryingAllSplits) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 10, 2);

    ASSERT_EQ(BalanceTeams(world.parties, world.rules), BruteForce(world).best());
  }
}

TEST(BalancePropertiesTest, LargeSplitsAreLegalAndNeverWorse) {
  int better = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 60, 6);

    const Teams teams = BalanceTeams(world.parties, world.rules);

    ASSERT_TRUE(IsLegal(world, teams));
    for (size_t i = 0; i < teams.size(); ++i) {
      ASSERT_TRUE(!world.parties[i].locked || teams[i] == world.parties[i].team);
    }
    const Imbalance before = MeasureImbalance(world.parties, world.rules.teams);
    const Imbalance after = ImbalanceOf(world.parties, world.rules, teams);
    ASSERT_LE(after, before);
    better += after < before ? 1 : 0;
    ASSERT_EQ(BalanceTeams(world.parties, world.rules), teams);
  }
  EXPECT_GT(better, 100);
}

// Whether a move of a party or a swap of two would make a legal split that is less unequal.
bool SomeStepHelps(const World& world, const Teams& teams) {
  const Imbalance present = ImbalanceOf(world.parties, world.rules, teams);
  const auto helps = [&](const Teams& other) {
    const Imbalance after = ImbalanceOf(world.parties, world.rules, other);
    // Less than rounding does not count.
    if (after.size_gap == present.size_gap && after.value_gap > present.value_gap - 1e-9) {
      return false;
    }
    return after < present && IsLegal(world, other);
  };
  for (size_t i = 0; i < teams.size(); ++i) {
    if (world.parties[i].locked) continue;
    Teams other = teams;
    for (other[i] = 0; other[i] < world.rules.teams; ++other[i]) {
      if (helps(other)) return true;
    }
    for (size_t j = 0; j < i; ++j) {
      if (world.parties[j].locked) continue;
      other = teams;
      std::swap(other[i], other[j]);
      if (helps(other)) return true;
    }
  }
  return false;
}

TEST(BalancePropertiesTest, NoStepHelpsALargeSplit) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 30, 4);

    ASSERT_FALSE(SomeStepHelps(world, BalanceTeams(world.parties, world.rules)));
  }
}

TEST(BalanceTeamsTest, DealsManyPartiesOutLargestFirst) {
  Parties parties;
  for (uint32_t i = 0; i < 12; ++i) parties.push_back(Solo(12.0 - i, i / 6));
  parties.push_back(PartyOf(12, 6.5, 2));

  const Teams teams = BalanceTeams(parties, Rules(3, 1, 12));

  EXPECT_THAT(teams, ElementsAre(1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 0));
}

TEST(BalanceTeamsTest, KeepsALargeSplitThatIsAsGoodAsTheGreedyOne) {
  Parties parties;
  for (uint32_t i = 0; i < 40; ++i) parties.push_back(Solo(5, i < 20 ? 1 : 0));

  const Teams teams = BalanceTeams(parties, Rules(2, 1, 20));

  for (uint32_t i = 0; i < 40; ++i) EXPECT_EQ(teams[i], i < 20 ? 1 : 0);
}

TEST(BalanceTeamsTest, EndsSoonForAThousandParties) {
  std::mt19937_64 random(1);
  Parties parties;
  for (uint32_t i = 0; i < 1000; ++i) {
    parties.push_back(Solo(static_cast<double>(random() % 100'000), i % 50));
  }

  const Teams teams = BalanceTeams(parties, Rules(50, 1, 40));

  EXPECT_LT(ImbalanceOf(parties, Rules(50, 1, 40), teams), MeasureImbalance(parties, 50));
}

}  // namespace
}  // namespace muster::match::alliance
