#include "store/sqlite/writer.h"

#include <string>
#include <utility>

#include "base/status_macros.h"

namespace muster::store::sqlite {

absl::StatusOr<std::unique_ptr<Writer>> Writer::Start(std::unique_ptr<Tables> tables) {
  WriterState state;
  MUSTER_ASSIGN_OR_RETURN(state.last_revision, tables->LastRevision());
  MUSTER_ASSIGN_OR_RETURN(state.pending, tables->CountPending());
  MUSTER_ASSIGN_OR_RETURN(const auto fences, tables->Fences());
  for (const auto& [name, fence] : fences) state.leases[name].fence = fence;
  // Its constructor is private; the pointer owns it.
  return std::unique_ptr<Writer>(new Writer(std::move(tables), std::move(state)));
}

Writer::Writer(std::unique_ptr<Tables> tables, WriterState state)
    : tables_(std::move(tables)), state_(std::move(state)), thread_([this] { Work(); }) {}

Writer::~Writer() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
  }
  wake_.Signal();
  thread_.join();
}

absl::Status Writer::Run(Steps steps) {
  Call call{.steps = steps};
  base::MutexLock lock(&mu_);
  queue_.push_back(&call);
  wake_.Signal();
  while (!call.done) call.finished.Wait(&mu_);
  return std::move(call.status);
}

void Writer::Work() {
  while (true) {
    const std::vector<Call*> group = TakeGroup();
    if (group.empty()) return;
    Finish(group, CommitGroup(group));
    tables_->CheckpointIfDue();
  }
}

std::vector<Writer::Call*> Writer::TakeGroup() {
  base::MutexLock lock(&mu_);
  while (queue_.empty() && !stopping_) wake_.Wait(&mu_);
  return std::exchange(queue_, {});
}

absl::Status Writer::CommitGroup(const std::vector<Call*>& group) {
  WriterState before = state_;
  const absl::Status status = TryGroup(group);
  if (status.ok()) {
    ++commits_;
    return status;
  }
  tables_->RollBack();
  state_ = std::move(before);
  return absl::UnavailableError(status.message());
}

absl::Status Writer::TryGroup(const std::vector<Call*>& group) {
  const int64_t last_revision = state_.last_revision;
  Transaction transaction(*tables_, state_);
  MUSTER_RETURN_IF_ERROR(tables_->Begin());
  for (const Call* call : group) MUSTER_RETURN_IF_ERROR(call->steps(transaction));
  if (state_.last_revision != last_revision) {
    MUSTER_RETURN_IF_ERROR(tables_->SetLastRevision(state_.last_revision));
  }
  return tables_->Commit();
}

void Writer::Finish(const std::vector<Call*>& group, const absl::Status& status) {
  base::MutexLock lock(&mu_);
  for (Call* call : group) {
    // Not shared: the packaged Abseil, which counts the sharers, is not instrumented for
    // ThreadSanitizer.
    call->status = absl::Status(status.code(), status.message());
    call->done = true;
    // Under the mutex: the call ends with its caller's wait.
    call->finished.Signal();
  }
}

}  // namespace muster::store::sqlite
