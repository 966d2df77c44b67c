#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "base/worker_pool.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/call_observer.h"
#include "rpc/idle_watch.h"
#include "rpc/service_context.h"
#include "rpc/stream_session.h"
#include "rpc/stream_slots.h"

namespace muster::rpc {

// Carries one streaming call: reads frames into its session, writes the session's answers, and ends
// the call exactly once. One read and one write are under way at most. While the session has
// `max_pending_writes` answers waiting nothing is read, so a slow reader slows its own tickets
// down.
//
// gRPC's reactions and the worker run at the same time; `mu_` guards who does what, and nothing is
// started while it is held, because gRPC may run a reaction inside of a start.
class StreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public Watched,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  using MakeSession = std::function<std::unique_ptr<StreamSession>(std::stop_token, WakeUp)>;

  // Takes a call over, which waits for Begin or Refuse. It owns itself until gRPC is done with it.
  // What is passed by reference outlives the server.
  static std::shared_ptr<StreamCall> Create(grpc::CallbackServerContext* call,
                                            std::shared_ptr<ObservedCall> observed,
                                            ServiceContext& context, base::WorkerPool& workers,
                                            IdleWatch& watch, const MakeSession& make_session);

  // Starts to read; `slot` is kept to the end. Once, and not with Refuse.
  void Begin(std::unique_ptr<StreamSlots::Slot> slot);
  // Ends the call before anything was read.
  void Refuse(absl::Status status) { End(std::move(status)); }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void OnSilence() override;

 private:
  // Waiting answers that leave in one system call.
  static constexpr uint32_t kWritesTogether = 16;

  StreamCall(grpc::CallbackServerContext* call, std::shared_ptr<ObservedCall> observed,
             ServiceContext& context, base::WorkerPool& workers);

  void OnHalfClose();
  // Gives the session to a worker. An error ends the call.
  absl::Status HandOver();
  // Runs the session's Finish; on a worker.
  void Work();
  bool HasEnded();
  void StopWorking();
  // Starts whatever can be started: a write, a read, or the end.
  void Pump();
  void StartNextWrite();
  // Decides how the call ends, unless that is decided, and ends it as soon as nothing is under way.
  void End(absl::Status status);
  void FinishIfQuiet();
  void NoteProgress() { Moved(context_.clock.MonotonicNow()); }

  grpc::CallbackServerContext* const call_;
  const std::shared_ptr<ObservedCall> observed_;
  ServiceContext& context_;
  base::WorkerPool& workers_;
  std::stop_source stop_;
  std::unique_ptr<StreamSession> session_;
  // From half-close to the worker.
  std::optional<ObservedWork> queue_wait_;
  // Owns this object until OnDone.
  std::shared_ptr<StreamCall> self_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;
  // Touched by whoever set `writing_`, as `outgoing_` is.
  uint32_t written_ = 0;

  base::Mutex mu_;
  std::unique_ptr<StreamSlots::Slot> slot_ ABSL_GUARDED_BY(mu_);
  // A read is under way, or the session is busy with what it brought.
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  // The stream is half-closed and a worker has, or will have, the session.
  bool working_ ABSL_GUARDED_BY(mu_) = false;
  // Somebody outside of gRPC's reactions is using `call_`.
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  // `status_` is decided.
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  // gRPC has been told.
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

// Ends a call before it begins. Owns itself.
class RefusedStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Ends the observation too.
  RefusedStream(ObservedCall& observed, const absl::Status& status);
  void OnDone() override { delete this; }
};

}  // namespace muster::rpc
