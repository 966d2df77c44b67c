#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// The machine's processes, as /proc shows them.
namespace muster::provision {

// What of /proc/PID/stat matters here.
struct ProcessStat {
  char state = '?';
  pid_t group = 0;
  // Ticks since the machine started; with the pid it names a process for good, as pids come again.
  uint64_t started = 0;
};

struct MarkedProcess {
  pid_t pid = 0;
  ProcessStat stat;
  // The variables that were asked for, those that it has.
  std::map<std::string, std::string, std::less<>> environment;
};

// Of the text of /proc/PID/stat; nothing when it is none. The name in it may hold any character.
std::optional<ProcessStat> ParseProcessStat(std::string_view text);

// The wanted ones among the variables of /proc/PID/environ. Of a name that stands twice the first
// counts.
std::map<std::string, std::string, std::less<>> ParseProcessEnvironment(
    std::string_view bytes, const std::vector<std::string>& wanted);

// Nothing when there is no such process, UNAVAILABLE when that cannot be known: a want of file
// descriptors is no end of a process.
absl::StatusOr<std::optional<ProcessStat>> ReadProcessStat(pid_t pid);

// All living processes of this user whose environment holds each of `marks` (name and value), with
// the variables `wanted`. Only the first 64 KiB of an environment are looked at. A process that
// keeps its environment from its own user is passed over. UNAVAILABLE when anything else of /proc
// cannot be read: a list is whole, or there is none.
absl::StatusOr<std::vector<MarkedProcess>> FindMarkedProcesses(
    const std::map<std::string, std::string>& marks, const std::vector<std::string>& wanted);

}  // namespace muster::provision
