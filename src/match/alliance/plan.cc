#include "match/alliance/plan.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace muster::match::alliance {

Plan::Plan(const Legality& legality, const Alliances& alliances)
    : legality_(legality),
      alliances_(alliances),
      draft_(legality),
      match_of_(legality.pool().size(), kFree) {}

void Plan::FindTerms(Composition* match) const {
  match->oldest = match->teams.front().front();
  for (const std::vector<Slot>& team : match->teams) {
    for (const Slot slot : team) {
      if (legality_.Precedes(slot, match->oldest)) match->oldest = slot;
    }
  }
  match->terms.alliance = &alliances_.At(legality_.pool()[match->oldest].age_ms, match->terms.mode);
}

bool Plan::Settle(Composition* match) {
  FindTerms(match);
  return legality_.Check(*match, &draft_) == Obstacle::kNone;
}

Plan::MatchId Plan::AddTeams(Composition match) {
  FindTerms(&match);
  return Add(std::move(match));
}

Plan::MatchId Plan::Add(Composition match) {
  const auto id = static_cast<MatchId>(matches_.size());
  for (const std::vector<Slot>& team : match.teams) {
    for (const Slot slot : team) match_of_[slot] = id;
  }
  matches_.push_back(std::move(match));
  return id;
}

void Plan::Remove(MatchId id) {
  for (const std::vector<Slot>& team : matches_[id].teams) {
    for (const Slot slot : team) match_of_[slot] = kFree;
  }
  matches_[id].teams.clear();
}

// Settles matches that were just changed; when one of them is not legal, undoes the change.
template <typename Undo>
bool Plan::SettleOr(std::initializer_list<Composition*> changed, const Undo& undo) {
  std::array<std::pair<Slot, MatchTerms>, 2> before;
  size_t saved = 0;
  for (const Composition* const match : changed) before[saved++] = {match->oldest, match->terms};
  if (std::all_of(changed.begin(), changed.end(),
                  [this](Composition* match) { return Settle(match); })) {
    return true;
  }
  undo();
  saved = 0;
  for (Composition* const match : changed) {
    std::tie(match->oldest, match->terms) = before[saved++];
  }
  return false;
}

// Where a matched ticket stands.
Slot* Plan::PlaceOf(Slot slot, std::vector<Slot>** team_of_slot) {
  for (std::vector<Slot>& team : matches_[match_of_[slot]].teams) {
    const auto place = std::find(team.begin(), team.end(), slot);
    if (place == team.end()) continue;
    if (team_of_slot != nullptr) *team_of_slot = &team;
    return &*place;
  }
  return nullptr;
}

bool Plan::Replace(Slot out, Slot in) {
  const MatchId id = match_of_[out];
  Slot* const place = PlaceOf(out, nullptr);
  *place = in;
  if (!SettleOr({&matches_[id]}, [&] { *place = out; })) return false;
  match_of_[out] = kFree;
  match_of_[in] = id;
  return true;
}

bool Plan::ReplaceWithTwo(Slot out, Slot in, Slot also_in) {
  const MatchId id = match_of_[out];
  std::vector<Slot>* team = nullptr;
  *PlaceOf(out, &team) = in;
  team->push_back(also_in);
  const auto undo = [&] {
    team->pop_back();
    *std::find(team->begin(), team->end(), in) = out;
  };
  if (!SettleOr({&matches_[id]}, undo)) return false;
  match_of_[out] = kFree;
  match_of_[in] = match_of_[also_in] = id;
  return true;
}

bool Plan::Swap(Slot a, Slot b) {
  Slot* const place_of_a = PlaceOf(a, nullptr);
  Slot* const place_of_b = PlaceOf(b, nullptr);
  std::swap(*place_of_a, *place_of_b);
  if (!SettleOr({&matches_[match_of_[a]], &matches_[match_of_[b]]},
                [&] { std::swap(*place_of_a, *place_of_b); })) {
    return false;
  }
  std::swap(match_of_[a], match_of_[b]);
  return true;
}

bool Plan::SwapTeams(MatchId a, size_t team_of_a, MatchId b, size_t team_of_b) {
  std::vector<Slot>& left = matches_[a].teams[team_of_a];
  std::vector<Slot>& right = matches_[b].teams[team_of_b];
  left.swap(right);
  if (!SettleOr({&matches_[a], &matches_[b]}, [&] { left.swap(right); })) return false;
  for (const Slot slot : left) match_of_[slot] = a;
  for (const Slot slot : right) match_of_[slot] = b;
  return true;
}

}  // namespace muster::match::alliance
