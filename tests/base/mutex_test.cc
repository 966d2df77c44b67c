#include "base/mutex.h"

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gtest/gtest.h"

namespace muster::base {
namespace {

using std::chrono::milliseconds;

// A counter that threads share, and a gate that they wait at.
class Shared {
 public:
  void Increment() {
    MutexLock lock(&mu_);
    ++count_;
  }
  int count() {
    MutexLock lock(&mu_);
    return count_;
  }
  void Open() {
    MutexLock lock(&mu_);
    open_ = true;
    changed_.SignalAll();
  }
  void Pass() {
    MutexLock lock(&mu_);
    while (!open_) changed_.Wait(&mu_);
    ++count_;
  }
  // Whether the gate was still closed when the time ran out.
  bool PassWithin(milliseconds timeout) {
    MutexLock lock(&mu_);
    while (!open_) {
      if (changed_.WaitFor(&mu_, timeout)) return !open_;
    }
    return false;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  int count_ ABSL_GUARDED_BY(mu_) = 0;
};

void RunInThreads(int count, const std::function<void()>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body);
  for (std::thread& thread : threads) thread.join();
}

TEST(Mutex, OneThreadAtATime) {
  Shared shared;

  RunInThreads(4, [&] {
    for (int i = 0; i < 10'000; ++i) shared.Increment();
  });

  EXPECT_EQ(shared.count(), 40'000);
}

TEST(CondVar, SignalAllWakesAll) {
  Shared shared;
  std::thread opener([&] { shared.Open(); });

  RunInThreads(4, [&] { shared.Pass(); });
  opener.join();

  EXPECT_EQ(shared.count(), 4);
}

TEST(CondVar, WaitForSaysThatTheTimeRanOut) {
  Shared shared;

  EXPECT_TRUE(shared.PassWithin(milliseconds(1)));
}

TEST(CondVar, WaitForSaysThatASignalCame) {
  Shared shared;
  std::thread opener([&] { shared.Open(); });

  EXPECT_FALSE(shared.PassWithin(std::chrono::minutes(1)));

  opener.join();
}

}  // namespace
}  // namespace muster::base
