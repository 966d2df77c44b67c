#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace muster::rpc {

// Something that must not stand still. Thread-safe.
class Watched {
 public:
  virtual ~Watched() = default;

  // Called each time something moved.
  void Moved(base::MonotonicTime now) { last_moved_.store(now, std::memory_order_relaxed); }
  base::MonotonicTime last_moved() const { return last_moved_.load(std::memory_order_relaxed); }

  // Nothing moved for too long. Called without locks, possibly more than once.
  virtual void OnSilence() = 0;

 private:
  std::atomic<base::MonotonicTime> last_moved_{base::MonotonicTime{}};
};

// Looks at everything it watches, often enough that silence is noticed at most a quarter too late.
// Thread-safe.
class IdleWatch {
 public:
  IdleWatch(std::chrono::milliseconds silence, const base::Clock& clock);
  // Ends the watching; calls OnSilence no more.
  ~IdleWatch();
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;

  // Watches until the last owner lets go.
  void Watch(const std::shared_ptr<Watched>& watched);

  // One look, as the thread does it. Public for tests with a clock of their own.
  void LookOnce();

 private:
  void Loop();

  const std::chrono::milliseconds silence_;
  const base::Clock& clock_;
  base::Mutex mu_;
  base::CondVar wake_;
  std::vector<std::weak_ptr<Watched>> watched_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace muster::rpc
