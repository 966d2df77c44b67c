#pragma once

#include <chrono>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace muster::fakes {

// A clock that stands still until it is told to move. Starts at 2026-01-01 00:00:00 UTC.
// Thread-safe.
class FakeClock final : public base::Clock {
 public:
  FakeClock() = default;

  base::PreciseTimestamp PreciseNow() const override {
    base::MutexLock lock(&mu_);
    return now_;
  }

  base::MonotonicTime MonotonicNow() const override {
    base::MutexLock lock(&mu_);
    return monotonic_now_;
  }

  // Moves both times on.
  void Advance(std::chrono::milliseconds duration) {
    base::MutexLock lock(&mu_);
    now_ += duration;
    monotonic_now_ += duration;
  }

  // Sets the wall clock only, as an operator or NTP does.
  void SetWallClock(base::Timestamp now) {
    base::MutexLock lock(&mu_);
    now_ = now;
  }

 private:
  mutable base::Mutex mu_;
  base::Timestamp now_ ABSL_GUARDED_BY(mu_) = std::chrono::sys_days(std::chrono::year(2026) /
                                                                    std::chrono::January / 1);
  base::MonotonicTime monotonic_now_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
