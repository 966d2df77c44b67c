#include "provision/server_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "base/clock.h"
#include "base/status_macros.h"
#include "provision/exit_reason.h"
#include "provision/process_table.h"

namespace muster::provision {
namespace {

constexpr int kLookMs = 1'000;
constexpr int kSignalBase = 128;

// glibc 2.36 declares pidfd_open for C only.
int OpenProcess(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

void Wake(int event) {
  const uint64_t one = 1;
  // It fails only when it is readable already.
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof(one));
}

// The last bytes of a file; "" when it cannot be read.
std::string ReadEnd(const std::string& path) {
  constexpr off_t kBytes = 1024;
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return "";
  const off_t size = lseek(file.get(), 0, SEEK_END);
  std::string end(kBytes, '\0');
  const ssize_t bytes =
      pread(file.get(), end.data(), end.size(), size > kBytes ? size - kBytes : 0);
  end.resize(bytes > 0 ? static_cast<size_t>(bytes) : 0);
  return end;
}

int ExitCodeOf(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? info.si_status : kSignalBase + info.si_status;
}

// Why it ended; only of a child can that be known.
std::string ReapAndExplain(int process, const ServerProcess& server) {
  siginfo_t info = {};
  const auto id = static_cast<id_t>(process);
  if (waitid(P_PIDFD, id, &info, WEXITED | WNOWAIT) != 0) {
    return WithLastLine("ended", ReadEnd(server.output_path));
  }
  // The group's number is no one else's until its leader is reaped.
  kill(-server.pid, SIGKILL);
  waitid(P_PIDFD, id, &info, WEXITED);
  return ExitReason(ExitCodeOf(info), /*out_of_memory=*/false, ReadEnd(server.output_path));
}

}  // namespace

absl::Status ServerProcesses::CheckKernel() {
  const UniqueFd self(OpenProcess(getpid()));
  if (self.valid()) return absl::OkStatus();
  return absl::FailedPreconditionError("the kernel cannot watch processes: 5.3 or later is needed");
}

ServerProcesses::ServerProcesses(Options options)
    : options_(std::move(options)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

ServerProcesses::~ServerProcesses() {
  thread_.request_stop();
  Wake(wake_.get());
  thread_.join();
}

absl::Status ServerProcesses::Add(const ServerProcess& server) {
  // Before anything is opened: a server that is watched needs no more descriptors.
  if (const std::optional<absl::Status> added = AddedBefore(server)) return *added;
  UniqueFd process(OpenProcess(server.pid));
  if (!process.valid() && errno != ESRCH) {
    return absl::UnavailableError("the server's process cannot be watched");
  }
  // The descriptor is of the process that has the number now: is it still the same?
  MUSTER_ASSIGN_OR_RETURN(const std::optional<ProcessStat> stat, ReadProcessStat(server.pid));
  if (!process.valid() || !stat.has_value() || stat->started != server.started) {
    return absl::NotFoundError("the server's process has ended");
  }
  {
    base::MutexLock lock(&mu_);
    entries_.try_emplace(server.place.server_id, Entry{server, std::move(process)});
  }
  Wake(wake_.get());
  return absl::OkStatus();
}

std::optional<absl::Status> ServerProcesses::AddedBefore(const ServerProcess& server) const {
  const std::optional<ServerProcess> watched = Find(server.place.server_id);
  if (!watched.has_value()) return std::nullopt;
  if (watched->pid == server.pid && watched->started == server.started) return absl::OkStatus();
  return absl::AlreadyExistsError("another process is the server of that id");
}

std::optional<ServerProcess> ServerProcesses::Find(const std::string& server_id) const {
  base::MutexLock lock(&mu_);
  const auto found = entries_.find(server_id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.server;
}

std::vector<ServerProcess> ServerProcesses::All() const {
  base::MutexLock lock(&mu_);
  std::vector<ServerProcess> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(entry.server);
  return all;
}

void ServerProcesses::Signal(const std::string& server_id, int signal) {
  base::MutexLock lock(&mu_);
  const auto found = entries_.find(server_id);
  if (found == entries_.end()) return;
  // Of an ended child that is not reaped yet the number is still its own; of any other the
  // descriptor tells whether it still is.
  pollfd ended = {.fd = found->second.process.get(), .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, 0) == 0) kill(-found->second.server.pid, signal);
}

bool ServerProcesses::WaitForEnd(const std::string& server_id, std::chrono::milliseconds limit,
                                 const std::stop_token& stop) const {
  const std::stop_callback wake(stop, [this] {
    base::MutexLock lock(&mu_);
    ended_.SignalAll();
  });
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline = clock.MonotonicNow() + limit;
  base::MutexLock lock(&mu_);
  while (entries_.contains(server_id)) {
    const auto left = deadline - clock.MonotonicNow();
    if (stop.stop_requested() || left.count() <= 0) return false;
    ended_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
  }
  return true;
}

void ServerProcesses::Run(const std::stop_token& stop) {
  base::MonotonicTime next_look{};
  while (!stop.stop_requested()) {
    for (const std::string& server_id : WaitForSome()) End(server_id);
    const base::MonotonicTime now = base::Clock::System().MonotonicNow();
    if (now < next_look) continue;
    BoundOutputs();
    next_look = now + std::chrono::milliseconds(kLookMs);
  }
}

std::vector<std::string> ServerProcesses::WaitForSome() {
  std::vector<pollfd> waits = {{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  std::vector<std::string> ids = {""};
  {
    base::MutexLock lock(&mu_);
    waits.reserve(entries_.size() + 1);
    ids.reserve(entries_.size() + 1);
    for (const auto& [id, entry] : entries_) {
      waits.push_back({.fd = entry.process.get(), .events = POLLIN, .revents = 0});
      ids.push_back(id);
    }
  }
  std::vector<std::string> ended;
  if (poll(waits.data(), waits.size(), kLookMs) <= 0) return ended;
  if (waits[0].revents != 0) {
    uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t bytes = read(wake_.get(), &wakes, sizeof(wakes));
  }
  for (size_t i = 1; i < waits.size(); ++i) {
    if (waits[i].revents != 0) ended.push_back(ids[i]);
  }
  return ended;
}

void ServerProcesses::End(const std::string& server_id) {
  ServerProcess server;
  int process = -1;
  {
    base::MutexLock lock(&mu_);
    const Entry& entry = entries_.at(server_id);
    server = entry.server;
    process = entry.process.get();
  }
  const std::string reason = ReapAndExplain(process, server);
  {
    base::MutexLock lock(&mu_);
    entries_.erase(server_id);
    ended_.SignalAll();
  }
  options_.on_end(server_id, reason);
}

void ServerProcesses::BoundOutputs() {
  for (const ServerProcess& server : All()) {
    struct stat status = {};
    const bool known = lstat(server.output_path.c_str(), &status) == 0;
    if (!known || status.st_size <= options_.max_output_bytes) continue;
    const UniqueFd file(open(server.output_path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    // Its writers append, so they go on at the new end.
    [[maybe_unused]] const int cut = ftruncate(file.get(), 0);
  }
}

}  // namespace muster::provision
