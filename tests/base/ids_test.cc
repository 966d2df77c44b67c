#include "base/ids.h"

#include <set>

#include "gtest/gtest.h"

namespace muster::base {
namespace {

TEST(IdGenerator, TheSameSeedGivesTheSameIds) {
  IdGenerator one({1, 2});
  IdGenerator other({1, 2});

  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.Next(), other.Next());
}

// Written down, because ids that differ from machine to machine would break recorded runs.
TEST(IdGenerator, ASeedGivesTheseIdsOnEveryMachine) {
  IdGenerator ids({1, 2});

  EXPECT_EQ(ids.Next(), "0d5478534bce4cceaf827bb7c5ee9670");
  EXPECT_EQ(ids.Next(), "b33f42362f14458487932025b92df2ac");
}

TEST(IdGenerator, EachHalfOfTheSeedMatters) {
  const std::string id = IdGenerator({1, 2}).Next();

  EXPECT_NE(IdGenerator({1, 3}).Next(), id);
  EXPECT_NE(IdGenerator({3, 2}).Next(), id);
  EXPECT_NE(IdGenerator({1 + (1ULL << 32), 2}).Next(), id);
  EXPECT_NE(IdGenerator({1, 2 + (1ULL << 32)}).Next(), id);
}

TEST(IdGenerator, MakesVersionFourUuidsWithoutHyphens) {
  IdGenerator ids({3, 4});

  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.Next();
    ASSERT_EQ(id.size(), 32u) << id;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_EQ(id[12], '4') << id;
    EXPECT_NE(std::string("89ab").find(id[16]), std::string::npos) << id;
  }
}

TEST(IdGenerator, NeverRepeatsItself) {
  IdGenerator ids({5, 6});
  std::set<std::string> seen;

  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(ids.Next()).second);
}

TEST(RandomIdSeed, DiffersFromCallToCall) { EXPECT_NE(RandomIdSeed(), RandomIdSeed()); }

}  // namespace
}  // namespace muster::base
