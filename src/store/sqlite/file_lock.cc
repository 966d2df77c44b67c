#include "store/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stop_token>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/stop_wait.h"
#include "base/strings.h"

namespace muster::store::sqlite {
namespace {

constexpr mode_t kOwnerOnly = 0600;

// A lobby that was killed may have had a child that was yet to become a game server's process: that
// one holds the lock, too, until it does.
constexpr std::chrono::milliseconds kPatience{1'000};
constexpr std::chrono::milliseconds kPause{20};

absl::StatusOr<int> OpenOrMake(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (fd >= 0) return fd;
  return absl::UnavailableError(base::StrCat("store: cannot open or make ", path, ": ",
                                             std::generic_category().message(errno)));
}

// Whether this descriptor has the lock now. Not fcntl's lock: that one is lost as soon as the
// process closes any descriptor of the file.
bool TryLock(int fd) { return flock(fd, LOCK_EX | LOCK_NB) == 0; }

// As TryLock, but waits.
bool LockInTime(int fd) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime end = clock.MonotonicNow() + kPatience;
  while (!TryLock(fd)) {
    if (clock.MonotonicNow() >= end) return false;
    // Nothing stops it.
    (void)base::WaitUnlessStopped(kPause, std::stop_token());
  }
  return true;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Take(const std::string& path) {
  const absl::StatusOr<int> lock_fd = OpenOrMake(path + ".lock");
  if (!lock_fd.ok()) return lock_fd.status();
  FileLock lock(*lock_fd);
  if (!LockInTime(lock.fd_)) {
    return absl::FailedPreconditionError(
        base::StrCat("store ", path, ": in use by another lobby; a file serves one at a time"));
  }
  const absl::StatusOr<int> file = OpenOrMake(path);
  if (!file.ok()) return file.status();
  close(*file);
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

}  // namespace muster::store::sqlite
