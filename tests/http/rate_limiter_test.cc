#include "http/rate_limiter.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimiterTest : public testing::Test {
 protected:
  // How many of `calls` are let through.
  static int Count(RateLimiter& limiter, std::string_view client_id, int calls) {
    int let_through = 0;
    for (int i = 0; i < calls; ++i) let_through += limiter.Take(client_id) ? 0 : 1;
    return let_through;
  }

  fakes::FakeClock clock_;
};

TEST_F(RateLimiterTest, LetsABurstThrough) {
  RateLimiter limiter({.per_second = 10, .burst = 20}, clock_);

  EXPECT_EQ(Count(limiter, "alice", 30), 20);
}

TEST_F(RateLimiterTest, LetsTheRateThroughForLong) {
  RateLimiter limiter({.per_second = 10, .burst = 20}, clock_);
  Count(limiter, "alice", 30);

  for (int i = 0; i < 5; ++i) {
    clock_.Advance(seconds(1));
    EXPECT_EQ(Count(limiter, "alice", 30), 10);
  }
}

TEST_F(RateLimiterTest, NeverSavesMoreThanABurst) {
  RateLimiter limiter({.per_second = 10, .burst = 20}, clock_);
  Count(limiter, "alice", 1);
  clock_.Advance(seconds(3600));

  EXPECT_EQ(Count(limiter, "alice", 30), 20);
}

TEST_F(RateLimiterTest, TellsHowLongToWait) {
  RateLimiter limiter({.per_second = 4, .burst = 1}, clock_);
  ASSERT_FALSE(limiter.Take("alice"));

  EXPECT_EQ(limiter.Take("alice"), milliseconds(250));
  clock_.Advance(milliseconds(100));
  EXPECT_EQ(limiter.Take("alice"), milliseconds(150));
  clock_.Advance(milliseconds(150));
  EXPECT_FALSE(limiter.Take("alice"));
}

TEST_F(RateLimiterTest, KeepsClientsApart) {
  RateLimiter limiter({.per_second = 1, .burst = 1}, clock_);

  EXPECT_FALSE(limiter.Take("alice"));
  EXPECT_FALSE(limiter.Take("bob"));
  EXPECT_TRUE(limiter.Take("alice"));
}

TEST_F(RateLimiterTest, LimitsNobodyWithoutARate) {
  RateLimiter limiter({.per_second = 0, .burst = 0}, clock_);

  EXPECT_EQ(Count(limiter, "alice", 1000), 1000);
}

TEST_F(RateLimiterTest, LetsNewcomersShareABucketWhenThereIsNoRoom) {
  RateLimiter limiter({.per_second = 1, .burst = 2, .max_clients = 2}, clock_);
  Count(limiter, "alice", 1);
  Count(limiter, "bob", 1);

  EXPECT_EQ(Count(limiter, "carol", 1) + Count(limiter, "dave", 5), 2);
  EXPECT_EQ(Count(limiter, "alice", 5), 1);
}

TEST_F(RateLimiterTest, ForgetsTheQuietToMakeRoom) {
  RateLimiter limiter({.per_second = 1, .burst = 2, .max_clients = 2}, clock_);
  Count(limiter, "alice", 2);
  Count(limiter, "bob", 2);
  Count(limiter, "carol", 2);
  clock_.Advance(seconds(2));

  EXPECT_EQ(Count(limiter, "dave", 5), 2);
  EXPECT_EQ(Count(limiter, "erin", 5), 2);
}

TEST_F(RateLimiterTest, ForgetsNobodyWhoseBucketIsNotFull) {
  RateLimiter limiter({.per_second = 1, .burst = 2, .max_clients = 1}, clock_);
  Count(limiter, "alice", 2);
  clock_.Advance(seconds(1));
  Count(limiter, "bob", 1);

  EXPECT_EQ(Count(limiter, "alice", 5), 1);
}

}  // namespace
}  // namespace muster::http
