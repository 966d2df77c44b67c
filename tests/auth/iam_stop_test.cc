#include <thread>

#include "tests/auth/iam_fixture.h"

namespace muster::auth {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

class IamStopTest : public IamFixture {
 protected:
  // As Later, but holds up the thread that fetches until Continue.
  void LaterAndHoldUp(std::string token) {
    control_->CheckLater(std::move(token), [this](Verdict) {
      held_up_.set_value();
      go_on_.get_future().wait();
      gone_on_ = true;
    });
  }
  void AwaitHeldUp() {
    ASSERT_EQ(held_up_.get_future().wait_for(kPatience), std::future_status::ready);
  }
  void Continue() { go_on_.set_value(); }
  // Returns when somebody has begun to stop the control.
  void AwaitStopping() {
    while (Now(support::TestKey::Other().Named("made up").Token(Claims())) !=
           Verdict::kIamUnavailable) {
      std::this_thread::yield();
    }
  }

  std::promise<void> held_up_;
  std::promise<void> go_on_;
  std::atomic<bool> gone_on_ = false;
};

TEST_F(IamStopTest, StopAnswersWaitingCallsAndEndsTheFetch) {
  StartReady();
  sender_.Hold(kKeysPath);
  std::future<Verdict> fetching = Later(OtherToken());
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 2));
  std::future<Verdict> queued = Later(OtherToken());

  control_->Stop();

  EXPECT_EQ(Get(std::move(fetching)), Verdict::kIamUnavailable);
  EXPECT_EQ(Get(std::move(queued)), Verdict::kIamUnavailable);
  EXPECT_THAT(changes_.WaitFor(0), IsEmpty());
}

TEST_F(IamStopTest, ItsEndAnswersWaitingCallsToo) {
  StartReady();
  sender_.Hold(kKeysPath);
  std::future<Verdict> waiting = Later(OtherToken());
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 2));

  control_.reset();

  EXPECT_EQ(Get(std::move(waiting)), Verdict::kIamUnavailable);
}

TEST_F(IamStopTest, ServesWhatItKnowsAfterStop) {
  StartReady();
  control_->Stop();
  control_->Stop();

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
  EXPECT_EQ(Get(Later(Token())), Verdict::kAllowed);
  EXPECT_EQ(Now(OtherToken()), Verdict::kIamUnavailable);
  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kIamUnavailable);
  EXPECT_EQ(sender_.Calls(kKeysPath), 1);
}

TEST_F(IamStopTest, StopEndsAPauseAtOnce) {
  options_.first_retry = options_.last_retry = seconds(3600);
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));
  Start();
  changes_.WaitFor(1);

  control_->Stop();

  EXPECT_EQ(Now(Token()), Verdict::kNotReady);
}

TEST_F(IamStopTest, AQueuedCallGetsTheVerdictThatIsKnown) {
  StartReady();
  sender_.Hold(kKeysPath);
  LaterAndHoldUp(OtherToken());
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 2));
  std::future<Verdict> queued = Later(OtherToken());
  PublishBothKeys();
  sender_.Release(kKeysPath);
  AwaitHeldUp();

  std::jthread stopper([this] { control_->Stop(); });
  AwaitStopping();
  Continue();

  EXPECT_EQ(Get(std::move(queued)), Verdict::kAllowed);
}

TEST_F(IamStopTest, EachOfTwoStopsWaitsForTheCalls) {
  StartReady();
  LaterAndHoldUp(OtherToken());
  AwaitHeldUp();

  const auto stop = [this] {
    control_->Stop();
    EXPECT_TRUE(gone_on_);
  };
  std::jthread first(stop);
  std::jthread second(stop);
  AwaitStopping();
  Continue();
}

}  // namespace
}  // namespace muster::auth
