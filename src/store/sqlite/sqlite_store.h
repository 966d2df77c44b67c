#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "lobby/store.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"

namespace muster::store::sqlite {

// The memory of a lobby that is one process, in one SQLite file. A write is on the disk when it
// returns; those that come together share one wait for the disk. Leases end with the process, since
// nobody else can have the file; their fences go on. Thread-safe; calls end before the store does.
class SqliteStore final : public lobby::Store {
 public:
  struct Options {
    // The file; "-wal", "-shm" and ".lock" are put behind its name for those beside it. ":memory:"
    // keeps everything in memory, and nothing after the end.
    std::string path = "muster-lobby.db";
    // Requests that wait; one more is refused. Far more than servers start in a sensible time.
    int64_t max_pending = 100'000;
    // The file grows to this size; then writes say UNAVAILABLE. Some hundred thousand requests.
    int64_t max_bytes = int64_t{1} << 30;
    // Reads at once, each with a connection of some hundred KiB.
    size_t readers = 2;
  };

  // `clock` outlives the store. INVALID_ARGUMENT when there is no path; FAILED_PRECONDITION when
  // another lobby has the file, or a newer one has written it; DATA_LOSS when it is damaged or no
  // database; UNAVAILABLE when it cannot be opened or written.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const Options& options,
                                                           const base::Clock& clock);

  absl::StatusOr<std::optional<lobby::Request>> FindRequest(std::string_view client_id) override;
  absl::StatusOr<lobby::Request> WriteRequest(const lobby::Request& request) override;
  absl::StatusOr<std::vector<lobby::Request>> RequestsAfter(int64_t revision,
                                                            size_t limit) override;
  // Records that cannot be read are removed when they have expired.
  absl::StatusOr<std::vector<lobby::Request>> ExpiredRequests(base::Timestamp now,
                                                              size_t limit) override;
  absl::StatusOr<std::vector<lobby::GameServer>> Servers() override;
  absl::StatusOr<std::vector<int64_t>> Commit(const lobby::Lease& lease,
                                              const lobby::Batch& batch) override;
  absl::StatusOr<std::optional<lobby::Lease>> AcquireLease(std::string_view name,
                                                           std::chrono::milliseconds ttl) override;
  absl::Status RenewLease(const lobby::Lease& lease, std::chrono::milliseconds ttl) override;
  absl::Status ReleaseLease(const lobby::Lease& lease) override;
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override;
  absl::Status Check() override;
  int64_t unreadable_records() const override { return unreadable_records_; }

  // Waits for the disk so far, each for the writes of one caller or of many.
  int64_t commits() const { return writer_->commits(); }

 private:
  SqliteStore(std::optional<FileLock> lock, std::unique_ptr<Writer> writer,
              std::unique_ptr<ReaderPool> readers, int64_t max_pending, const base::Clock& clock);

  // Runs `read` on a connection. Its error comes back as UNAVAILABLE.
  absl::Status Read(absl::FunctionRef<absl::Status(Tables& tables)> read);
  // The record, or nothing, which is counted.
  std::optional<lobby::Request> Decode(int64_t revision, std::string_view record);
  absl::Status Remove(const std::vector<int64_t>& revisions);

  const int64_t max_pending_;
  const base::Clock& clock_;
  std::atomic<int64_t> unreadable_records_{0};
  // In the order of their lives: the lock goes last. Nothing to lock for ":memory:", and no
  // readers, since the writer's connection is the only one that sees it.
  const std::optional<FileLock> lock_;
  const std::unique_ptr<Writer> writer_;
  const std::unique_ptr<ReaderPool> readers_;
};

}  // namespace muster::store::sqlite
