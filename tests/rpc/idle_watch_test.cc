#include "rpc/idle_watch.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::rpc {
namespace {

using std::chrono::milliseconds;

// Long enough that the watch's own thread, which looks once a second, has nothing to find.
constexpr milliseconds kSilence{60'000};

class Thing final : public Watched {
 public:
  void OnSilence() override { ++silences_; }
  int silences() const { return silences_; }

 private:
  std::atomic<int> silences_{0};
};

class IdleWatchTest : public testing::Test {
 protected:
  // Moves the clock just short of the silence, so that only LookOnce can come upon it.
  void Wait(milliseconds time) { clock_.Advance(time); }

  fakes::FakeClock clock_;
  IdleWatch watch_{kSilence, clock_};
  std::shared_ptr<Thing> thing_ = std::make_shared<Thing>();
};

TEST_F(IdleWatchTest, SaysNothingBeforeTheSilence) {
  watch_.Watch(thing_);
  Wait(kSilence - milliseconds(1));

  watch_.LookOnce();

  EXPECT_EQ(thing_->silences(), 0);
}

TEST_F(IdleWatchTest, NoticesSilence) {
  watch_.Watch(thing_);
  Wait(kSilence);

  watch_.LookOnce();

  EXPECT_GE(thing_->silences(), 1);
}

TEST_F(IdleWatchTest, StartsToCountWhenItBeginsToWatch) {
  Wait(kSilence * 2);
  watch_.Watch(thing_);

  watch_.LookOnce();

  EXPECT_EQ(thing_->silences(), 0);
}

TEST_F(IdleWatchTest, CountsAnewWhenSomethingMoves) {
  watch_.Watch(thing_);
  Wait(kSilence - milliseconds(1));
  thing_->Moved(clock_.MonotonicNow());
  Wait(kSilence - milliseconds(1));

  watch_.LookOnce();

  EXPECT_EQ(thing_->silences(), 0);
}

TEST_F(IdleWatchTest, FindsTheSilentOneAmongMany) {
  const auto lively = std::make_shared<Thing>();
  watch_.Watch(thing_);
  watch_.Watch(lively);
  Wait(kSilence / 2);
  lively->Moved(clock_.MonotonicNow());
  Wait(kSilence / 2);

  watch_.LookOnce();

  EXPECT_GE(thing_->silences(), 1);
  EXPECT_EQ(lively->silences(), 0);
}

TEST_F(IdleWatchTest, LetsGoOfWhatNobodyOwns) {
  const std::weak_ptr<Thing> weak = thing_;
  watch_.Watch(thing_);

  thing_.reset();

  EXPECT_TRUE(weak.expired());
  Wait(kSilence);
  watch_.LookOnce();
}

TEST(IdleWatchThread, LooksByItself) {
  fakes::FakeClock clock;
  IdleWatch watch(milliseconds(20), clock);
  const auto thing = std::make_shared<Thing>();
  watch.Watch(thing);
  clock.Advance(milliseconds(20));

  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (thing->silences() == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }

  EXPECT_GE(thing->silences(), 1);
}

}  // namespace
}  // namespace muster::rpc
