#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "rpc/client/client_options.h"
#include "rpc/client/latency_histogram.h"
#include "rpc/client/load.h"

// The insides of RunLoad.
namespace muster::rpc::client {

// The method's full path, for a generic stub.
const char* LoadMethodPath(LoadMethod method);

// The requests of a load run as wire bytes: for a unary method one for each ticket, for
// make-matches the parameters and then one frame a ticket.
std::vector<grpc::ByteBuffer> SerializeRequests(const LoadOptions& options);

// What all calls of a load run share. Thread-safe.
class LoadShared {
 public:
  LoadShared(const ClientOptions& client_options, const LoadOptions& options,
             std::shared_ptr<grpc::ChannelInterface> channel);

  // Calls `go`, which takes a turn, when the next one is due: at once, or later on WaitFor's
  // thread.
  void WhenDue(std::function<void()> go);
  // True when another call is to be started; `call` is then its number, counted from 0.
  bool TakeTurn(int64_t* call);
  // Counts a call that has ended.
  void Record(base::MonotonicTime started, const absl::Status& status);
  void CountMatch() { matches_.fetch_add(1, std::memory_order_relaxed); }
  void CountTicket() { tickets_.fetch_add(1, std::memory_order_relaxed); }

  // One of the workers has ended: it holds nothing of this object or its channel any more.
  void WorkerDone();
  // Blocks until `workers` have called WorkerDone; meanwhile lets go those that are due.
  void WaitFor(int workers);

  LoadReport Report() const;

  const ClientOptions client_options;
  const std::string path;
  const std::vector<grpc::ByteBuffer> requests;
  grpc::GenericStub stub;

 private:
  // Those of the workers that wait whose turn has come: all of them when no more calls are to be
  // made.
  std::deque<std::function<void()>> TakeDue();

  const int64_t max_calls_;
  // 0: every turn is due at once.
  const double calls_per_second_;
  const base::MonotonicTime start_;
  const base::MonotonicTime last_start_;

  LatencyHistogram latency_;
  std::atomic<int64_t> turns_ = 0;
  std::atomic<int64_t> matches_ = 0;
  std::atomic<int64_t> tickets_ = 0;

  mutable base::Mutex mu_;
  base::CondVar all_done_;
  int workers_done_ ABSL_GUARDED_BY(mu_) = 0;
  // Workers that wait for their turn, and how many were let go.
  std::deque<std::function<void()>> early_ ABSL_GUARDED_BY(mu_);
  int64_t let_go_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t errors_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status first_error_ ABSL_GUARDED_BY(mu_);
};

// Makes unary calls, one after the other, until there are no more turns; deletes itself then.
void StartUnaryWorker(LoadShared* shared);

// As StartUnaryWorker, with streams.
void StartStreamWorker(LoadShared* shared);

}  // namespace muster::rpc::client
