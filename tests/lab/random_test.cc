#include "lab/random.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace muster::lab {
namespace {

TEST(SeededRandom, GivesTheSameNumbersForOneSeedOnEveryMachine) {
  SeededRandom random(1);

  EXPECT_EQ(random.Uniform(0, 999'999), 311'528);
  EXPECT_EQ(random.Normal(1500, 300), 1481);
}

TEST(SeededRandom, GivesOtherNumbersForAnotherSeed) {
  SeededRandom one(1);
  SeededRandom two(2);

  EXPECT_NE(one.Uniform(0, 1'000'000'000), two.Uniform(0, 1'000'000'000));
}

TEST(SeededRandom, UniformStaysWithinItsBounds) {
  SeededRandom random(7);
  std::vector<int> seen(3);

  for (int i = 0; i < 3000; ++i) ++seen.at(static_cast<size_t>(random.Uniform(-1, 1) + 1));

  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.Uniform(5, 5), 5);
}

TEST(SeededRandom, NormalHasItsMeanAndDeviation) {
  constexpr int kDraws = 20'000;
  SeededRandom random(7);
  double sum = 0;
  double squares = 0;

  for (int i = 0; i < kDraws; ++i) {
    const auto value = static_cast<double>(random.Normal(1500, 300));
    EXPECT_LE(std::abs(value - 1500), 6 * 300);
    sum += value;
    squares += (value - 1500) * (value - 1500);
  }

  EXPECT_NEAR(sum / kDraws, 1500, 10);
  EXPECT_NEAR(std::sqrt(squares / kDraws), 300, 10);
}

TEST(SeededRandom, PickFollowsTheWeights) {
  SeededRandom random(7);
  std::vector<int> seen(3);

  for (int i = 0; i < 4000; ++i) ++seen.at(random.Pick({3, 0, 1}));

  EXPECT_NEAR(seen[0], 3000, 150);
  EXPECT_EQ(seen[1], 0);
}

}  // namespace
}  // namespace muster::lab
