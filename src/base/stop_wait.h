#pragma once

#include <chrono>
#include <stop_token>

namespace muster::base {

// Waits for `duration`, or until `stop` is requested. True when the time passed, false at once when
// stopped.
[[nodiscard]] bool WaitUnlessStopped(std::chrono::milliseconds duration,
                                     const std::stop_token& stop);

}  // namespace muster::base
