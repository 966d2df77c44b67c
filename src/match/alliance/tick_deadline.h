#pragma once

#include <chrono>

#include "base/clock.h"
#include "match/match_logic.h"

namespace muster::match::alliance {

// When a tick must end: its time is up, or its caller has gone. Cheap enough to be asked at every
// step, since it looks at the clock only now and then. Not thread-safe.
class TickDeadline {
 public:
  // The time starts to run now. Without a clock in the context it never ends.
  TickDeadline(const RunContext& context, std::chrono::milliseconds limit)
      : clock_(context.clock), stop_(context.stop) {
    if (clock_ != nullptr) end_ = clock_->MonotonicNow() + limit;
  }

  // `work` is what was done since the last question, in steps of about a tenth of a microsecond.
  // Once true, always true.
  bool IsOver(int64_t work = 1) {
    work_ += work;
    if (work_ < kWorkBetweenLooks || over_) return over_;
    work_ = 0;
    out_of_time_ = clock_ != nullptr && clock_->MonotonicNow() >= end_;
    over_ = out_of_time_ || stop_.stop_requested();
    return over_;
  }

  // Whether it was the time that ended the tick: nobody listens any more when the caller has gone.
  bool IsOutOfTime() const { return out_of_time_; }

 private:
  static constexpr int64_t kWorkBetweenLooks = 1000;

  const base::Clock* const clock_;
  const std::stop_token stop_;
  base::MonotonicTime end_;
  int64_t work_ = 0;
  bool over_ = false;
  bool out_of_time_ = false;
};

}  // namespace muster::match::alliance
