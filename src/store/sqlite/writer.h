#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "store/sqlite/tables.h"
#include "store/sqlite/transaction.h"

namespace muster::store::sqlite {

// Runs the steps of all callers on one thread, and commits those that came together as one: a
// commit costs a wait for the disk, whatever it holds. Thread-safe.
class Writer {
 public:
  // Its error makes the whole group fail.
  using Steps = absl::FunctionRef<absl::Status(Transaction& transaction)>;

  static absl::StatusOr<std::unique_ptr<Writer>> Start(std::unique_ptr<Tables> tables);
  // No Run is under way.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Returns when the steps are on the disk, or with UNAVAILABLE when the commit has failed, or a
  // step of anybody in it; then none of it is there. Who waits is who bounds the queue.
  absl::Status Run(Steps steps);

  // So far, failed ones left out.
  int64_t commits() const { return commits_; }

 private:
  // A caller that waits in Run.
  struct Call {
    Steps steps;
    bool done = false;
    absl::Status status;
    base::CondVar finished;
  };

  Writer(std::unique_ptr<Tables> tables, WriterState state);

  void Work();
  // Waits for calls; none when there will be no more.
  std::vector<Call*> TakeGroup();
  absl::Status CommitGroup(const std::vector<Call*>& group);
  absl::Status TryGroup(const std::vector<Call*>& group);
  void Finish(const std::vector<Call*>& group, const absl::Status& status);

  // The thread's own.
  const std::unique_ptr<Tables> tables_;
  WriterState state_;

  std::atomic<int64_t> commits_{0};
  base::Mutex mu_;
  base::CondVar wake_;
  std::vector<Call*> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace muster::store::sqlite
