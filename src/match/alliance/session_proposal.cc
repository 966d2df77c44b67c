#include <algorithm>
#include <utility>

#include "match/alliance/session_fill.h"

// What a session that has changed tells the world.
namespace muster::match::alliance {

BackfillProposal SessionFill::Propose(base::IdGenerator& ids) const {
  BackfillProposal proposal;
  proposal.id = ids.Next();
  const bool keeps_empty_teams = alliance().combination.teams.size() > 1;
  for (size_t i = 0; i < teams_.size(); ++i) {
    const FilledTeam& team = teams_[i];
    const bool is_new = i >= session_.teams.size();
    if (team.players == 0 && !keeps_empty_teams) {
      proposal.dropped_teams.push_back(i);
      continue;
    }
    if (!is_new && session_.teams[i].id.empty()) proposal.team_ids.push_back({i, ids.Next()});
    if (team.tickets.size() == team.parties) continue;
    TeamAddition& addition = proposal.additions.emplace_back();
    addition.team = is_new ? TeamAddition::kNewTeam : i;
    if (is_new) addition.new_team_id = ids.Next();
    addition.tickets.assign(team.tickets.begin() + static_cast<std::ptrdiff_t>(team.parties),
                            team.tickets.end());
  }
  proposal.attributes = attributes_;
  if (!means_.empty()) proposal.attributes.Set("member_attributes", MeanAttributes());
  const bool tells_blocked = attributes_.Find("blocked_players") != nullptr;
  if (tells_blocked || !lists_.blocked_players.empty()) {
    proposal.attributes.Set("blocked_players", lists_.blocked_players);
  }
  if (alliance().combination.active()) AddRoles(&proposal);
  return proposal;
}

Object SessionFill::MeanAttributes() const {
  const std::vector<MatchingRule>& rules = tick_.legality.rules().matching;
  const Stage stage = tick_.pool[initial_].stage;
  Object means;
  for (size_t i = 0; i < rules.size(); ++i) {
    // Of several rules for an attribute one that compares has the mean that has moved.
    const bool moves = tick_.legality.flex().Reference(stage, i) >= 0;
    if (moves || means.Find(rules[i].attribute) == nullptr) {
      means.Set(rules[i].attribute, means_[i]);
    }
  }
  return means;
}

void SessionFill::AddRoles(BackfillProposal* proposal) const {
  std::vector<Object::Entry> roles;
  for (size_t team = 0; team < teams_.size(); ++team) AddTeamRoles(team, proposal, &roles);
  proposal->attributes.Set("roles", Object(std::move(roles)));
}

// Whoever is in the session keeps his role; of a team that nobody joins no more is said than was
// known.
void SessionFill::AddTeamRoles(size_t team, BackfillProposal* proposal,
                               std::vector<Object::Entry>* roles) const {
  const FilledTeam& filled = teams_[team];
  const std::vector<Slot>& tickets = filled.tickets;
  std::vector<uint16_t> chosen;
  if (tickets.size() > filled.parties) {
    chosen = tick_.legality.ChooseRoles(alliance(), team, tickets, false).value_or(chosen);
  }
  const auto role_of = [&](size_t player) {
    return Value(alliance().combination.TeamRoles(team)[chosen[player]].name);
  };
  const Value* const known = session_.attributes.Find("roles");
  size_t next = 0;
  for (size_t i = 0; i < filled.parties; ++i) {
    const RosterParty& party = roster_.teams()[team].parties[i];
    for (const Player& player : party.players) {
      const size_t place = next++;
      const bool is_known = known != nullptr && known->object() != nullptr &&
                            known->object()->Find(player.id) != nullptr;
      if (is_known) {
        roles->emplace_back(player.id, *known->object()->Find(player.id));
      } else if (!chosen.empty() && party.ticket != nullptr) {
        roles->emplace_back(player.id, role_of(place));
      }
    }
  }
  if (chosen.empty()) return;
  for (size_t i = filled.parties; i < tickets.size(); ++i) {
    const std::vector<std::string>& users = tick_.notes.UserIds(tickets[i]);
    for (size_t player = 0; player < users.size(); ++player) {
      const Value role = role_of(next++);
      proposal->player_updates.push_back({tickets[i], player, Object({{"role", role}})});
      roles->emplace_back(users[player], role);
    }
  }
}

}  // namespace muster::match::alliance
