#include "rpc/make_matches_session.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "rpc/answer_codec.h"
#include "rpc/logic_for.h"
#include "rpc/wire.h"

namespace muster::rpc {

MakeMatchesSession::MakeMatchesSession(ServiceContext& context, ObservedCall& call,
                                       std::stop_token stop, WakeUp on_answer)
    : context_(context),
      call_(call),
      stop_(std::move(stop)),
      on_answer_(std::move(on_answer)),
      intake_(call, pb::Match::kTicketsFieldNumber, context) {}

absl::Status MakeMatchesSession::OnFrame(std::string_view bytes) {
  MUSTER_RETURN_IF_ERROR(intake_.CountFrame(bytes.size()));
  request_ = arena_.New<pb::MakeMatchesRequest>();
  absl::Status status = Handle(bytes);
  arena_.Reset();
  return status;
}

absl::Status MakeMatchesSession::Handle(std::string_view bytes) {
  MUSTER_RETURN_IF_ERROR(ParseMessage(bytes, request_));
  switch (request_->request_type_case()) {
    case pb::MakeMatchesRequest::kParameters:
      return Start(request_->parameters());
    case pb::MakeMatchesRequest::kTicket:
      return OnTicket(bytes);
    case pb::MakeMatchesRequest::REQUEST_TYPE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("MakeMatchesRequest: neither parameters nor ticket is set");
}

absl::Status MakeMatchesSession::Start(
    const pb::MakeMatchesRequest::MakeMatchesParameters& parameters) {
  if (run_ != nullptr) {
    return absl::InvalidArgumentError("MakeMatchesRequest.parameters: sent more than once");
  }
  call_.NoteScope(parameters.scope().ab_trace_id(), parameters.tickid());
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          LogicFor(call_, context_.logics, parameters.rules().json()));
  const match::RunContext run_context{context_.clock.Now(), context_.seeds.Next(), stop_};
  run_ = logic->StartMatches(run_context, *this);
  return absl::OkStatus();
}

absl::Status MakeMatchesSession::OnTicket(std::string_view frame) {
  if (run_ == nullptr) {
    return absl::InvalidArgumentError(
        "MakeMatchesRequest.parameters: must be the first message of the stream");
  }
  std::string rebuilt;
  const std::string_view wire =
      FieldBytes(frame, pb::MakeMatchesRequest::kTicketFieldNumber, request_->ticket(), &rebuilt);
  MUSTER_RETURN_IF_ERROR(
      intake_.Take(request_->ticket(), wire,
                   [this](const match::Ticket& ticket) { return run_->AddTicket(ticket); }));
  return emit_status_;
}

absl::Status MakeMatchesSession::OnHalfClose() {
  if (run_ != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "MakeMatchesRequest.parameters: the stream was closed before they came");
}

absl::Status MakeMatchesSession::Finish() {
  run_->Finish();
  return emit_status_;
}

void MakeMatchesSession::Emit(match::Match match) {
  const bool has_tickets =
      std::any_of(match.teams.begin(), match.teams.end(),
                  [](const match::Team& team) { return !team.tickets.empty(); });
  if (!has_tickets && emit_status_.ok()) {
    emit_status_ = absl::InternalError("the match logic made a match without tickets");
  }
  for (const match::Team& team : match.teams) {
    if (emit_status_.ok()) emit_status_ = intake_.Place(team.tickets);
  }
  if (!emit_status_.ok()) return;
  outbox_.Push(std::move(match));
  on_answer_();
}

std::optional<grpc::ByteBuffer> MakeMatchesSession::NextAnswer() {
  const std::optional<match::Match> match = outbox_.Pop();
  if (!match) return std::nullopt;
  EncodedAnswer answer = EncodeMatch(*match, intake_.store());
  context_.metrics.MatchMade(answer.players);
  answers_.fetch_add(1, std::memory_order_relaxed);
  return std::move(answer.message);
}

void MakeMatchesSession::OnClosed(const absl::Status& status) {
  intake_.Close(status, answers_.load(std::memory_order_relaxed));
}

}  // namespace muster::rpc
