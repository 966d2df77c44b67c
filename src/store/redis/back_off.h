#pragma once

#include <algorithm>
#include <chrono>

namespace muster::store::redis {

// How long to wait before the next attempt to reach a server that is away.
class BackOff {
 public:
  struct Options {
    // Short: most often the server was only started anew.
    std::chrono::milliseconds first{100};
    // Doubled after each failure up to this, so that it is found soon after it is back.
    std::chrono::milliseconds last{2'000};
  };

  explicit BackOff(const Options& options) : options_(options), next_(options.first) {}

  std::chrono::milliseconds Next() {
    const std::chrono::milliseconds pause = next_;
    next_ = std::min(next_ * 2, options_.last);
    return pause;
  }
  void Reset() { next_ = options_.first; }

 private:
  const Options options_;
  std::chrono::milliseconds next_;
};

}  // namespace muster::store::redis
