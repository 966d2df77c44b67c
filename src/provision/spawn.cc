#include "provision/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "provision/unique_fd.h"

namespace muster::provision {
namespace {

// Everything the child needs, made before it exists: between fork and exec it may only make calls
// that are safe in a signal handler, because other threads held locks.
struct Plan {
  const char* program = nullptr;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  // In its environment, for its pid; null: it is not told.
  char* pid_digits = nullptr;
  int input = -1;
  int output = -1;
  int failure = -1;
  rlim_t max_data_bytes = 0;
  rlim_t max_processes = 0;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // exec does not change them, its declaration is older than const.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

bool Limit(int resource, rlim_t max) {
  const rlimit limit = {max, max};
  return max == 0 || setrlimit(resource, &limit) == 0;
}

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Of any pid.
constexpr size_t kPidDigits = 10;

// With leading zeros.
void WritePid(char* digits) {
  pid_t rest = getpid();
  for (size_t i = kPidDigits; i > 0; --i, rest /= 10) {
    digits[i - 1] = static_cast<char>('0' + rest % 10);
  }
}

[[noreturn]] void RunChild(const Plan& plan) {
  ResetSignals();
  if (plan.pid_digits != nullptr) WritePid(plan.pid_digits);
  const bool ready =
      setsid() >= 0 && dup2(plan.input, STDIN_FILENO) >= 0 &&
      dup2(plan.output, STDOUT_FILENO) >= 0 && dup2(plan.output, STDERR_FILENO) >= 0 &&
      Limit(RLIMIT_DATA, plan.max_data_bytes) && Limit(RLIMIT_NPROC, plan.max_processes);
  if (ready) {
    // Where the kernel does not know it, our own files are closed by their flag all the same.
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(plan.program, plan.arguments.data(), plan.environment.data());
  }
  const int error = errno;
  // When this fails, too, the parent sees the exit.
  [[maybe_unused]] const ssize_t written = write(plan.failure, &error, sizeof(error));
  constexpr int kCannotRun = 127;
  _exit(kCannotRun);
}

absl::Status ErrorOf(int error) {
  const std::string reason = absl::AsciiStrToLower(std::generic_category().message(error));
  const std::string message = base::StrCat("the server program cannot be started: ", reason);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::InternalError(message);
  }
}

// The child's error, or 0 when its program runs.
int ReadFailure(int pipe) {
  int error = 0;
  ssize_t bytes = 0;
  do {
    bytes = read(pipe, &error, sizeof(error));
  } while (bytes < 0 && errno == EINTR);
  return bytes == sizeof(error) ? error : 0;
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& name, std::string_view search_path) {
  if (name.empty()) return absl::InvalidArgumentError("no server program is named");
  std::vector<std::string> paths;
  if (name.find('/') != std::string::npos) {
    paths.push_back(name);
  } else {
    for (const absl::string_view folder : absl::StrSplit(base::ToAbsl(search_path), ':')) {
      if (!folder.empty()) paths.push_back(base::StrCat(base::FromAbsl(folder), "/", name));
    }
  }
  bool exists = false;
  for (const std::string& path : paths) {
    if (access(path.c_str(), X_OK) == 0) return path;
    exists = exists || access(path.c_str(), F_OK) == 0;
  }
  return ErrorOf(exists ? EACCES : ENOENT);
}

absl::StatusOr<pid_t> Spawn(const SpawnSpec& spec) {
  const UniqueFd input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(
      open(spec.output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  std::array<int, 2> ends = {-1, -1};
  if (!input.valid() || !output.valid() || pipe2(ends.data(), O_CLOEXEC) != 0) {
    return ErrorOf(errno);
  }
  const UniqueFd failure(ends[0]);
  UniqueFd child_failure(ends[1]);
  std::string pid_entry = base::StrCat(spec.pid_variable, "=", std::string(kPidDigits, '0'));
  std::vector<char*> environment = Pointers(spec.environment);
  // Among the first, and before the null.
  if (!spec.pid_variable.empty()) environment.insert(environment.begin(), pid_entry.data());
  const Plan plan = {.program = spec.program.c_str(),
                     .arguments = Pointers(spec.arguments),
                     .environment = std::move(environment),
                     .pid_digits = spec.pid_variable.empty()
                                       ? nullptr
                                       : pid_entry.data() + spec.pid_variable.size() + 1,
                     .input = input.get(),
                     .output = output.get(),
                     .failure = child_failure.get(),
                     .max_data_bytes = static_cast<rlim_t>(spec.max_data_bytes),
                     .max_processes = static_cast<rlim_t>(spec.max_processes)};
  const pid_t pid = fork();
  if (pid < 0) return ErrorOf(errno);
  if (pid == 0) RunChild(plan);
  { const UniqueFd closed = std::move(child_failure); }
  const int error = ReadFailure(failure.get());
  if (error == 0) return pid;
  waitpid(pid, nullptr, 0);
  return ErrorOf(error);
}

}  // namespace muster::provision
