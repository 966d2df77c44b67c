#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace muster::base {

// A fixed number of threads that run tasks in the order they came. Thread-safe.
class WorkerPool {
 public:
  struct Options {
    // 0: one a core.
    size_t threads = 0;
    // Tasks that may wait; Submit refuses past it.
    size_t max_queued = 1000;
  };

  explicit WorkerPool(const Options& options);
  // Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues `task`; false when the queue is full, and the task is dropped.
  [[nodiscard]] bool Submit(std::function<void()> task);

 private:
  void Work();

  const size_t max_queued_;
  Mutex mu_;
  CondVar wake_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace muster::base
