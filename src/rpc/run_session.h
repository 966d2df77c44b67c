#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "match/match_logic.h"
#include "rpc/answer_codec.h"
#include "rpc/call_observer.h"
#include "rpc/logic_for.h"
#include "rpc/service_context.h"
#include "rpc/stream_session.h"
#include "rpc/ticket_intake.h"
#include "rpc/wire.h"

namespace muster::rpc {

// What both kinds of stream have in common: parameters once and first, which start a run of the
// logic; tickets for it; its answers, checked and encoded. Errors are INVALID_ARGUMENT, naming
// message and field, for frames that are not valid or out of order and for bad rules;
// RESOURCE_EXHAUSTED past a limit; INTERNAL when the logic's answers are not sound.
template <typename Request, typename Run, typename Answer>
class RunSession : public StreamSession {
 public:
  absl::Status OnFrame(std::string_view bytes) final {
    MUSTER_RETURN_IF_ERROR(intake_.CountFrame(bytes.size()));
    request_ = arena_.New<Request>();
    absl::Status status = Handle(bytes);
    arena_.Reset();
    return status;
  }

  absl::Status OnHalfClose() final {
    if (run_ != nullptr) return absl::OkStatus();
    return ParametersError("the stream was closed before they came");
  }

  absl::Status Finish() final {
    run_->Finish();
    return emit_status_;
  }

  std::optional<grpc::ByteBuffer> NextAnswer() final {
    const std::optional<Answer> answer = outbox_.Pop();
    if (!answer) return std::nullopt;
    EncodedAnswer encoded = Encode(*answer);
    answers_.fetch_add(1, std::memory_order_relaxed);
    return std::move(encoded.message);
  }

  size_t pending_answers() const final { return outbox_.size(); }

  void OnClosed(const absl::Status& status) final {
    intake_.Close(status, answers_.load(std::memory_order_relaxed));
    // While there is still a whole session that the run may call.
    run_.reset();
  }

 protected:
  // `echo_field`: see TicketStore.
  RunSession(ServiceContext& context, ObservedCall& call, int echo_field, std::stop_token stop,
             WakeUp on_answer)
      : context_(context),
        call_(call),
        stop_(std::move(stop)),
        on_answer_(std::move(on_answer)),
        intake_(call, echo_field, context) {}

  // Starts the logic's run, whose answers come to Accept.
  virtual std::unique_ptr<Run> StartRun(const match::MatchLogic& logic,
                                        const match::RunContext& context) = 0;
  // A frame that is neither parameters nor a ticket.
  virtual absl::Status OnOtherFrame(std::string_view frame) = 0;
  // Whether an answer of the logic makes sense; INTERNAL when not.
  virtual absl::Status Check(const Answer& answer) = 0;
  // Encodes an answer, and counts it.
  virtual EncodedAnswer Encode(const Answer& answer) = 0;

  // Takes an answer of the logic. After one that makes no sense no other is taken.
  void Accept(Answer answer) {
    if (emit_status_.ok()) emit_status_ = Check(answer);
    if (!emit_status_.ok()) return;
    outbox_.Push(std::move(answer));
    on_answer_();
  }

  ServiceContext& context() { return context_; }
  TicketIntake& intake() { return intake_; }
  // The frame that is being handled.
  const Request& request() const { return *request_; }
  Run& run() { return *run_; }
  // Not OK once an answer made no sense.
  const absl::Status& emit_status() const { return emit_status_; }

 private:
  static absl::Status ParametersError(std::string_view problem) {
    return absl::InvalidArgumentError(
        base::StrCat(Request::descriptor()->name(), ".parameters: ", problem));
  }

  absl::Status Handle(std::string_view frame) {
    MUSTER_RETURN_IF_ERROR(ParseMessage(frame, request_));
    if (request_->has_parameters()) return Start(request_->parameters());
    if (run_ == nullptr) return ParametersError("must be the first message of the stream");
    if (request_->has_ticket()) return OnTicket(frame);
    return OnOtherFrame(frame);
  }

  absl::Status Start(const typename Request::MakeMatchesParameters& parameters) {
    if (run_ != nullptr) return ParametersError("sent more than once");
    call_.NoteScope(parameters.scope().ab_trace_id(), parameters.tickid());
    MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                            LogicFor(call_, context_.logics, parameters.rules().json()));
    run_ = StartRun(*logic, {context_.clock.Now(), context_.seeds.Next(), stop_, &context_.clock});
    return absl::OkStatus();
  }

  absl::Status OnTicket(std::string_view frame) {
    std::string rebuilt;
    const std::string_view wire =
        FieldBytes(frame, Request::kTicketFieldNumber, request_->ticket(), &rebuilt);
    MUSTER_RETURN_IF_ERROR(
        intake_.Take(request_->ticket(), wire,
                     [this](const match::Ticket& ticket) { return run_->AddTicket(ticket); }));
    return emit_status_;
  }

  ServiceContext& context_;
  ObservedCall& call_;
  const std::stop_token stop_;
  const WakeUp on_answer_;
  TicketIntake intake_;
  Outbox<Answer> outbox_;
  std::atomic<int64_t> answers_{0};
  // On the arena.
  Request* request_ = nullptr;
  MessageArena arena_;
  absl::Status emit_status_;
  std::unique_ptr<Run> run_;
};

}  // namespace muster::rpc
