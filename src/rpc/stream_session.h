#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "grpcpp/support/byte_buffer.h"

namespace muster::rpc {

// What a stream means, apart from how it is carried: frames in, answers out. StreamCall drives it:
// OnFrame for each frame, one at a time; OnHalfClose once; Finish once, on a worker thread;
// OnClosed last. NextAnswer and pending_answers may be called from another thread at any time.
class StreamSession {
 public:
  virtual ~StreamSession() = default;

  // An error ends the stream with that status.
  virtual absl::Status OnFrame(std::string_view bytes) = 0;

  // The caller has sent everything. An error ends the stream; else Finish follows.
  virtual absl::Status OnHalfClose() = 0;

  // The heavy part. An error ends the stream.
  virtual absl::Status Finish() = 0;

  // The next answer in wire form; nothing when none waits. Answers are kept as indices and encoded
  // here, so that many of them take little memory.
  virtual std::optional<grpc::ByteBuffer> NextAnswer() = 0;
  virtual size_t pending_answers() const = 0;

  // The stream has ended with `status`.
  virtual void OnClosed(const absl::Status& status) = 0;
};

// What a session calls, from the thread that called it, when an answer has come to wait.
using WakeUp = std::function<void()>;

// Answers that wait to be encoded and written. Thread-safe.
template <typename T>
class Outbox {
 public:
  void Push(T item) {
    base::MutexLock lock(&mu_);
    items_.push_back(std::move(item));
  }

  std::optional<T> Pop() {
    base::MutexLock lock(&mu_);
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  size_t size() const {
    base::MutexLock lock(&mu_);
    return items_.size();
  }

 private:
  mutable base::Mutex mu_;
  std::deque<T> items_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::rpc
