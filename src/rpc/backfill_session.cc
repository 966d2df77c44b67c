#include "rpc/backfill_session.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "rpc/answer_codec.h"
#include "rpc/logic_for.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

using Request = pb::BackfillMakeMatchesRequest;

}  // namespace

BackfillSession::BackfillSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                                 WakeUp on_answer)
    : context_(context),
      call_(call),
      stop_(std::move(stop)),
      on_answer_(std::move(on_answer)),
      intake_(call, pb::BackfillProposal::kAddedTicketsFieldNumber, context) {}

absl::Status BackfillSession::OnFrame(std::string_view bytes) {
  MUSTER_RETURN_IF_ERROR(intake_.CountFrame(bytes.size()));
  request_ = arena_.New<Request>();
  absl::Status status = Handle(bytes);
  arena_.Reset();
  return status;
}

absl::Status BackfillSession::Handle(std::string_view bytes) {
  MUSTER_RETURN_IF_ERROR(ParseMessage(bytes, request_));
  if (run_ == nullptr && !request_->has_parameters()) {
    return absl::InvalidArgumentError(
        "BackfillMakeMatchesRequest.parameters: must be the first message of the stream");
  }
  switch (request_->request_type_case()) {
    case Request::kParameters:
      return Start(request_->parameters());
    case Request::kBackfillTicket:
      return OnBackfillTicket(bytes);
    case Request::kTicket:
      return OnTicket(bytes);
    case Request::REQUEST_TYPE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "BackfillMakeMatchesRequest: none of parameters, backfill_ticket and ticket is set");
}

absl::Status BackfillSession::Start(const Request::MakeMatchesParameters& parameters) {
  if (run_ != nullptr) {
    return absl::InvalidArgumentError("BackfillMakeMatchesRequest.parameters: sent more than once");
  }
  call_.NoteScope(parameters.scope().ab_trace_id(), parameters.tickid());
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          LogicFor(call_, context_.logics, parameters.rules().json()));
  const match::RunContext run_context{context_.clock.Now(), context_.seeds.Next(), stop_};
  run_ = logic->StartBackfill(run_context, *this);
  return absl::OkStatus();
}

absl::Status BackfillSession::OnTicket(std::string_view frame) {
  std::string rebuilt;
  const std::string_view wire =
      FieldBytes(frame, Request::kTicketFieldNumber, request_->ticket(), &rebuilt);
  MUSTER_RETURN_IF_ERROR(
      intake_.Take(request_->ticket(), wire,
                   [this](const match::Ticket& ticket) { return run_->AddTicket(ticket); }));
  return emit_status_;
}

absl::Status BackfillSession::OnBackfillTicket(std::string_view frame) {
  const pb::BackfillTicket& message = request_->backfill_ticket();
  if (!message.has_partial_match()) {
    return absl::InvalidArgumentError(
        "BackfillMakeMatchesRequest.backfill_ticket.partial_match: is not set");
  }
  std::string rebuilt;
  const std::string_view wire =
      FieldBytes(frame, Request::kBackfillTicketFieldNumber, message, &rebuilt);
  MUSTER_ASSIGN_OR_RETURN(const std::optional<match::BackfillTicket> ticket,
                          intake_.TakeBackfill(message, wire));
  if (ticket) {
    asked_.push_back({ticket->teams.size(), false});
    run_->AddBackfillTicket(*ticket);
  }
  return emit_status_;
}

absl::Status BackfillSession::OnHalfClose() {
  if (run_ != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "BackfillMakeMatchesRequest.parameters: the stream was closed before they came");
}

absl::Status BackfillSession::Finish() {
  run_->Finish();
  return emit_status_;
}

absl::Status BackfillSession::Check(const match::BackfillProposal& proposal) {
  if (proposal.backfill >= asked_.size() || asked_[proposal.backfill].answered) {
    return absl::InternalError("the match logic answered a backfill ticket twice or made one up");
  }
  Asked& asked = asked_[proposal.backfill];
  asked.answered = true;
  for (const match::TeamAddition& addition : proposal.additions) {
    if (addition.team != match::TeamAddition::kNewTeam && addition.team >= asked.teams) {
      return absl::InternalError("the match logic added to a team that does not exist");
    }
    MUSTER_RETURN_IF_ERROR(intake_.Place(addition.tickets));
  }
  return absl::OkStatus();
}

void BackfillSession::Emit(match::BackfillProposal proposal) {
  if (emit_status_.ok()) emit_status_ = Check(proposal);
  if (!emit_status_.ok()) return;
  outbox_.Push(std::move(proposal));
  on_answer_();
}

std::optional<grpc::ByteBuffer> BackfillSession::NextAnswer() {
  const std::optional<match::BackfillProposal> proposal = outbox_.Pop();
  if (!proposal) return std::nullopt;
  const std::string_view wire = intake_.backfill_store().Wire(proposal->backfill);
  EncodedAnswer answer = EncodeProposal(*proposal, intake_.store(), wire);
  context_.metrics.ProposalMade(answer.players);
  answers_.fetch_add(1, std::memory_order_relaxed);
  return std::move(answer.message);
}

void BackfillSession::OnClosed(const absl::Status& status) {
  intake_.Close(status, answers_.load(std::memory_order_relaxed));
}

}  // namespace muster::rpc
