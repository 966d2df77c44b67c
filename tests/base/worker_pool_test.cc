#include "base/worker_pool.h"

#include <atomic>
#include <future>
#include <latch>
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

using testing::ElementsAre;

// A pool of one thread, which can be held up.
class OneThreadPoolTest : public testing::Test {
 protected:
  static constexpr size_t kMaxQueued = 3;

  // Returns once the thread is held and the queue is empty.
  void HoldUp() {
    ASSERT_TRUE(pool_->Submit([this] {
      held_.count_down();
      release_.wait();
    }));
    held_.wait();
  }
  void Release() { release_.count_down(); }
  bool SubmitNumber(int number) {
    return pool_->Submit([this, number] { ran_.push_back(number); });
  }
  // Waits until all is done: the pool is gone then.
  const std::vector<int>& Drain() {
    pool_.reset();
    return ran_;
  }

 private:
  std::latch held_{1};
  std::latch release_{1};
  std::vector<int> ran_;
  std::unique_ptr<WorkerPool> pool_ =
      std::make_unique<WorkerPool>(WorkerPool::Options{.threads = 1, .max_queued = kMaxQueued});
};

TEST_F(OneThreadPoolTest, RunsTasksInTheOrderTheyCame) {
  EXPECT_TRUE(SubmitNumber(1));
  EXPECT_TRUE(SubmitNumber(2));
  EXPECT_TRUE(SubmitNumber(3));
  Release();

  EXPECT_THAT(Drain(), ElementsAre(1, 2, 3));
}

TEST_F(OneThreadPoolTest, RefusesATaskWhenTheQueueIsFull) {
  HoldUp();
  for (int number = 1; number <= 3; ++number) EXPECT_TRUE(SubmitNumber(number));

  EXPECT_FALSE(SubmitNumber(4));

  Release();
  EXPECT_THAT(Drain(), ElementsAre(1, 2, 3));
}

TEST_F(OneThreadPoolTest, RunsWhatIsQueuedBeforeItDies) {
  HoldUp();
  EXPECT_TRUE(SubmitNumber(1));
  EXPECT_TRUE(SubmitNumber(2));
  Release();

  EXPECT_THAT(Drain(), ElementsAre(1, 2));
}

TEST(WorkerPool, RunsAsManyTasksAtOnceAsItHasThreads) {
  WorkerPool pool({.threads = 3, .max_queued = 10});
  std::latch all_run(3);
  std::latch done(3);

  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool.Submit([&] {
      all_run.arrive_and_wait();
      done.count_down();
    }));
  }

  done.wait();
}

TEST(WorkerPool, HasAThreadACoreByDefault) {
  WorkerPool pool(WorkerPool::Options{});
  std::promise<void> ran;

  EXPECT_TRUE(pool.Submit([&ran] { ran.set_value(); }));

  ran.get_future().wait();
}

TEST(WorkerPool, TakesTasksFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 500;
  std::atomic<int> ran = 0;
  {
    WorkerPool pool({.threads = 2, .max_queued = kThreads * kTasks});
    std::vector<std::thread> submitters;
    for (int i = 0; i < kThreads; ++i) {
      submitters.emplace_back([&] {
        for (int task = 0; task < kTasks; ++task) EXPECT_TRUE(pool.Submit([&ran] { ++ran; }));
      });
    }
    for (std::thread& submitter : submitters) submitter.join();
  }

  EXPECT_EQ(ran, kThreads * kTasks);
}

TEST(WorkerPool, DropsWhatATaskHoldsOnceItHasRun) {
  auto held = std::make_shared<int>(7);
  const std::weak_ptr<int> observer = held;
  {
    WorkerPool pool({.threads = 1, .max_queued = 1});
    EXPECT_TRUE(pool.Submit([held = std::move(held)] { EXPECT_EQ(*held, 7); }));
  }

  EXPECT_TRUE(observer.expired());
}

}  // namespace
}  // namespace muster::base
