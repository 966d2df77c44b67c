#include "telemetry/exporters/file_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string>

#include "base/stop_wait.h"
#include "base/strings.h"

namespace muster::telemetry::exporters {
namespace {

// How long a file that takes nothing may hold back a stop.
constexpr int kPollMs = 20;
// For a file that says it is ready and then takes nothing.
constexpr std::chrono::milliseconds kPause{5};
constexpr size_t kLargeChunk = size_t{1} << 20;

// S_IFREG and the like; 0 for a descriptor that is not open.
mode_t TypeOf(int descriptor) {
  struct stat info = {};
  return fstat(descriptor, &info) == 0 ? info.st_mode & S_IFMT : 0;
}

// To open the master of a pseudo-terminal once more would make another terminal.
bool IsTerminal(int descriptor) {
  int number = 0;
  return isatty(descriptor) == 1 && ioctl(descriptor, TIOCGPTN, &number) != 0;
}

// That a pipe or a terminal is ready does not mean that it takes a whole chunk, and then it would
// block. O_NONBLOCK on the descriptor itself would reach all that share it: standard error, the
// shell. A descriptor of its own does not.
int OpenAnew(int descriptor) {
  if (TypeOf(descriptor) != S_IFIFO && !IsTerminal(descriptor)) return -1;
  const std::string path = base::StrCat("/proc/self/fd/", descriptor);
  return open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

// The longest beginning that ends with a line and has at most `max_bytes`, or all of these when
// there is none.
std::string_view NextChunk(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const size_t line_end = text.rfind('\n', max_bytes - 1);
  return text.substr(0, line_end == std::string_view::npos ? max_bytes : line_end + 1);
}

// False when stopped. An error of the file counts as ready: the write will say which.
bool WaitUntilReady(int descriptor, const std::stop_token& stop) {
  pollfd watched = {descriptor, POLLOUT, 0};
  while (!stop.stop_requested()) {
    if (poll(&watched, 1, kPollMs) > 0) return true;
  }
  return false;
}

}  // namespace

FileWriter::FileWriter(int descriptor, ExportCounts& counts)
    : own_descriptor_(OpenAnew(descriptor)),
      descriptor_(own_descriptor_ >= 0 ? own_descriptor_ : descriptor),
      is_socket_(TypeOf(descriptor) == S_IFSOCK),
      // A regular file always takes everything, so there small pieces would only cost.
      chunk_bytes_(TypeOf(descriptor) == S_IFREG ? kLargeChunk : PIPE_BUF),
      counts_(counts) {}

FileWriter::~FileWriter() {
  if (own_descriptor_ >= 0) close(own_descriptor_);
}

void FileWriter::Write(const Batch& batch, std::stop_token stop) {
  // What follows a line that was cut begins on a line of its own. The last line goes out together
  // with its end, or another writer's could come between.
  const std::string text = base::StrCat(inside_line_ ? "\n" : "", batch.text, "\n");
  if (WriteAll(text, stop)) {
    counts_.sent.fetch_add(batch.records, std::memory_order_relaxed);
  } else {
    counts_.Drop(DropReason::kGaveUp, batch.records);
  }
}

bool FileWriter::WriteAll(std::string_view text, const std::stop_token& stop) {
  while (!text.empty()) {
    if (!WaitUntilReady(descriptor_, stop)) return false;
    const std::string_view chunk = NextChunk(text, chunk_bytes_);
    const ssize_t written =
        is_socket_ ? send(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                   : write(descriptor_, chunk.data(), chunk.size());
    if (written > 0) {
      inside_line_ = text[static_cast<size_t>(written) - 1] != '\n';
      text.remove_prefix(static_cast<size_t>(written));
    } else if (written == 0 || errno == EAGAIN) {
      if (!base::WaitUnlessStopped(kPause, stop)) return false;
    } else if (errno != EINTR) {
      counts_.failed_attempts.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  }
  return true;
}

}  // namespace muster::telemetry::exporters
