#include "base/clock.h"

namespace muster::base {
namespace {

class SystemClock final : public Clock {
 public:
  PreciseTimestamp PreciseNow() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  MonotonicTime MonotonicNow() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace muster::base
