#include "match/alliance/role_assignment.h"

#include <algorithm>
#include <numeric>
#include <ostream>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr uint64_t kSeeds = 5000;

// The roles of the common game of five.
constexpr uint16_t kDps = 0;
constexpr uint16_t kTank = 1;
constexpr uint16_t kHealer = 2;
const std::vector<Role>& GameOfFive() {
  static const std::vector<Role> roles = {
      {.name = "dps", .min = 3, .max = 3},
      {.name = "tank", .min = 1, .max = 1},
      {.name = "healer", .min = 1, .max = 1},
  };
  return roles;
}

// A player of a test, with the list that RolePlayer looks at.
struct Wish {
  RolePreference roles;
  bool any = false;
};
const Wish kAny = {.roles = {}, .any = true};

std::vector<RolePlayer> Players(const std::vector<Wish>& wishes) {
  std::vector<RolePlayer> players;
  for (const Wish& wish : wishes) players.push_back({.preference = &wish.roles, .any = wish.any});
  return players;
}

using Assignment = std::optional<std::vector<uint16_t>>;

Assignment Start(const std::vector<Role>& roles, const std::vector<Wish>& wishes) {
  return AssignRoles(roles, Players(wishes), true);
}
Assignment Open(const std::vector<Role>& roles, const std::vector<Wish>& wishes) {
  return AssignRoles(roles, Players(wishes), false);
}

TEST(AssignRolesTest, GivesTheWildcardWhatNobodyElseWants) {
  const std::vector<Wish> wishes = {kAny, {{kDps}}, {{kDps, kTank}}, {{kDps}}, {{kHealer}}};

  EXPECT_THAT(Start(GameOfFive(), wishes), Optional(ElementsAre(kTank, kDps, kDps, kDps, kHealer)));
  EXPECT_TRUE(IsStartLegal(GameOfFive(), Players(wishes)));
}

TEST(AssignRolesTest, GivesASecondChoiceWhereTheTeamNeedsIt) {
  const std::vector<Wish> wishes = {kAny, {{kDps}}, {{kDps, kTank}}, {{kDps}}, {{kDps}}};

  EXPECT_THAT(Start(GameOfFive(), wishes), Optional(ElementsAre(kHealer, kDps, kTank, kDps, kDps)));
  EXPECT_TRUE(IsStartLegal(GameOfFive(), Players(wishes)));
}

TEST(AssignRolesTest, GivesNothingWhereNobodyTakesARoleThatIsNeeded) {
  const std::vector<Wish> wishes = {kAny, {{kDps}}, {{kDps}}, {{kDps}}, {{kDps}}};

  EXPECT_EQ(Start(GameOfFive(), wishes), std::nullopt);
  EXPECT_EQ(Open(GameOfFive(), wishes), std::nullopt);
  EXPECT_FALSE(IsStartLegal(GameOfFive(), Players(wishes)));
  EXPECT_FALSE(IsOpenLegal(GameOfFive(), Players(wishes)));
}

TEST(AssignRolesTest, GivesEarlierPlayersEarlierRolesAmongEquals) {
  const std::vector<Wish> wishes = {kAny, kAny, kAny, kAny, kAny};

  EXPECT_THAT(Start(GameOfFive(), wishes), Optional(ElementsAre(kDps, kDps, kDps, kTank, kHealer)));
}

TEST(AssignRolesTest, PutsTheSumOfPositionsBeforeTheOrder) {
  const std::vector<Role> roles = {{"a", 1, 1}, {"b", 1, 1}};

  EXPECT_THAT(Start(roles, {{{1, 0}}, {{0, 1}}}), Optional(ElementsAre(1, 0)));
  EXPECT_THAT(Start(roles, {{{1, 0}}, {{1, 0}}}), Optional(ElementsAre(0, 1)));
}

TEST(AssignRolesTest, LeavesMinimaOutUnlessTheTeamStarts) {
  const std::vector<Role> roles = {{"a", 0, 2}, {"b", 1, 2}};

  EXPECT_THAT(Open(roles, {{{0, 1}}}), Optional(ElementsAre(0)));
  EXPECT_THAT(Start(roles, {{{0, 1}}}), Optional(ElementsAre(1)));
}

TEST(AssignRolesTest, GivesAnEmptyTeamNoRoles) {
  EXPECT_THAT(Open(GameOfFive(), {}), Optional(IsEmpty()));
  EXPECT_EQ(Start(GameOfFive(), {}), std::nullopt);
  EXPECT_THAT(Start({}, {}), Optional(IsEmpty()));
}

struct LegalityCase {
  const char* name;
  std::vector<Role> roles;
  std::vector<Wish> wishes;
  bool open;
  bool start;
};
std::ostream& operator<<(std::ostream& out, const LegalityCase& test_case) {
  return out << test_case.name;
}

class RoleLegalityTest : public testing::TestWithParam<LegalityCase> {};

TEST_P(RoleLegalityTest, IsAsTheCaseSays) {
  const LegalityCase& test_case = GetParam();
  const std::vector<RolePlayer> players = Players(test_case.wishes);

  EXPECT_EQ(IsOpenLegal(test_case.roles, players), test_case.open);
  EXPECT_EQ(IsStartLegal(test_case.roles, players), test_case.start);
  EXPECT_EQ(AssignRoles(test_case.roles, players, false).has_value(), test_case.open);
  EXPECT_EQ(AssignRoles(test_case.roles, players, true).has_value(), test_case.start);
}

const LegalityCase kLegalityCases[] = {
    {"NoPlayersNoMinima", {{"a", 0, 1}}, {}, true, true},
    {"NoPlayersButAMinimum", {{"a", 1, 1}}, {}, true, false},
    {"APlayerAndNoRoles", {}, {kAny}, false, false},
    {"APlayerThatTakesNoRole", {{"a", 0, 1}}, {{{}}}, false, false},
    {"ARoleOfMaximumZero", {{"a", 0, 0}}, {kAny}, false, false},
    {"MorePlayersThanSeats", {{"a", 0, 1}}, {{{0}}, {{0}}}, false, false},
    {"FewerPlayersThanMinima", {{"a", 1, 1}, {"b", 1, 1}}, {{{0}}}, true, false},
    {"MinimumNobodyTakes", {{"a", 0, 5}, {"b", 1, 1}}, {{{0}}, {{0}}}, true, false},
    {"MinimumOfTheWildcard", {{"a", 0, 5}, {"b", 1, 1}}, {{{0}}, kAny}, true, true},
    {"MinimumOfASecondChoice", {{"a", 0, 5}, {"b", 1, 1}}, {{{0}}, {{0, 1}}}, true, true},
    {"OneSecondChoiceForTwoMinima",
     {{"a", 0, 5}, {"b", 1, 1}, {"c", 1, 1}},
     {{{0}}, {{0, 1, 2}}},
     true,
     false},
    {"AChainOfMoves",
     {{"a", 1, 1}, {"b", 1, 1}, {"c", 1, 1}},
     {{{0, 1}}, {{1, 2}}, {{0}}},
     true,
     true},
    {"LargeBounds", {{"a", 0, 2147483647}, {"b", 0, 2147483647}}, {{{0}}, kAny}, true, true},
};

INSTANTIATE_TEST_SUITE_P(Cases, RoleLegalityTest, testing::ValuesIn(kLegalityCases),
                         testing::PrintToStringParamName());

// Roles and players, made from a seed.
struct World {
  explicit World(uint64_t seed, int most_players, int most_roles, int most_seats) : random(seed) {
    const int role_count = Number(1, most_roles);
    for (int i = 0; i < role_count; ++i) {
      const int32_t min = Number(0, most_seats / 2);
      roles.push_back({"r" + std::to_string(i), min, min + Number(0, most_seats / 2)});
    }
    const int player_count = Number(0, most_players);
    for (int i = 0; i < player_count; ++i) wishes.push_back(MakeWish(4 * most_players));
  }

  int Number(int min, int max) { return std::uniform_int_distribution<int>(min, max)(random); }

  // One player of `odds` that could take any role takes none.
  Wish MakeWish(int odds) {
    Wish wish;
    wish.any = Number(0, 7) == 0;
    wish.roles.resize(roles.size());
    std::iota(wish.roles.begin(), wish.roles.end(), uint16_t{0});
    std::shuffle(wish.roles.begin(), wish.roles.end(), random);
    const int most = Number(0, 3) == 0 ? static_cast<int>(roles.size()) : 2;
    wish.roles.resize(std::min(wish.roles.size(), static_cast<size_t>(Number(0, most))));
    if (wish.roles.empty() && Number(1, odds) != 1) wish.any = true;
    return wish;
  }

  std::mt19937_64 random;
  std::vector<Role> roles;
  std::vector<Wish> wishes;
};

// The position of a role in a wish; -1 when it is not in it.
int Position(const Wish& wish, uint16_t role) {
  if (wish.any) return 0;
  const auto it = std::find(wish.roles.begin(), wish.roles.end(), role);
  return it == wish.roles.end() ? -1 : static_cast<int>(it - wish.roles.begin());
}

bool BoundsHold(const std::vector<Role>& roles, const std::vector<uint16_t>& assigned, bool start) {
  std::vector<int32_t> counts(roles.size());
  for (const uint16_t role : assigned) ++counts[role];
  for (size_t i = 0; i < roles.size(); ++i) {
    if (counts[i] > roles[i].max || (start && counts[i] < roles[i].min)) return false;
  }
  return true;
}

// Tries all ways in lexicographic order, so the first of the least sum is the answer.
class BruteForce {
 public:
  BruteForce(const World& world, bool start) : world_(world), start_(start) { Try(0); }
  const Assignment& best() const { return best_; }

 private:
  void Try(int cost) {
    if (assigned_.size() == world_.wishes.size()) {
      if (best_.has_value() && cost >= best_cost_) return;
      if (!BoundsHold(world_.roles, assigned_, start_)) return;
      best_ = assigned_;
      best_cost_ = cost;
      return;
    }
    for (uint16_t role = 0; role < world_.roles.size(); ++role) {
      const int position = Position(world_.wishes[assigned_.size()], role);
      if (position < 0) continue;
      assigned_.push_back(role);
      Try(cost + position);
      assigned_.pop_back();
    }
  }

  const World& world_;
  const bool start_;
  std::vector<uint16_t> assigned_;
  Assignment best_;
  int best_cost_ = 0;
};

TEST(RolePropertiesTest, AgreeWithTryingAllWays) {
  int legal = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 6, 4, 4);
    const std::vector<RolePlayer> players = Players(world.wishes);

    const Assignment open = BruteForce(world, false).best();
    const Assignment start = BruteForce(world, true).best();

    ASSERT_EQ(AssignRoles(world.roles, players, false), open);
    ASSERT_EQ(AssignRoles(world.roles, players, true), start);
    ASSERT_EQ(IsOpenLegal(world.roles, players), open.has_value());
    ASSERT_EQ(IsStartLegal(world.roles, players), start.has_value());
    legal += start.has_value() ? 1 : 0;
  }
  EXPECT_GT(legal, 500);
}

TEST(RolePropertiesTest, LegalityAndAssignmentAgreeOnLargeTeams) {
  int legal = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const World world(seed, 100, 64, 6);
    const std::vector<RolePlayer> players = Players(world.wishes);

    for (const bool start : {false, true}) {
      const Assignment assigned = AssignRoles(world.roles, players, start);

      ASSERT_EQ(start ? IsStartLegal(world.roles, players) : IsOpenLegal(world.roles, players),
                assigned.has_value());
      if (!assigned.has_value()) continue;
      ++legal;
      ASSERT_TRUE(BoundsHold(world.roles, *assigned, start));
      for (size_t i = 0; i < players.size(); ++i) {
        ASSERT_GE(Position(world.wishes[i], (*assigned)[i]), 0);
      }
    }
  }
  EXPECT_GT(legal, 50);
}

TEST(RolePropertiesTest, AChainThroughAHundredPlayersIsFound) {
  // Player i takes role i first and i + 1 second; the last player takes role 0 only.
  std::vector<Role> roles(64, Role{"r", 1, 1});
  std::vector<Wish> wishes;
  for (uint16_t i = 0; i < 63; ++i) {
    wishes.push_back({{i, static_cast<uint16_t>(i + 1)}, false});
  }
  wishes.push_back({{0}, false});

  const Assignment assigned = Start(roles, wishes);

  ASSERT_TRUE(assigned.has_value());
  for (uint16_t i = 0; i < 63; ++i) EXPECT_EQ((*assigned)[i], i + 1);
  EXPECT_TRUE(IsStartLegal(roles, Players(wishes)));
}

}  // namespace
}  // namespace muster::match::alliance
