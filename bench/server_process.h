#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace muster::bench {

// A server program of ours as a child process on free ports of 127.0.0.1; stopped at the end of its
// life. Not thread-safe.
class ServerProcess {
 public:
  // Starts the program and waits for its record `ready`. UNAVAILABLE when it does not start or ends
  // before that record.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const std::string& program);
  // Ends the program at once: how it drains is not what a benchmark measures.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // host:port
  const std::string& address() const { return address_; }
  // From before the program was started to its record `ready`.
  std::chrono::nanoseconds start_to_ready() const { return start_to_ready_; }

  // A number of /proc/<pid>/status in KiB, for example "VmRSS" or "VmHWM", the most there ever was.
  absl::StatusOr<int64_t> MemoryKib(const std::string& name) const;

 private:
  ServerProcess(pid_t pid, int out) : pid_(pid), out_(out) {}
  absl::Status WaitForReady();

  const pid_t pid_;
  // The read end of the program's standard output.
  const int out_;
  std::string address_;
  std::chrono::nanoseconds start_to_ready_{0};
};

}  // namespace muster::bench
