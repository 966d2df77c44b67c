#include "base/byte_budget.h"

#include <limits>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace muster::base {
namespace {

TEST(ByteBudget, GivesWhatIsThere) {
  ByteBudget budget(100);

  EXPECT_TRUE(budget.TryTake(60));
  EXPECT_TRUE(budget.TryTake(40));

  EXPECT_EQ(budget.used_bytes(), 100u);
}

TEST(ByteBudget, RefusesPastTheLimitAndTakesNothing) {
  ByteBudget budget(100);
  ASSERT_TRUE(budget.TryTake(60));

  EXPECT_FALSE(budget.TryTake(41));

  EXPECT_EQ(budget.used_bytes(), 60u);
}

TEST(ByteBudget, ASizeThatWouldOverflowIsRefused) {
  ByteBudget budget(100);
  ASSERT_TRUE(budget.TryTake(1));

  EXPECT_FALSE(budget.TryTake(std::numeric_limits<size_t>::max()));
}

TEST(ByteBudget, WhatIsReturnedCanBeTakenAgain) {
  ByteBudget budget(100);
  ASSERT_TRUE(budget.TryTake(100));

  budget.Return(30);

  EXPECT_TRUE(budget.TryTake(30));
  EXPECT_FALSE(budget.TryTake(1));
}

TEST(ByteBudget, ThreadsNeverTakeMoreThanTheLimit) {
  constexpr size_t kLimit = 10;
  ByteBudget budget(kLimit);
  std::atomic<size_t> held = 0;
  std::atomic<bool> exceeded = false;
  const auto take_and_return = [&] {
    for (int i = 0; i < 20'000; ++i) {
      if (!budget.TryTake(4)) continue;
      if (held.fetch_add(4) + 4 > kLimit) exceeded = true;
      held.fetch_sub(4);
      budget.Return(4);
    }
  };

  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(take_and_return);
  for (std::thread& thread : threads) thread.join();

  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget.used_bytes(), 0u);
}

}  // namespace
}  // namespace muster::base
