#include "rpc/make_matches_session.h"

#include <algorithm>
#include <utility>

namespace muster::rpc {

MakeMatchesSession::MakeMatchesSession(ServiceContext& context, ObservedCall& call,
                                       std::stop_token stop, WakeUp on_answer)
    : RunSession(context, call, pb::Match::kTicketsFieldNumber, std::move(stop),
                 std::move(on_answer)) {}

std::unique_ptr<match::MatchRun> MakeMatchesSession::StartRun(const match::MatchLogic& logic,
                                                              const match::RunContext& context) {
  return logic.StartMatches(context, *this);
}

absl::Status MakeMatchesSession::OnOtherFrame(std::string_view /*frame*/) {
  return absl::InvalidArgumentError("MakeMatchesRequest: neither parameters nor ticket is set");
}

absl::Status MakeMatchesSession::Check(const match::Match& match) {
  const bool has_tickets =
      std::any_of(match.teams.begin(), match.teams.end(),
                  [](const match::Team& team) { return !team.tickets.empty(); });
  if (!has_tickets) return absl::InternalError("the match logic made a match without tickets");
  for (const match::Team& team : match.teams) {
    MUSTER_RETURN_IF_ERROR(intake().Place(team.tickets));
  }
  return CheckPlayerUpdates(match, *intake().store());
}

EncodedAnswer MakeMatchesSession::Encode(const match::Match& match) {
  EncodedAnswer answer = EncodeMatch(match, intake().store());
  context().metrics.MatchMade(answer.players);
  return answer;
}

}  // namespace muster::rpc
