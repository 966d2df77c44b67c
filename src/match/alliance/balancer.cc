#include "match/alliance/balancer.h"

#include <algorithm>

namespace muster::match::alliance {
namespace {

std::vector<size_t> BalancingRules(const std::vector<MatchingRule>& rules) {
  std::vector<size_t> chosen;
  std::vector<size_t> silent;
  bool anybody_speaks = false;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].criteria != Criteria::kDistance) continue;
    anybody_speaks = anybody_speaks || rules[i].for_balancing.has_value();
    if (rules[i].for_balancing.value_or(false)) chosen.push_back(i);
    if (!rules[i].for_balancing) silent.push_back(i);
  }
  if (!anybody_speaks && !silent.empty()) chosen.push_back(silent.front());
  return chosen;
}

}  // namespace

Balancer::Balancer(const Legality& legality)
    : legality_(legality), balancing_rules_(BalancingRules(legality.rules().matching)) {}

double Balancer::Strength(Slot slot) const {
  double sum = 0;
  for (const size_t rule : balancing_rules_) {
    const double unit = legality_.rules().matching[rule].normalization_max;
    sum += legality_.pool().Mean(slot, rule) / (unit == 0 ? 1 : unit);
  }
  const double strength =
      balancing_rules_.empty() ? 0 : sum / static_cast<double>(balancing_rules_.size());
  // Sums over a team stay finite.
  constexpr double kFar = 1e200;
  return std::clamp(strength, -kFar, kFar);
}

bool Balancer::IsLegalTeam(const AllianceRule& alliance, size_t team,
                           const std::vector<uint32_t>& parties) {
  team_.clear();
  for (const uint32_t party : parties) {
    const Slot slot = tickets_[party];
    for (const Slot other : team_) {
      if (!legality_.GoIntoOneTeam(slot, other)) return false;
    }
    team_.push_back(slot);
  }
  return legality_.RolesFit(alliance, team, team_, true);
}

void Balancer::Balance(Composition* match) {
  const AllianceRule& alliance = *match->terms.alliance;
  const bool sizes_are_fixed = alliance.min_players == alliance.max_players;
  if (match->teams.size() < 2 || (balancing_rules_.empty() && sizes_are_fixed)) return;
  parties_.clear();
  tickets_.clear();
  for (size_t team = 0; team < match->teams.size(); ++team) {
    for (const Slot slot : match->teams[team]) {
      tickets_.push_back(slot);
      parties_.push_back({static_cast<int32_t>(legality_.pool()[slot].players), Strength(slot),
                          static_cast<uint32_t>(team), false});
    }
  }
  // One ticket a team: every split is the same.
  if (tickets_.size() == match->teams.size()) return;
  BalanceRules rules;
  rules.teams = static_cast<uint32_t>(match->teams.size());
  rules.min_players = alliance.min_players;
  rules.max_players = alliance.max_players;
  const bool teams_differ =
      alliance.combination.active() ||
      (legality_.rules().blocked_players == BlockedPlayers::kCanMatchOnDifferentTeam &&
       legality_.pool().any_blocked());
  if (teams_differ) {
    rules.team_is_legal = [&](uint32_t team, const std::vector<uint32_t>& parties) {
      return IsLegalTeam(alliance, team, parties);
    };
  }
  const std::vector<uint32_t> split = BalanceTeams(parties_, rules);
  for (std::vector<Slot>& team : match->teams) team.clear();
  for (size_t i = 0; i < split.size(); ++i) match->teams[split[i]].push_back(tickets_[i]);
}

}  // namespace muster::match::alliance
