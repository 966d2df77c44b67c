#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace muster::provision {

struct SpawnSpec {
  // A path; see FindProgram.
  std::string program;
  std::vector<std::string> arguments;
  // "NAME=value"; it has no other variables.
  std::vector<std::string> environment;
  // The variable that tells the program its pid, so that it is not mistaken for a child that has
  // its environment; empty: none does.
  std::string pid_variable;
  // What it writes to its standard output and error is appended here. Not to where a symbolic link
  // leads: that is an error.
  std::string output_path;
  // Limits of the process and each of its children; 0: those of this process. See setrlimit(2):
  // RLIMIT_DATA, because address space alone costs nothing, and RLIMIT_NPROC, which counts all
  // processes of the user.
  int64_t max_data_bytes = 0;
  int64_t max_processes = 0;
};

// The path of the program that `name` means: itself if it holds a slash, else the first in the
// folders of `search_path`. NOT_FOUND when there is none, PERMISSION_DENIED when it cannot be run.
absl::StatusOr<std::string> FindProgram(const std::string& name, std::string_view search_path);

// Starts a child that leads a session and a process group of its own, with no file of this process
// but its output, with all signals as they are by default; it stays when this process ends. Returns
// its pid when the program runs. Errors: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, else
// INTERNAL. Safe with other threads; the caller reaps it.
absl::StatusOr<pid_t> Spawn(const SpawnSpec& spec);

}  // namespace muster::provision
