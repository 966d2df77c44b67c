#pragma once

#include <chrono>

namespace muster::base {

// A point of wall-clock time, UTC, to the millisecond.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// The same to the microsecond, for spans of traces.
using PreciseTimestamp = std::chrono::sys_time<std::chrono::microseconds>;

// A point of monotonic time, for timeouts.
using MonotonicTime = std::chrono::steady_clock::time_point;

// The one way to ask for the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual PreciseTimestamp PreciseNow() const = 0;
  Timestamp Now() const { return std::chrono::floor<std::chrono::milliseconds>(PreciseNow()); }
  virtual MonotonicTime MonotonicNow() const = 0;

  // The machine's clock; lives for the whole process.
  static const Clock& System();
};

}  // namespace muster::base
