#include "match/alliance/plan.h"

#include <algorithm>
#include <utility>

namespace muster::match::alliance {

Plan::Plan(const Legality& legality, const Alliances& alliances)
    : legality_(legality),
      alliances_(alliances),
      draft_(legality),
      match_of_(legality.pool().size(), kFree) {}

bool Plan::Settle(Composition* match) {
  match->oldest = match->teams.front().front();
  for (const std::vector<Slot>& team : match->teams) {
    for (const Slot slot : team) {
      if (legality_.Precedes(slot, match->oldest)) match->oldest = slot;
    }
  }
  match->terms.alliance = &alliances_.At(legality_.pool()[match->oldest].age_ms, match->terms.mode);
  return legality_.Check(*match, &draft_) == Obstacle::kNone;
}

Plan::MatchId Plan::Add(Composition match) {
  const auto id = static_cast<MatchId>(matches_.size());
  for (const std::vector<Slot>& team : match.teams) {
    for (const Slot slot : team) match_of_[slot] = id;
  }
  matches_.push_back(std::move(match));
  return id;
}

std::optional<Plan::MatchId> Plan::AddIfLegal(Composition match) {
  if (!Settle(&match)) return std::nullopt;
  return Add(std::move(match));
}

void Plan::Remove(MatchId id) {
  for (const std::vector<Slot>& team : matches_[id].teams) {
    for (const Slot slot : team) match_of_[slot] = kFree;
  }
  matches_[id].teams.clear();
}

// Changes one place of a match; undoes it when the match is not legal then.
bool Plan::Exchange(MatchId id, Slot out, Slot in) {
  Composition& match = matches_[id];
  for (std::vector<Slot>& team : match.teams) {
    const auto place = std::find(team.begin(), team.end(), out);
    if (place == team.end()) continue;
    const Slot oldest = match.oldest;
    const MatchTerms terms = match.terms;
    *place = in;
    if (Settle(&match)) return true;
    *place = out;
    match.oldest = oldest;
    match.terms = terms;
    return false;
  }
  return false;
}

bool Plan::Replace(Slot out, Slot in) {
  const MatchId id = match_of_[out];
  if (!Exchange(id, out, in)) return false;
  match_of_[out] = kFree;
  match_of_[in] = id;
  return true;
}

bool Plan::ReplaceWithTwo(Slot out, Slot in, Slot also_in) {
  const MatchId id = match_of_[out];
  Composition& match = matches_[id];
  for (std::vector<Slot>& team : match.teams) {
    const auto place = std::find(team.begin(), team.end(), out);
    if (place == team.end()) continue;
    const Slot oldest = match.oldest;
    const MatchTerms terms = match.terms;
    const auto index = place - team.begin();
    *place = in;
    team.push_back(also_in);
    if (Settle(&match)) {
      match_of_[out] = kFree;
      match_of_[in] = match_of_[also_in] = id;
      return true;
    }
    team.pop_back();
    team[static_cast<size_t>(index)] = out;
    match.oldest = oldest;
    match.terms = terms;
    return false;
  }
  return false;
}

bool Plan::Swap(Slot a, Slot b) {
  const MatchId of_a = match_of_[a];
  const MatchId of_b = match_of_[b];
  if (!Exchange(of_a, a, b)) return false;
  if (!Exchange(of_b, b, a)) {
    Exchange(of_a, b, a);
    return false;
  }
  std::swap(match_of_[a], match_of_[b]);
  return true;
}

bool Plan::SwapTeams(MatchId a, size_t team_of_a, MatchId b, size_t team_of_b) {
  Composition& left = matches_[a];
  Composition& right = matches_[b];
  const Slot left_oldest = left.oldest;
  const Slot right_oldest = right.oldest;
  const MatchTerms left_terms = left.terms;
  const MatchTerms right_terms = right.terms;
  left.teams[team_of_a].swap(right.teams[team_of_b]);
  if (Settle(&left) && Settle(&right)) {
    for (const Slot slot : left.teams[team_of_a]) match_of_[slot] = a;
    for (const Slot slot : right.teams[team_of_b]) match_of_[slot] = b;
    return true;
  }
  left.teams[team_of_a].swap(right.teams[team_of_b]);
  left.oldest = left_oldest;
  left.terms = left_terms;
  right.oldest = right_oldest;
  right.terms = right_terms;
  return false;
}

}  // namespace muster::match::alliance
