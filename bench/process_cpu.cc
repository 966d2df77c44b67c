#include "bench/process_cpu.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "base/strings.h"

namespace muster::bench {

absl::StatusOr<std::chrono::duration<double>> CpuTime(pid_t pid) {
  std::ifstream file(base::StrCat("/proc/", pid, "/stat"));
  std::string text;
  std::getline(file, text);
  // Fields 14 and 15 of proc(5); the second one is a name in parentheses that may hold anything.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return absl::NotFoundError(base::StrCat("no process ", pid));
  }
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double kernel = 0;
  fields >> user >> kernel;
  return std::chrono::duration<double>((user + kernel) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace muster::bench
