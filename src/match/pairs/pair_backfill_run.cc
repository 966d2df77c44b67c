#include "match/pairs/pair_backfill_run.h"

#include <algorithm>
#include <utility>

#include "match/pairs/pair_match_run.h"

namespace muster::match::pairs {
namespace {

// The first of `waiting` that `accepts`, while there are looks left.
template <typename Waiting, typename Accepts>
auto FindFirst(Waiting& waiting, int64_t& looks_left, const Accepts& accepts) {
  auto it = waiting.begin();
  for (; it != waiting.end(); ++it) {
    if (looks_left == 0) return waiting.end();
    --looks_left;
    if (accepts(*it)) return it;
  }
  return it;
}

}  // namespace

PairBackfillRun::PairBackfillRun(const PairRules& rules, const RunContext& context,
                                 ProposalSink& sink)
    : rules_(rules), now_(context.now), sink_(sink), ids_(context.id_seed) {}

std::optional<LeftOut> PairBackfillRun::AddTicket(const Ticket& ticket) {
  if (!FitsIntoOneTeam(rules_, ticket)) return LeftOut::kTooLarge;
  WaitingTicket waiting{next_ticket_++, {}, ticket.excluded_sessions};
  for (const Player& player : ticket.players) waiting.player_ids.push_back(player.id);
  std::sort(waiting.excluded_sessions.begin(), waiting.excluded_sessions.end());
  looks_left_ += kLooksPerTicket;
  const auto session = FindFirst(sessions_, looks_left_, [&](const WaitingSession& candidate) {
    return Accepts(candidate, waiting);
  });
  if (session == sessions_.end()) {
    tickets_.push_back(std::move(waiting));
  } else {
    Propose(std::move(*session), waiting);
    sessions_.erase(session);
  }
  return std::nullopt;
}

void PairBackfillRun::AddBackfillTicket(const BackfillTicket& backfill) {
  WaitingSession waiting{next_backfill_++, backfill.session_id, {}, {}, backfill.attributes};
  for (const SessionTeam& team : backfill.teams) {
    waiting.team_sizes.push_back(team.user_ids.size());
    waiting.user_ids.insert(team.user_ids.begin(), team.user_ids.end());
  }
  for (const Ticket& ticket : backfill.tickets) {
    for (const Player& player : ticket.players) waiting.user_ids.insert(player.id);
  }
  // A full session would only stand in the way of the others.
  if (!HasRoom(waiting, 1)) return;
  looks_left_ += kLooksPerTicket;
  const auto ticket = FindFirst(tickets_, looks_left_, [&](const WaitingTicket& candidate) {
    return Accepts(waiting, candidate);
  });
  if (ticket == tickets_.end()) {
    sessions_.push_back(std::move(waiting));
  } else {
    Propose(std::move(waiting), *ticket);
    tickets_.erase(ticket);
  }
}

bool PairBackfillRun::Accepts(const WaitingSession& session, const WaitingTicket& ticket) const {
  const std::vector<std::string>& excluded = ticket.excluded_sessions;
  if (std::binary_search(excluded.begin(), excluded.end(), session.session_id)) return false;
  if (!HasRoom(session, ticket.player_ids.size())) return false;
  return std::none_of(ticket.player_ids.begin(), ticket.player_ids.end(),
                      [&](const std::string& id) { return session.user_ids.contains(id); });
}

bool PairBackfillRun::HasRoom(const WaitingSession& session, size_t players) const {
  if (!rules_.alliance) return true;
  const size_t capacity = static_cast<size_t>(rules_.max_tickets);
  return session.user_ids.size() + players <= capacity && ChooseTeam(session, players).has_value();
}

// A new team while the rules allow one more, as every caller of this contract expects; then the
// emptiest team that has room.
std::optional<size_t> PairBackfillRun::ChooseTeam(const WaitingSession& session,
                                                  size_t players) const {
  const std::vector<size_t>& sizes = session.team_sizes;
  if (!rules_.alliance || sizes.size() < static_cast<size_t>(rules_.alliance->max_teams)) {
    return TeamAddition::kNewTeam;
  }
  const auto emptiest = std::min_element(sizes.begin(), sizes.end());
  if (*emptiest + players > static_cast<size_t>(rules_.alliance->max_players)) return std::nullopt;
  return static_cast<size_t>(emptiest - sizes.begin());
}

void PairBackfillRun::Propose(WaitingSession session, const WaitingTicket& ticket) {
  TeamAddition addition;
  addition.team = ChooseTeam(session, ticket.player_ids.size()).value_or(TeamAddition::kNewTeam);
  if (addition.team == TeamAddition::kNewTeam) addition.new_team_id = ids_.Next();
  addition.tickets = {ticket.index};
  BackfillProposal proposal;
  proposal.id = ids_.Next();
  proposal.backfill = session.index;
  proposal.additions = {std::move(addition)};
  proposal.attributes = std::move(session.attributes);
  proposal.created_at = now_;
  proposal.attributes.Set("generatedID", ids_.Next());
  sink_.Emit(std::move(proposal));
}

}  // namespace muster::match::pairs
