#include "base/stop_wait.h"

#include <thread>

#include "base/clock.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

using std::chrono::milliseconds;

TEST(WaitUnlessStopped, WaitsForTheWholeTime) {
  const MonotonicTime begin = Clock::System().MonotonicNow();

  EXPECT_TRUE(WaitUnlessStopped(milliseconds(20), {}));

  EXPECT_GE(Clock::System().MonotonicNow() - begin, milliseconds(20));
}

TEST(WaitUnlessStopped, DoesNotWaitForNoTime) {
  EXPECT_TRUE(WaitUnlessStopped(milliseconds(0), {}));
  EXPECT_TRUE(WaitUnlessStopped(milliseconds(-1), {}));
}

TEST(WaitUnlessStopped, DoesNotWaitWhenStoppedBefore) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_FALSE(WaitUnlessStopped(std::chrono::hours(1), stop.get_token()));
  EXPECT_FALSE(WaitUnlessStopped(milliseconds(0), stop.get_token()));
}

TEST(WaitUnlessStopped, EndsWhenStopped) {
  std::stop_source stop;
  std::thread stopper([&stop] { stop.request_stop(); });

  EXPECT_FALSE(WaitUnlessStopped(std::chrono::hours(1), stop.get_token()));

  stopper.join();
}

}  // namespace
}  // namespace muster::base
