#include "base/stop_wait.h"

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace muster::base {
namespace {

class Waiter {
 public:
  void Wake() {
    MutexLock lock(&mu_);
    woken_ = true;
    wake_.Signal();
  }

  // Whether the time passed before Wake was called.
  bool Wait(std::chrono::milliseconds duration) {
    const MonotonicTime deadline = Clock::System().MonotonicNow() + duration;
    MutexLock lock(&mu_);
    while (!woken_) {
      const auto left = deadline - Clock::System().MonotonicNow();
      if (left.count() <= 0) return true;
      wake_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    return false;
  }

 private:
  Mutex mu_;
  CondVar wake_;
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

bool WaitUnlessStopped(std::chrono::milliseconds duration, const std::stop_token& stop) {
  Waiter waiter;
  const std::stop_callback wake(stop, [&waiter] { waiter.Wake(); });
  return waiter.Wait(duration);
}

}  // namespace muster::base
