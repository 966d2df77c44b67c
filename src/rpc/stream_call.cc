#include "rpc/stream_call.h"

#include <malloc.h>

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "grpc/grpc.h"
#include "rpc/guarded.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// Memory that a stream must have held for its return to the machine to be worth the milliseconds.
constexpr size_t kTrimBytes = size_t{8} * 1024 * 1024;

}  // namespace

std::shared_ptr<StreamCall> StreamCall::Create(grpc::CallbackServerContext* call,
                                               std::shared_ptr<ObservedCall> observed,
                                               ServiceContext& context, base::WorkerPool& workers,
                                               IdleWatch& watch, const MakeSession& make_session) {
  // The constructor is private, out of make_shared's reach.
  std::shared_ptr<StreamCall> self(new StreamCall(call, std::move(observed), context, workers));
  StreamCall* const raw = self.get();
  self->session_ = make_session(self->stop_.get_token(), [raw] { raw->StartNextWrite(); });
  self->self_ = self;
  watch.Watch(self);
  return self;
}

StreamCall::StreamCall(grpc::CallbackServerContext* call, std::shared_ptr<ObservedCall> observed,
                       ServiceContext& context, base::WorkerPool& workers)
    : call_(call), observed_(std::move(observed)), context_(context), workers_(workers) {}

void StreamCall::Begin(std::unique_ptr<StreamSlots::Slot> slot) {
  {
    base::MutexLock lock(&mu_);
    // A call that waited may have ended; OnDone would not give the slot back then.
    if (ended_) return;
    slot_ = std::move(slot);
  }
  NoteProgress();
  Pump();
}

void StreamCall::OnReadDone(bool ok) {
  NoteProgress();
  {
    base::MutexLock lock(&mu_);
    if (ended_) return;
    // Both at once: a write that ends now must not take the stream for finished.
    if (!ok) half_closed_ = working_ = true;
  }
  if (!ok) return OnHalfClose();
  absl::Status status = Guarded([this] {
    const ContiguousBytes frame(incoming_);
    observed_->MessageReceived(frame.view().size());
    return session_->OnFrame(frame.view());
  });
  if (!status.ok()) return End(std::move(status));
  {
    // Not before: a write that ended meanwhile must not start the next read.
    base::MutexLock lock(&mu_);
    reading_ = false;
  }
  Pump();
}

void StreamCall::OnHalfClose() {
  absl::Status status = HandOver();
  if (status.ok()) return;
  End(std::move(status));
  StopWorking();
  FinishIfQuiet();
}

absl::Status StreamCall::HandOver() {
  // A cancelled call looks like a half-closed one here.
  if (call_->IsCancelled()) return absl::CancelledError("the caller cancelled");
  MUSTER_RETURN_IF_ERROR(session_->OnHalfClose());
  context_.metrics.QueueChanged(1);
  queue_wait_.emplace(*observed_, "queue wait");
  if (workers_.Submit([self = shared_from_this()] { self->Work(); })) return absl::OkStatus();
  context_.metrics.QueueChanged(-1);
  context_.metrics.LimitReached(telemetry::Limit::kWorkerQueue);
  return absl::ResourceExhaustedError("too many streams wait to be matched");
}

void StreamCall::Work() {
  context_.metrics.QueueChanged(-1);
  queue_wait_.reset();
  // The call may have ended while this waited for a worker.
  if (!HasEnded()) {
    absl::Status status = Guarded([this] {
      const ObservedWork work(*observed_, "matching");
      return session_->Finish();
    });
    NoteProgress();
    // Decided while `working_` still holds back everybody else's idea of the end.
    if (!status.ok()) End(std::move(status));
  }
  StopWorking();
  Pump();
}

bool StreamCall::HasEnded() {
  base::MutexLock lock(&mu_);
  return ended_;
}

void StreamCall::StopWorking() {
  base::MutexLock lock(&mu_);
  working_ = false;
}

void StreamCall::OnWriteDone(bool ok) {
  NoteProgress();
  {
    base::MutexLock lock(&mu_);
    writing_ = false;
  }
  if (!ok) return End(absl::CancelledError("the caller has gone"));
  Pump();
}

void StreamCall::Pump() {
  StartNextWrite();
  bool read = false;
  bool done = false;
  {
    base::MutexLock lock(&mu_);
    // Once the call has ended the session may be gone.
    const size_t pending = ended_ ? 0 : session_->pending_answers();
    if (!ended_ && !half_closed_ && !reading_) {
      read = reading_ = pending < context_.limits.max_pending_writes;
    }
    done = half_closed_ && !working_ && !writing_ && pending == 0;
  }
  if (done) {
    End(absl::OkStatus());
  } else if (read) {
    StartRead(&incoming_);
  } else {
    FinishIfQuiet();
  }
}

void StreamCall::StartNextWrite() {
  {
    base::MutexLock lock(&mu_);
    if (ended_ || writing_ || session_->pending_answers() == 0) return;
    writing_ = true;
  }
  // Whoever set `writing_` is the only one to take answers out.
  outgoing_ = session_->NextAnswer().value_or(grpc::ByteBuffer());
  observed_->MessageSent(outgoing_.Length());
  // While more answers wait they may leave together: a system call for each costs more than the
  // rest of an answer. Every few are sent off, so that the first ones do not wait for the last.
  grpc::WriteOptions options;
  if (++written_ % kWritesTogether != 0 && session_->pending_answers() > 0) {
    options.set_buffer_hint();
  }
  StartWrite(&outgoing_, options);
}

void StreamCall::End(absl::Status status) {
  {
    base::MutexLock lock(&mu_);
    if (!ended_) {
      ended_ = true;
      status_ = std::move(status);
    }
  }
  stop_.request_stop();
  FinishIfQuiet();
}

void StreamCall::FinishIfQuiet() {
  grpc::Status status;
  {
    base::MutexLock lock(&mu_);
    if (!ended_ || finished_ || writing_ || working_ || held_) return;
    finished_ = true;
    status = ToGrpcStatus(status_);
  }
  Finish(std::move(status));
}

void StreamCall::OnCancel() {
  End(absl::CancelledError("cancelled by the caller, or by gRPC for a message far over the limit"));
}

void StreamCall::OnSilence() {
  const std::string message = base::StrCat("nothing moved on the stream for ",
                                           context_.limits.stream_silence.count(), " ms");
  bool stuck = false;
  {
    base::MutexLock lock(&mu_);
    if (finished_) return;
    if (!ended_) {
      context_.metrics.LimitReached(telemetry::Limit::kStreamSilence);
      status_ = absl::DeadlineExceededError(message);
      ended_ = true;
    }
    held_ = true;
    stuck = writing_;
  }
  stop_.request_stop();
  // A write that the peer does not take would hold the status back for ever; this overtakes it.
  if (stuck) {
    grpc_call_cancel_with_status(call_->c_call(), GRPC_STATUS_DEADLINE_EXCEEDED, message.c_str(),
                                 nullptr);
  }
  {
    base::MutexLock lock(&mu_);
    held_ = false;
  }
  FinishIfQuiet();
}

void StreamCall::OnDone() {
  absl::Status status;
  {
    base::MutexLock lock(&mu_);
    status = status_;
  }
  session_->OnClosed(status);
  const size_t held = context_.buffered->used_bytes();
  session_.reset();
  outgoing_.Clear();
  // The allocator keeps what it frees; after a large stream the machine shall have it.
  if (held >= context_.buffered->used_bytes() + kTrimBytes) malloc_trim(0);
  {
    base::MutexLock lock(&mu_);
    slot_.reset();
  }
  self_.reset();
}

RefusedStream::RefusedStream(ObservedCall& observed, const absl::Status& status) {
  observed.End(status);
  Finish(ToGrpcStatus(status));
}

}  // namespace muster::rpc
