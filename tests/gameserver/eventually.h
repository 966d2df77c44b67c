#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "base/stop_wait.h"

namespace muster::gameserver {

// Looks until it is so, for at most 30 seconds. Whether it is so.
inline bool Eventually(const std::function<bool()>& is_so) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline = clock.MonotonicNow() + std::chrono::seconds(30);
  while (!is_so()) {
    if (clock.MonotonicNow() > deadline) return false;
    (void)base::WaitUnlessStopped(std::chrono::milliseconds(5), std::stop_token());
  }
  return true;
}

}  // namespace muster::gameserver
