#pragma once

#include <sys/types.h>

#include <chrono>

#include "absl/status/statusor.h"

namespace muster::bench {

// Processor time that a process has used since its start, in user and kernel mode, to a hundredth
// of a second. A busy machine moves it far less than it moves throughput. NOT_FOUND when there is
// no such process.
absl::StatusOr<std::chrono::duration<double>> CpuTime(pid_t pid);

}  // namespace muster::bench
