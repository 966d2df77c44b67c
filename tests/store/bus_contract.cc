#include "tests/store/bus_contract.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "gmock/gmock.h"

namespace muster::store {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Far above what any wait takes.
constexpr std::chrono::seconds kPatience(60);

// What a subscription was told, in its order.
class Inbox {
 public:
  lobby::EventBus::OnMessage OnMessage() {
    return [this](std::string_view payload) { Add(std::string(payload)); };
  }
  lobby::EventBus::OnGap OnGap() {
    return [this] {
      base::MutexLock lock(&mu_);
      ++gaps_;
      changed_.SignalAll();
    };
  }

  // Waits for `count` messages and gives all that came.
  std::vector<std::string> Await(size_t count) {
    base::MutexLock lock(&mu_);
    while (messages_.size() < count) {
      if (changed_.WaitFor(&mu_, kPatience)) break;
    }
    return messages_;
  }

  // Waits a moment for this message, as the last one, or for a gap.
  bool HasMessageOrGap(const std::string& last) {
    base::MutexLock lock(&mu_);
    while (gaps_ == 0 && (messages_.empty() || messages_.back() != last)) {
      if (changed_.WaitFor(&mu_, std::chrono::milliseconds(100))) return false;
    }
    return true;
  }

 private:
  void Add(std::string message) {
    base::MutexLock lock(&mu_);
    messages_.push_back(std::move(message));
    changed_.SignalAll();
  }

  base::Mutex mu_;
  base::CondVar changed_;
  std::vector<std::string> messages_;
  int gaps_ = 0;
};

std::vector<std::string> Numbers(int count) {
  std::vector<std::string> numbers;
  numbers.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

// Lets callbacks wait until it opens.
class Gate {
 public:
  void Open() {
    base::MutexLock lock(&mu_);
    open_ = true;
    changed_.SignalAll();
  }
  void Pass() {
    base::MutexLock lock(&mu_);
    ++waiting_;
    changed_.SignalAll();
    while (!open_) changed_.Wait(&mu_);
  }
  void AwaitWaiting() {
    base::MutexLock lock(&mu_);
    while (waiting_ == 0) changed_.Wait(&mu_);
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  int waiting_ = 0;
  bool open_ = false;
};

}  // namespace

TEST_P(BusContract, MessagesComeInTheirOrder) {
  Inbox own;
  Inbox other;
  const auto first = bus().Subscribe("work", own.OnMessage(), own.OnGap());
  const auto second = under_test().other_replica().Subscribe("work", other.OnMessage(), {});
  under_test().AwaitSubscribed();

  for (const std::string& number : Numbers(500)) bus().Publish("work", number);

  EXPECT_EQ(own.Await(500), Numbers(500));
  EXPECT_EQ(other.Await(500), Numbers(500));
}

TEST_P(BusContract, PayloadsAreData) {
  const std::vector<std::string> payloads = {"",
                                             " ",
                                             "a b\r\nc",
                                             R"({"quoted":"\u0000"})",
                                             std::string("nul\0byte", 8),
                                             "\xf0\x9f\x8e\xae",
                                             std::string(100'000, 'x')};
  Inbox inbox;
  const auto subscription = bus().Subscribe("work", inbox.OnMessage(), inbox.OnGap());
  under_test().AwaitSubscribed();

  for (const std::string& payload : payloads) bus().Publish("work", payload);

  EXPECT_EQ(inbox.Await(payloads.size()), payloads);
}

TEST_P(BusContract, ChannelsAreApart) {
  Inbox work;
  Inbox requests;
  const auto first = bus().Subscribe("work", work.OnMessage(), {});
  const auto second = bus().Subscribe("requests", requests.OnMessage(), {});
  under_test().AwaitSubscribed();

  bus().Publish("work", "w");
  bus().Publish("requests", "r");
  bus().Publish("nobody listens", "n");
  bus().Publish("work", "end");
  bus().Publish("requests", "end");

  EXPECT_THAT(work.Await(2), ElementsAre("w", "end"));
  EXPECT_THAT(requests.Await(2), ElementsAre("r", "end"));
}

TEST_P(BusContract, AnEndedSubscriptionGetsNothing) {
  Inbox ended;
  Inbox inbox;
  auto first = bus().Subscribe("work", ended.OnMessage(), ended.OnGap());
  const auto second = bus().Subscribe("work", inbox.OnMessage(), {});
  under_test().AwaitSubscribed();

  first.reset();
  bus().Publish("work", "late");

  EXPECT_THAT(inbox.Await(1), ElementsAre("late"));
  EXPECT_THAT(ended.Await(0), IsEmpty());
}

TEST_P(BusContract, TheLastSubscriptionMayEndAndAnotherBegin) {
  for (int round = 0; round < 5; ++round) {
    Inbox inbox;
    const auto subscription = bus().Subscribe("work", inbox.OnMessage(), {});
    under_test().AwaitSubscribed();

    bus().Publish("work", std::to_string(round));

    EXPECT_THAT(inbox.Await(1), ElementsAre(std::to_string(round)));
  }
}

TEST_P(BusContract, EndingWaitsForTheCallback) {
  Gate gate;
  std::atomic<bool> in_callback = false;
  auto subscription = bus().Subscribe("work",
                                      [&](std::string_view) {
                                        in_callback = true;
                                        gate.Pass();
                                        in_callback = false;
                                      },
                                      {});
  under_test().AwaitSubscribed();
  bus().Publish("work", "x");
  gate.AwaitWaiting();

  std::thread opener([&gate] { gate.Open(); });
  subscription.reset();

  EXPECT_FALSE(in_callback);
  opener.join();
}

TEST_P(BusContract, OneCallbackAtATime) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  Inbox inbox;
  const auto add = inbox.OnMessage();
  const auto subscription = bus().Subscribe("work",
                                            [&](std::string_view payload) {
                                              if (++running > most) most = running.load();
                                              add(payload);
                                              --running;
                                            },
                                            {});
  under_test().AwaitSubscribed();
  std::vector<std::jthread> publishers;

  for (int i = 0; i < 4; ++i) {
    publishers.emplace_back([this] {
      for (int j = 0; j < 100; ++j) bus().Publish("work", "x");
    });
  }

  EXPECT_THAT(inbox.Await(400), SizeIs(400));
  EXPECT_EQ(most, 1);
}

TEST_P(BusContract, MessagesOfEachPublisherKeepTheirOrder) {
  Inbox inbox;
  const auto subscription = bus().Subscribe("work", inbox.OnMessage(), {});
  under_test().AwaitSubscribed();
  std::vector<std::jthread> publishers;

  for (const char name : {'a', 'b', 'c'}) {
    publishers.emplace_back([this, name] {
      for (const std::string& number : Numbers(100)) bus().Publish("work", name + number);
    });
  }

  std::vector<std::string> of_b;
  for (const std::string& message : inbox.Await(300)) {
    if (message.front() == 'b') of_b.push_back(message.substr(1));
  }
  EXPECT_EQ(of_b, Numbers(100));
}

TEST_P(BusContract, ACallbackMayPublish) {
  Inbox inbox;
  const auto answers = bus().Subscribe("requests", inbox.OnMessage(), {});
  const auto relay = bus().Subscribe(
      "work", [this](std::string_view payload) { bus().Publish("requests", std::string(payload)); },
      {});
  under_test().AwaitSubscribed();

  bus().Publish("work", "x");

  EXPECT_THAT(inbox.Await(1), ElementsAre("x"));
}

TEST_P(BusContract, PublishDoesNotWaitForAReceiverThatHangs) {
  Gate gate;
  Inbox inbox;
  const auto add = inbox.OnMessage();
  const auto subscription = bus().Subscribe(
      "work",
      [&](std::string_view payload) {
        gate.Pass();
        add(payload);
      },
      inbox.OnGap());
  under_test().AwaitSubscribed();

  for (const std::string& number : Numbers(30'000)) bus().Publish("work", number);
  gate.Open();

  // A bus that cannot send so much drops the end, too; it gets through when there is room again.
  bool arrived = false;
  for (int i = 0; i < 600 && !arrived; ++i) {
    bus().Publish("work", "end");
    arrived = inbox.HasMessageOrGap("end");
  }
  EXPECT_TRUE(arrived);
}

TEST_P(BusContract, AGapNeedsNoCallback) {
  Gate gate;
  const auto subscription = bus().Subscribe("work", [&](std::string_view) { gate.Pass(); }, {});
  under_test().AwaitSubscribed();

  for (int i = 0; i < 30'000; ++i) bus().Publish("work", "x");
  gate.Open();
}

}  // namespace muster::store
