#include "auth/token_cache.h"

#include <string>
#include <thread>
#include <vector>

#include "auth/verdict.h"
#include "gmock/gmock.h"

namespace muster::auth {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::Optional;

using VerdictCache = TokenCache<Verdict>;

constexpr sys_seconds kNow{seconds(1'000'000)};
constexpr sys_seconds kLater = kNow + seconds(60);

std::string Token(int number) { return "a token with some length " + std::to_string(number); }

TEST(TokenCache, GivesBackTheVerdictOnAToken) {
  VerdictCache cache(100);
  cache.Insert("a", Verdict::kAllowed, kLater);
  cache.Insert("b", Verdict::kNoPermission, kLater);

  EXPECT_THAT(cache.Find("a", kNow), Optional(Verdict::kAllowed));
  EXPECT_THAT(cache.Find("b", kNow), Optional(Verdict::kNoPermission));
  EXPECT_EQ(cache.Find("c", kNow), std::nullopt);
  EXPECT_EQ(cache.size(), 2);
}

TEST(TokenCache, ForgetsAVerdictWhenItExpires) {
  VerdictCache cache(100);
  cache.Insert("a", Verdict::kAllowed, kLater);

  EXPECT_TRUE(cache.Find("a", kLater - seconds(1)));
  EXPECT_FALSE(cache.Find("a", kLater));
  EXPECT_EQ(cache.size(), 0);
}

TEST(TokenCache, ReplacesAVerdict) {
  VerdictCache cache(100);
  cache.Insert("a", Verdict::kNoPermission, kLater);
  cache.Insert("a", Verdict::kAllowed, kLater);

  EXPECT_THAT(cache.Find("a", kNow), Optional(Verdict::kAllowed));
  EXPECT_EQ(cache.size(), 1);
}

TEST(TokenCache, HoldsNoMoreThanItMay) {
  for (const size_t max : {2U, 3U, 10U, 31U, 32U, 100U, 1000U}) {
    VerdictCache cache(max);
    for (int i = 0; i < 3000; ++i) {
      cache.Insert(Token(i), Verdict::kAllowed, kLater);
      ASSERT_LE(cache.size(), max);
    }
    EXPECT_GE(cache.size(), max / 3);
  }
}

TEST(TokenCache, KeepsWhatIsAskedForOften) {
  VerdictCache cache(200);
  cache.Insert("often", Verdict::kAllowed, kLater);

  for (int i = 0; i < 3000; ++i) {
    cache.Insert(Token(i), Verdict::kAllowed, kLater);
    ASSERT_TRUE(cache.Find("often", kNow)) << i;
  }

  EXPECT_FALSE(cache.Find(Token(0), kNow));
}

TEST(TokenCache, TakesTokensFromManyThreads) {
  VerdictCache cache(64);
  std::vector<std::jthread> threads;

  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache] {
      for (int i = 0; i < 500; ++i) {
        cache.Insert(Token(i), Verdict::kAllowed, kLater);
        cache.Find(Token(i / 2), kNow);
      }
    });
  }
  threads.clear();

  EXPECT_LE(cache.size(), 64);
}

}  // namespace
}  // namespace muster::auth
