#include "auth/fetch_pauses.h"

#include "gmock/gmock.h"

namespace muster::auth {
namespace {

using std::chrono::milliseconds;

TEST(NextRetryPause, DoublesFromTheFirstToTheLongest) {
  const auto next = [](int last) {
    return NextRetryPause(milliseconds(last), milliseconds(3), milliseconds(10)).count();
  };

  EXPECT_EQ(next(0), 3);
  EXPECT_EQ(next(3), 6);
  EXPECT_EQ(next(6), 10);
  EXPECT_EQ(next(10), 10);
}

TEST(NextRetryPause, IsNeverNothing) {
  EXPECT_EQ(NextRetryPause(milliseconds(0), milliseconds(0), milliseconds(0)), milliseconds(1));
  EXPECT_EQ(NextRetryPause(milliseconds(1), milliseconds(0), milliseconds(0)), milliseconds(1));
}

TEST(FetchPauses, OpenWhenTheTimeHasCome) {
  FetchPauses pauses;
  const base::MonotonicTime now{};
  pauses.Close("keys", now, now + milliseconds(5));

  EXPECT_FALSE(pauses.Open("keys", now + milliseconds(4)));
  EXPECT_TRUE(pauses.Open("keys", now + milliseconds(5)));
  EXPECT_TRUE(pauses.Open("login", now));
}

}  // namespace
}  // namespace muster::auth
