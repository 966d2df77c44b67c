#include "bench/tick_client.h"

#include <string>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/client_callback.h"
#include "rpc/client/connection.h"
#include "rpc/client/load_shared.h"

namespace muster::bench {
namespace {

// gRPC may call OnWriteDone and OnReadDone at once; they share no member that changes.
class TickStream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit TickStream(const std::vector<grpc::ByteBuffer>& requests) : requests_(requests) {}

  absl::StatusOr<TickSeen> Run(const std::shared_ptr<grpc::Channel>& channel,
                               const rpc::client::ClientOptions& options) {
    grpc::ClientContext context;
    rpc::client::PrepareContext(options, &context);
    grpc::GenericStub stub(channel);
    stub.PrepareBidiStreamingCall(
        &context, rpc::client::LoadMethodPath(rpc::client::LoadMethod::kMakeMatches), {}, this);
    const base::MonotonicTime start = Now();
    last_answer_ = start;
    StartRead(&response_);
    StartWrite(&requests_[0]);
    StartCall();
    base::MutexLock lock(&mu_);
    while (!done_) ended_.Wait(&mu_);
    MUSTER_RETURN_IF_ERROR(rpc::client::FromGrpcStatus(status_));
    seen_.time = last_answer_ - start;
    return seen_;
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return;
    if (++written_ < requests_.size()) {
      StartWrite(&requests_[written_]);
    } else {
      StartWritesDone();
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    last_answer_ = Now();
    ++seen_.answers;
    seen_.bytes += static_cast<int64_t>(response_.Length());
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    base::MutexLock lock(&mu_);
    status_ = status;
    done_ = true;
    ended_.SignalAll();
  }

 private:
  static base::MonotonicTime Now() { return base::Clock::System().MonotonicNow(); }

  const std::vector<grpc::ByteBuffer>& requests_;
  // The request that is under way.
  size_t written_ = 0;
  grpc::ByteBuffer response_;
  TickSeen seen_;
  base::MonotonicTime last_answer_;

  base::Mutex mu_;
  base::CondVar ended_;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<TickSeen> RunTickStream(const std::shared_ptr<grpc::Channel>& channel,
                                       const rpc::client::ClientOptions& options,
                                       const std::vector<grpc::ByteBuffer>& requests) {
  return TickStream(requests).Run(channel, options);
}

}  // namespace muster::bench
