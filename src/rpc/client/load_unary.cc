#include <optional>
#include <utility>

#include "rpc/client/connection.h"
#include "rpc/client/load_shared.h"

namespace muster::rpc::client {
namespace {

// One place in flight: starts the next call when the one before has ended. Calls come one at a
// time, so its members need no lock.
class UnaryWorker {
 public:
  explicit UnaryWorker(LoadShared* shared) : shared_(*shared) {}

  void StartWhenDue() {
    shared_.WhenDue([this] { StartNext(); });
  }

 private:
  void StartNext() {
    int64_t call = 0;
    if (!shared_.TakeTurn(&call)) {
      LoadShared& shared = shared_;
      // Before the others learn of it: the context holds the channel, and gRPC must not lose its
      // last channel on a thread of its own.
      delete this;
      shared.WorkerDone();
      return;
    }
    PrepareContext(shared_.client_options, &context_.emplace());
    started_ = base::Clock::System().MonotonicNow();
    const auto& request = shared_.requests[static_cast<size_t>(call) % shared_.requests.size()];
    shared_.stub.UnaryCall(&*context_, shared_.path, {}, &request, &response_,
                           [this](const grpc::Status& status) {
                             shared_.Record(started_, FromGrpcStatus(status));
                             StartWhenDue();
                           });
  }

  LoadShared& shared_;
  // A context serves one call only.
  std::optional<grpc::ClientContext> context_;
  base::MonotonicTime started_;
  grpc::ByteBuffer response_;
};

}  // namespace

// Deletes itself when there are no more turns.
void StartUnaryWorker(LoadShared* shared) { (new UnaryWorker(shared))->StartWhenDue(); }

}  // namespace muster::rpc::client
