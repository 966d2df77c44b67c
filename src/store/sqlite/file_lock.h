#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace muster::store::sqlite {

// The right of this process to be the only one with a database file, as a lock on a file beside it,
// "PATH.lock". The system frees it when the process ends, however it ends; the file stays. Children
// do not inherit it past exec.
class FileLock {
 public:
  // Makes both files when there are none, for this user's eyes only: the store keeps secrets.
  // FAILED_PRECONDITION when another process, or another store of this one, keeps it for a second;
  // UNAVAILABLE when a file cannot be made.
  static absl::StatusOr<FileLock> Take(const std::string& path);

  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  // -1: moved from.
  int fd_;
};

}  // namespace muster::store::sqlite
