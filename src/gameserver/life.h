#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace muster::gameserver {

// Decides when the server ends by itself: when it was of no use for long enough, or a while after
// it was told to. Thread-safe.
class Life {
 public:
  struct Options {
    // 0: never for being idle.
    std::chrono::milliseconds idle_exit{0};
    // So that who asked gets the answer.
    std::chrono::milliseconds close_delay{1000};
  };
  // `close` takes nobody new, be it to a slot or a game; false when one came in between, and then
  // the server lives on.
  // `on_end` is called once, on the thread of the Tick that found the end, and hears why.
  Life(Options options, const base::Clock& clock, std::function<bool()> close,
       std::function<void(std::string_view why)> on_end)
      : options_(options),
        clock_(clock),
        close_(std::move(close)),
        on_end_(std::move(on_end)),
        idle_since_(clock.MonotonicNow()) {}

  // Ends after the delay, whoever is there.
  void EndSoon();
  // Called from time to time, from one thread.
  void Tick(bool in_use);

 private:
  // Why it ends now; nothing when it does not.
  std::optional<std::string_view> Verdict(bool in_use);

  const Options options_;
  const base::Clock& clock_;
  const std::function<bool()> close_;
  const std::function<void(std::string_view)> on_end_;
  base::Mutex mu_;
  base::MonotonicTime idle_since_ ABSL_GUARDED_BY(mu_);
  std::optional<base::MonotonicTime> end_at_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace muster::gameserver
