#include "telemetry/exporters/batcher.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace muster::telemetry::exporters {
namespace {

// A file or a connection whose other end went away is an error of a write, not the program's end.
void BlockBrokenPipeSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// A batch must be closed before it fills the queue, or all that comes until then is dropped.
Batcher::Options Sound(Batcher::Options options) {
  options.batch_bytes = std::min(options.batch_bytes, options.max_queued_bytes / 4);
  return options;
}

}  // namespace

Batcher::Batcher(Options options, BatchWriter& writer, ExportCounts& counts)
    : options_(Sound(std::move(options))), writer_(writer), counts_(counts), current_(NewBatch()) {
  thread_ = std::thread([this] { Loop(); });
}

Batcher::~Batcher() { Stop(std::chrono::milliseconds(0)); }

bool Batcher::Add(std::string_view record) {
  bool wake = false;
  {
    base::MutexLock lock(&mu_);
    const size_t bytes = options_.separator.size() + record.size();
    if (stopping_ || bytes > options_.max_queued_bytes - queued_bytes_) {
      counts_.Drop(stopping_ ? DropReason::kGaveUp : DropReason::kQueueFull, 1);
      return false;
    }
    if (current_->records > 0 && current_->text.size() + bytes > options_.batch_bytes) {
      CloseCurrent();
    }
    // Else the thread is awake already, or knows when to wake.
    wake = current_->records == 0;
    if (wake) first_added_ = base::Clock::System().MonotonicNow();
    Append(record);
    if (current_->text.size() >= options_.batch_bytes) {
      CloseCurrent();
      wake = true;
    }
  }
  if (wake) wake_.Signal();
  return true;
}

void Batcher::Stop(std::chrono::milliseconds flush) {
  base::MutexLock stop_lock(&stop_mu_);
  {
    base::MutexLock lock(&mu_);
    if (stopping_) return;
    stopping_ = true;
    wake_.Signal();
    const base::MonotonicTime deadline = base::Clock::System().MonotonicNow() + flush;
    while (!has_ended_) {
      const auto left = deadline - base::Clock::System().MonotonicNow();
      if (left.count() <= 0) break;
      ended_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
  }
  give_up_.request_stop();
  thread_.join();
}

void Batcher::Loop() {
  BlockBrokenPipeSignal();
  while (std::unique_ptr<Batch> batch = Take()) {
    writer_.Write(*batch, give_up_.get_token());
    Recycle(std::move(batch));
  }
  base::MutexLock lock(&mu_);
  has_ended_ = true;
  ended_.Signal();
}

std::unique_ptr<Batch> Batcher::Take() {
  base::MutexLock lock(&mu_);
  while (true) {
    if (give_up_.stop_requested()) {
      DropAll();
      return nullptr;
    }
    if (!closed_.empty()) {
      std::unique_ptr<Batch> batch = std::move(closed_.front());
      closed_.pop_front();
      return batch;
    }
    if (stopping_ && current_->records == 0) return nullptr;
    WaitForBatch();
  }
}

void Batcher::WaitForBatch() {
  if (current_->records == 0) return wake_.Wait(&mu_);
  const auto left = first_added_ + options_.interval - base::Clock::System().MonotonicNow();
  if (stopping_ || left.count() <= 0) return CloseCurrent();
  wake_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
}

void Batcher::Append(std::string_view record) {
  std::string& text = current_->text;
  const size_t before = text.size();
  if (current_->records > 0) text.append(options_.separator);
  text.append(record);
  ++current_->records;
  SetQueuedBytes(queued_bytes_ + text.size() - before);
}

void Batcher::CloseCurrent() {
  closed_.push_back(std::move(current_));
  current_ = spare_ == nullptr ? NewBatch() : std::move(spare_);
}

std::unique_ptr<Batch> Batcher::NewBatch() const {
  auto batch = std::make_unique<Batch>();
  // All it will hold, so that no record waits for memory to be copied.
  batch->text.reserve(options_.batch_bytes);
  return batch;
}

void Batcher::Recycle(std::unique_ptr<Batch> batch) {
  base::MutexLock lock(&mu_);
  SetQueuedBytes(queued_bytes_ - batch->text.size());
  // One record longer than a batch must not keep its memory for good.
  if (spare_ != nullptr || batch->text.size() > options_.batch_bytes) return;
  batch->text.clear();
  batch->records = 0;
  spare_ = std::move(batch);
}

void Batcher::DropAll() {
  closed_.push_back(std::move(current_));
  for (const auto& batch : closed_) counts_.Drop(DropReason::kGaveUp, batch->records);
  closed_.clear();
  current_ = std::make_unique<Batch>();
  SetQueuedBytes(0);
}

void Batcher::SetQueuedBytes(size_t bytes) {
  queued_bytes_ = bytes;
  counts_.queued_bytes.store(static_cast<int64_t>(bytes), std::memory_order_relaxed);
}

}  // namespace muster::telemetry::exporters
