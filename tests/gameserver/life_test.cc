#include "gameserver/life.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::gameserver {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class LifeTest : public testing::Test {
 protected:
  Life Make(milliseconds idle_exit) {
    return {{.idle_exit = idle_exit, .close_delay = milliseconds(1000)},
            clock_,
            [this] { return closes_; },
            [this](std::string_view why) { ends_.emplace_back(why); }};
  }

  fakes::FakeClock clock_;
  bool closes_ = true;
  std::vector<std::string> ends_;
};

TEST_F(LifeTest, EndsOnceAfterBeingIdleForSoLong) {
  Life life = Make(milliseconds(100));
  clock_.Advance(milliseconds(99));
  life.Tick(/*in_use=*/true);
  clock_.Advance(milliseconds(99));
  life.Tick(false);
  EXPECT_THAT(ends_, IsEmpty());

  clock_.Advance(milliseconds(1));
  life.Tick(false);
  life.Tick(false);

  EXPECT_THAT(ends_, ElementsAre("idle"));
}

TEST_F(LifeTest, LivesOnWhenSomebodyCameInBetween) {
  Life life = Make(milliseconds(100));
  clock_.Advance(milliseconds(100));
  closes_ = false;
  life.Tick(false);
  EXPECT_THAT(ends_, IsEmpty());

  closes_ = true;
  life.Tick(false);

  EXPECT_THAT(ends_, ElementsAre("idle"));
}

TEST_F(LifeTest, WithoutALimitItIsNeverIdle) {
  Life life = Make(milliseconds(0));
  clock_.Advance(std::chrono::hours(1000));

  life.Tick(false);

  EXPECT_THAT(ends_, IsEmpty());
}

TEST_F(LifeTest, EndsAWhileAfterItWasToldTo) {
  Life life = Make(milliseconds(0));
  life.EndSoon();
  clock_.Advance(milliseconds(999));
  life.Tick(true);
  life.EndSoon();
  EXPECT_THAT(ends_, IsEmpty());

  clock_.Advance(milliseconds(1));
  life.Tick(true);
  life.Tick(true);

  EXPECT_THAT(ends_, ElementsAre("asked to"));
}

}  // namespace
}  // namespace muster::gameserver
