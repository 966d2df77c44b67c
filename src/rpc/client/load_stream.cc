#include "grpcpp/support/client_callback.h"
#include "rpc/client/connection.h"
#include "rpc/client/load_shared.h"

namespace muster::rpc::client {
namespace {

// One MakeMatches stream: sends the parameters and all tickets, half-closes, counts the answers.
// gRPC may call OnWriteDone and OnReadDone at once; they share no member that changes.
class StreamWorker final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit StreamWorker(LoadShared* shared)
      : shared_(*shared), started_(base::Clock::System().MonotonicNow()) {}

  void Start() {
    PrepareContext(shared_.client_options, &context_);
    shared_.stub.PrepareBidiStreamingCall(&context_, shared_.path, {}, this);
    StartRead(&response_);
    StartWrite(&shared_.requests[0]);
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return;
    if (written_ > 0) shared_.CountTicket();
    if (++written_ < shared_.requests.size()) {
      StartWrite(&shared_.requests[written_]);
    } else {
      StartWritesDone();
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    shared_.CountMatch();
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    shared_.Record(started_, FromGrpcStatus(status));
    LoadShared* const shared = &shared_;
    // First: the context holds the channel, and gRPC must not lose its last channel on a thread of
    // its own.
    delete this;
    StartStreamWorker(shared);
  }

 private:
  LoadShared& shared_;
  const base::MonotonicTime started_;
  grpc::ClientContext context_;
  // The request that is under way.
  size_t written_ = 0;
  grpc::ByteBuffer response_;
};

}  // namespace

void StartStreamWorker(LoadShared* shared) {
  shared->WhenDue([shared] {
    int64_t call = 0;
    if (shared->TakeTurn(&call)) {
      // Deletes itself in OnDone.
      (new StreamWorker(shared))->Start();
    } else {
      shared->WorkerDone();
    }
  });
}

}  // namespace muster::rpc::client
