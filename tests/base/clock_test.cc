#include "base/clock.h"

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::base {
namespace {

using std::chrono::milliseconds;

TEST(Clock, SystemIsOneObjectForTheWholeProcess) { EXPECT_EQ(&Clock::System(), &Clock::System()); }

TEST(Clock, SystemTellsThisCentury) {
  const Timestamp start_of_project =
      std::chrono::sys_days(std::chrono::year(2024) / std::chrono::January / 1);

  EXPECT_GT(Clock::System().Now(), start_of_project);
}

TEST(Clock, SystemMonotonicTimeNeverGoesBack) {
  const MonotonicTime before = Clock::System().MonotonicNow();
  const MonotonicTime after = Clock::System().MonotonicNow();

  EXPECT_LE(before, after);
}

TEST(FakeClock, StandsStillUntilItIsAdvanced) {
  fakes::FakeClock clock;
  const Timestamp now = clock.Now();
  const MonotonicTime monotonic_now = clock.MonotonicNow();
  EXPECT_EQ(clock.Now(), now);

  clock.Advance(milliseconds(1500));

  EXPECT_EQ(clock.Now() - now, milliseconds(1500));
  EXPECT_EQ(clock.MonotonicNow() - monotonic_now, milliseconds(1500));
}

TEST(FakeClock, SettingTheWallClockLeavesMonotonicTimeAlone) {
  fakes::FakeClock clock;
  const MonotonicTime monotonic_now = clock.MonotonicNow();

  clock.SetWallClock(Timestamp(milliseconds(42)));

  EXPECT_EQ(clock.Now(), Timestamp(milliseconds(42)));
  EXPECT_EQ(clock.MonotonicNow(), monotonic_now);
}

}  // namespace
}  // namespace muster::base
