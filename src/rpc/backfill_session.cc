#include "rpc/backfill_session.h"

#include <optional>
#include <string>
#include <utility>

namespace muster::rpc {

BackfillSession::BackfillSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                                 WakeUp on_answer)
    : RunSession(context, call, pb::BackfillProposal::kAddedTicketsFieldNumber, std::move(stop),
                 std::move(on_answer)) {}

std::unique_ptr<match::BackfillRun> BackfillSession::StartRun(const match::MatchLogic& logic,
                                                              const match::RunContext& context) {
  return logic.StartBackfill(context, *this);
}

absl::Status BackfillSession::OnOtherFrame(std::string_view frame) {
  if (!request().has_backfill_ticket()) {
    return absl::InvalidArgumentError(
        "BackfillMakeMatchesRequest: none of parameters, backfill_ticket and ticket is set");
  }
  const pb::BackfillTicket& message = request().backfill_ticket();
  if (!message.has_partial_match()) {
    return absl::InvalidArgumentError(
        "BackfillMakeMatchesRequest.backfill_ticket.partial_match: is not set");
  }
  std::string rebuilt;
  const std::string_view wire = FieldBytes(
      frame, pb::BackfillMakeMatchesRequest::kBackfillTicketFieldNumber, message, &rebuilt);
  MUSTER_ASSIGN_OR_RETURN(const std::optional<match::BackfillTicket> ticket,
                          intake().TakeBackfill(message, wire));
  if (ticket) {
    Asked& asked = asked_.emplace_back();
    for (const match::SessionTeam& team : ticket->teams) {
      asked.occupied.push_back(!team.user_ids.empty());
    }
    run().AddBackfillTicket(*ticket);
  }
  return emit_status();
}

absl::Status BackfillSession::CheckTeams(const match::BackfillProposal& proposal,
                                         const std::vector<bool>& occupied) {
  const size_t teams = occupied.size();
  std::vector<bool> goes(teams);
  size_t next = 0;
  for (const size_t team : proposal.dropped_teams) {
    if (team < next || team >= teams || occupied[team]) {
      return absl::InternalError("the match logic dropped a team twice or one that it must keep");
    }
    goes[team] = true;
    next = team + 1;
  }
  for (const match::TeamId& named : proposal.team_ids) {
    if (named.team >= teams || goes[named.team]) {
      return absl::InternalError("the match logic named a team that does not exist");
    }
  }
  for (const match::TeamAddition& addition : proposal.additions) {
    if (addition.team == match::TeamAddition::kNewTeam) continue;
    if (addition.team >= teams || goes[addition.team]) {
      return absl::InternalError("the match logic added to a team that does not exist");
    }
  }
  return absl::OkStatus();
}

absl::Status BackfillSession::Check(const match::BackfillProposal& proposal) {
  if (proposal.backfill >= asked_.size() || asked_[proposal.backfill].answered) {
    return absl::InternalError("the match logic answered a backfill ticket twice or made one up");
  }
  Asked& asked = asked_[proposal.backfill];
  asked.answered = true;
  MUSTER_RETURN_IF_ERROR(CheckTeams(proposal, asked.occupied));
  for (const match::TeamAddition& addition : proposal.additions) {
    MUSTER_RETURN_IF_ERROR(intake().Place(addition.tickets));
  }
  return CheckPlayerUpdates(proposal, *intake().store());
}

EncodedAnswer BackfillSession::Encode(const match::BackfillProposal& proposal) {
  const std::string_view wire = intake().backfill_store().Wire(proposal.backfill);
  EncodedAnswer answer = EncodeProposal(proposal, intake().store(), wire);
  context().metrics.ProposalMade(answer.players);
  return answer;
}

}  // namespace muster::rpc
