#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "telemetry/exporters/export_counts.h"

namespace muster::telemetry::exporters {

// Records in their serialised form, joined by a separator.
struct Batch {
  std::string text;
  int64_t records = 0;
};

// Where batches go. Called by the batcher's thread only, one batch at a time.
class BatchWriter {
 public:
  virtual ~BatchWriter() = default;

  // Delivers or drops the batch, and counts which. Returns soon after `stop` was requested.
  virtual void Write(const Batch& batch, std::stop_token stop) = 0;
};

// Gathers records and gives them in batches to a writer, on a thread of its own: whoever adds a
// record never waits for the backend. Bounded: what does not fit is dropped and counted. The thread
// does not take SIGPIPE: to a writer it is an error like others. Thread-safe.
class Batcher {
 public:
  struct Options {
    // Bytes that may wait, the batch being written among them.
    size_t max_queued_bytes = size_t{16} << 20;
    // At most a quarter of that; more is taken for a quarter. A batch is closed before it would
    // have more. A longer record has one of its own.
    size_t batch_bytes = size_t{1} << 20;
    // A batch is closed when its first record has waited so long.
    std::chrono::milliseconds interval{1000};
    // Put between two records.
    std::string separator = "\n";
  };

  // `writer` and `counts` outlive the batcher.
  Batcher(Options options, BatchWriter& writer, ExportCounts& counts);
  // Stops with no time to flush, unless Stop was called.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // Copies a record; false when it was dropped.
  bool Add(std::string_view record);

  // Writes what waits for at most `flush`, drops and counts the rest, and joins the thread; then
  // records added = sent + dropped. Records added later are dropped. Calls after the first only
  // wait until that one is done, whatever their own `flush`.
  void Stop(std::chrono::milliseconds flush);

 private:
  void Loop();
  // The next batch to write; nothing when the batcher stops and no batch is left, or none is
  // wanted.
  std::unique_ptr<Batch> Take();
  // Closes the current batch when it is due, else waits for a change.
  void WaitForBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Append(std::string_view record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CloseCurrent() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SetQueuedBytes(size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::unique_ptr<Batch> NewBatch() const;
  // Takes the memory of a batch back that was written.
  void Recycle(std::unique_ptr<Batch> batch);

  const Options options_;
  BatchWriter& writer_;
  ExportCounts& counts_;
  // Ends a write that is under way.
  std::stop_source give_up_;

  // Held throughout Stop.
  base::Mutex stop_mu_;
  base::Mutex mu_;
  // For the thread: there is something to do. For Stop: the thread has ended.
  base::CondVar wake_;
  base::CondVar ended_;
  std::unique_ptr<Batch> current_ ABSL_GUARDED_BY(mu_);
  // When the first record of `current_` came.
  base::MonotonicTime first_added_ ABSL_GUARDED_BY(mu_);
  std::deque<std::unique_ptr<Batch>> closed_ ABSL_GUARDED_BY(mu_);
  // An empty batch whose memory is used again.
  std::unique_ptr<Batch> spare_ ABSL_GUARDED_BY(mu_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool has_ended_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace muster::telemetry::exporters
