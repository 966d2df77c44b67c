#include "provision/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "provision/unique_fd.h"

namespace muster::provision {
namespace {

constexpr size_t kMaxFileBytes = size_t{64} << 10;

struct DirCloser {
  void operator()(DIR* dir) const { closedir(dir); }
};

// How /proc says that a process has ended, or hides it. Any other error says nothing of it.
bool IsAbsence(int error) {
  return error == ENOENT || error == ESRCH || error == EACCES || error == EPERM;
}

absl::Status UnreadableError(int error) {
  const std::string reason = absl::AsciiStrToLower(std::generic_category().message(error));
  return absl::UnavailableError(base::StrCat("the list of processes cannot be read: ", reason));
}

// The file's beginning; nothing when its process has just ended.
absl::StatusOr<std::optional<std::string>> ReadBeginning(const std::string& path) {
  const auto failure = [](int error) -> absl::StatusOr<std::optional<std::string>> {
    if (IsAbsence(error)) return std::nullopt;
    return UnreadableError(error);
  };
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failure(errno);
  std::string text(kMaxFileBytes, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t bytes = read(file.get(), text.data() + size, text.size() - size);
    if (bytes < 0) return failure(errno);
    if (bytes == 0) break;
    size += static_cast<size_t>(bytes);
  }
  text.resize(size);
  return text;
}

absl::StatusOr<bool> IsOurs(const std::string& directory) {
  struct stat status = {};
  if (stat(directory.c_str(), &status) == 0) return status.st_uid == geteuid();
  if (IsAbsence(errno)) return false;
  return UnreadableError(errno);
}

bool Living(const ProcessStat& stat) { return stat.state != 'Z' && stat.state != 'X'; }

// Nothing when it has ended or is another user's.
absl::StatusOr<std::optional<MarkedProcess>> ReadProcess(pid_t pid,
                                                         const std::vector<std::string>& names) {
  const std::string directory = base::StrCat("/proc/", pid);
  MUSTER_ASSIGN_OR_RETURN(const bool ours, IsOurs(directory));
  if (!ours) return std::nullopt;
  MUSTER_ASSIGN_OR_RETURN(const std::optional<ProcessStat> stat, ReadProcessStat(pid));
  if (!stat.has_value() || !Living(*stat)) return std::nullopt;
  MUSTER_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                          ReadBeginning(directory + "/environ"));
  if (!bytes.has_value()) return std::nullopt;
  return MarkedProcess{pid, *stat, ParseProcessEnvironment(*bytes, names)};
}

// All numbers that /proc has now.
absl::StatusOr<std::vector<pid_t>> ReadPids() {
  const std::unique_ptr<DIR, DirCloser> proc(opendir("/proc"));
  if (proc == nullptr) return UnreadableError(errno);
  std::vector<pid_t> pids;
  errno = 0;
  while (const dirent* entry = readdir(proc.get())) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid)) pids.push_back(pid);
    errno = 0;
  }
  if (errno != 0) return UnreadableError(errno);
  return pids;
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(std::string_view text) {
  // "PID (NAME) STATE PARENT GROUP ...": the name is over at the last parenthesis.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(base::ToAbsl(text.substr(name_end + 1)), ' ', absl::SkipEmpty());
  constexpr size_t kState = 0;
  constexpr size_t kGroup = 2;
  constexpr size_t kStarted = 19;
  ProcessStat stat;
  if (fields.size() <= kStarted || fields[kState].size() != 1 ||
      !absl::SimpleAtoi(fields[kGroup], &stat.group) ||
      !absl::SimpleAtoi(fields[kStarted], &stat.started)) {
    return std::nullopt;
  }
  stat.state = fields[kState][0];
  return stat;
}

std::map<std::string, std::string, std::less<>> ParseProcessEnvironment(
    std::string_view bytes, const std::vector<std::string>& wanted) {
  std::map<std::string, std::string, std::less<>> found;
  for (const absl::string_view entry : absl::StrSplit(base::ToAbsl(bytes), '\0')) {
    const std::string_view variable = base::FromAbsl(entry);
    const size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name(variable.substr(0, equals));
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    found.emplace(std::move(name), variable.substr(equals + 1));
  }
  return found;
}

absl::StatusOr<std::optional<ProcessStat>> ReadProcessStat(pid_t pid) {
  MUSTER_ASSIGN_OR_RETURN(const std::optional<std::string> text,
                          ReadBeginning(base::StrCat("/proc/", pid, "/stat")));
  return text.has_value() ? ParseProcessStat(*text) : std::nullopt;
}

absl::StatusOr<std::vector<MarkedProcess>> FindMarkedProcesses(
    const std::map<std::string, std::string>& marks, const std::vector<std::string>& wanted) {
  std::vector<std::string> names = wanted;
  for (const auto& [name, value] : marks) names.push_back(name);
  MUSTER_ASSIGN_OR_RETURN(const std::vector<pid_t> pids, ReadPids());
  std::vector<MarkedProcess> found;
  for (const pid_t pid : pids) {
    MUSTER_ASSIGN_OR_RETURN(std::optional<MarkedProcess> process, ReadProcess(pid, names));
    const auto has = [&process](const auto& mark) {
      const auto at = process->environment.find(mark.first);
      return at != process->environment.end() && at->second == mark.second;
    };
    if (process.has_value() && std::all_of(marks.begin(), marks.end(), has)) {
      found.push_back(*std::move(process));
    }
  }
  return found;
}

}  // namespace muster::provision
