#include "match/alliance/team_builder.h"

#include <algorithm>
#include <utility>

namespace muster::match::alliance {

bool TeamBuilder::Build(Candidates& candidates, Slot oldest, const MatchTerms& terms,
                        TickDeadline* deadline) {
  candidates_ = &candidates;
  deadline_ = deadline;
  Start(oldest, terms);
  FillInOrder();
  if (OutOfTime()) return false;
  if (IsComplete()) return true;
  Start(oldest, terms);
  if (!PackExactly()) return false;
  FillUp();
  return IsComplete();
}

void TeamBuilder::Start(Slot oldest, const MatchTerms& terms) {
  draft_.Start(oldest, terms);
  match_.terms = terms;
  match_.oldest = oldest;
  while (!match_.teams.empty()) DropTeam();
  players_.clear();
  taken_.clear();
  team_of_.clear();
  oldest_placed_ = false;
  if (lanes_.size() < candidates_->lane_count()) lanes_.resize(candidates_->lane_count());
  for (size_t i = 0; i < candidates_->lane_count(); ++i) {
    lanes_[i].first_free = 0;
    lanes_[i].taken.clear();
  }
}

void TeamBuilder::AddTeam() {
  if (spare_teams_.empty()) {
    match_.teams.emplace_back();
  } else {
    match_.teams.push_back(std::move(spare_teams_.back()));
    spare_teams_.pop_back();
  }
  players_.push_back(0);
}

void TeamBuilder::DropTeam() {
  match_.teams.back().clear();
  spare_teams_.push_back(std::move(match_.teams.back()));
  match_.teams.pop_back();
  if (!players_.empty()) players_.pop_back();
}

void TeamBuilder::FillInOrder() {
  const AllianceRule& alliance = *match_.terms.alliance;
  const int64_t most = std::max<int64_t>(alliance.min_players,
                                         std::min<int64_t>(alliance.max_players, SmallestSize()));
  for (int32_t team = 0; team < alliance.min_teams; ++team) {
    if (!Pick(match_.teams.size(), alliance.min_players, most)) break;
  }
  FillUp();
}

void TeamBuilder::FillUp() {
  const AllianceRule& alliance = *match_.terms.alliance;
  for (int32_t i = 0; i < alliance.max_teams; ++i) {
    const auto team = static_cast<size_t>(i);
    const bool is_new = team == match_.teams.size();
    const size_t before = draft_.size();
    const bool could_start = !is_new && HasItsRoles(team);
    if (!Pick(team, alliance.min_players, alliance.max_players)) break;
    if (HasItsRoles(team) || !(is_new || could_start)) continue;
    TakeBack(before);
    if (!is_new) continue;
    match_.teams.pop_back();
    players_.pop_back();
    break;
  }
}

bool TeamBuilder::HasItsRoles(size_t team) const {
  return legality_.RolesFit(*match_.terms.alliance, team, match_.teams[team], true);
}

bool TeamBuilder::IsComplete() const {
  const AllianceRule& alliance = *match_.terms.alliance;
  if (!oldest_placed_ || match_.teams.size() < static_cast<size_t>(alliance.min_teams)) {
    return false;
  }
  for (size_t team = 0; team < match_.teams.size(); ++team) {
    if (players_[team] < alliance.min_players) return false;
    if (!HasItsRoles(team)) return false;
  }
  return true;
}

int64_t TeamBuilder::SmallestSize() {
  const AllianceRule& alliance = *match_.terms.alliance;
  int64_t smallest = legality_.pool()[match_.oldest].players;
  for (size_t i = candidates_->lane_count(); i-- > 0;) {
    const int64_t players = candidates_->lane(i).players;
    // Smaller than the minimum makes no difference.
    if (smallest <= alliance.min_players || players >= smallest) break;
    if (candidates_->At(i, 0) != nullptr) smallest = players;
  }
  return smallest;
}

int64_t TeamBuilder::Room(size_t team) const {
  return match_.terms.alliance->max_players - players_[team];
}

const Candidate* TeamBuilder::NextFree(size_t lane) {
  LaneState& state = lanes_[lane];
  while (state.place < state.taken.size() && state.taken[state.place]) ++state.place;
  return candidates_->At(lane, state.place);
}

bool TeamBuilder::ComesFirst(size_t lane, const Candidate& candidate, size_t best_lane,
                             const Candidate& best) const {
  const Lane& mine = candidates_->lane(lane);
  const Lane& theirs = candidates_->lane(best_lane);
  if (options_.larger_parties_first && mine.players != theirs.players) {
    return mine.players > theirs.players;
  }
  if (mine.priority != theirs.priority) return mine.priority > theirs.priority;
  return candidate.Before(best);
}

// The lane whose next candidate is the best of those that fit into the room, or kNoLane.
size_t TeamBuilder::BestLane(int64_t room) {
  size_t best_lane = kNoLane;
  const Candidate* best = nullptr;
  for (size_t i = 0; i < candidates_->lane_count(); ++i) {
    if (lanes_[i].closed || candidates_->lane(i).players > room) continue;
    const Candidate* const next = NextFree(i);
    if (next == nullptr) {
      lanes_[i].closed = true;
    } else if (best == nullptr || ComesFirst(i, *next, best_lane, *best)) {
      best_lane = i;
      best = next;
    }
  }
  return best_lane;
}

bool TeamBuilder::Pick(size_t team, int64_t least, int64_t most) {
  const bool is_new = team == match_.teams.size();
  if (!is_new && players_[team] == most) return true;
  if (is_new) AddTeam();
  const size_t before = draft_.size();
  const int64_t oldest_size = legality_.pool()[match_.oldest].players;
  if (!oldest_placed_ && players_[team] + oldest_size <= most) {
    Join(team, match_.oldest, {kNoLane, 0});
  }
  for (size_t i = 0; i < candidates_->lane_count(); ++i) {
    lanes_[i].place = lanes_[i].first_free;
    lanes_[i].closed = false;
  }
  while (players_[team] < most && !OutOfTime()) {
    const size_t lane = BestLane(most - players_[team]);
    if (lane == kNoLane) break;
    LaneState& state = lanes_[lane];
    const size_t place = state.place++;
    const Slot slot = candidates_->At(lane, place)->slot;
    // Others in the lane have the same roles; and a team that grows has no more room for them.
    if (Join(team, slot, {lane, place}) == Joined::kNoRoleForIt) state.closed = true;
  }
  if (!is_new || players_[team] >= least) return true;
  TakeBack(before);
  DropTeam();
  return false;
}

TeamBuilder::Joined TeamBuilder::Join(size_t team, Slot slot, Taken from) {
  std::vector<Slot>& tickets = match_.teams[team];
  for (const Slot other : tickets) {
    if (!legality_.GoIntoOneTeam(slot, other)) return Joined::kNo;
  }
  if (!legality_.GoIntoOneTeam(slot, slot)) return Joined::kNo;
  tickets.push_back(slot);
  Joined joined = Joined::kYes;
  if (!legality_.RolesFit(*match_.terms.alliance, team, tickets, false)) {
    // With role flexing an older ticket of the same lane may do.
    const bool alike = !match_.terms.alliance->combination.flexing;
    joined = alike ? Joined::kNoRoleForIt : Joined::kNo;
  } else if (draft_.Admits(slot) != Obstacle::kNone) {
    joined = Joined::kNo;
  }
  if (joined != Joined::kYes) {
    tickets.pop_back();
    return joined;
  }
  draft_.Join(slot);
  taken_.push_back(from);
  team_of_.push_back(team);
  players_[team] += legality_.pool()[slot].players;
  if (from.lane == kNoLane) {
    oldest_placed_ = true;
    return joined;
  }
  LaneState& state = lanes_[from.lane];
  if (state.taken.size() <= from.place) state.taken.resize(from.place + 1, false);
  state.taken[from.place] = true;
  while (state.first_free < state.taken.size() && state.taken[state.first_free]) {
    ++state.first_free;
  }
  return joined;
}

// Takes the latest tickets back until so many are left.
void TeamBuilder::TakeBack(size_t tickets) {
  while (draft_.size() > tickets) {
    const Taken from = taken_.back();
    const size_t team = team_of_.back();
    players_[team] -= legality_.pool()[match_.teams[team].back()].players;
    match_.teams[team].pop_back();
    taken_.pop_back();
    team_of_.pop_back();
    draft_.Shrink(draft_.size() - 1);
    if (from.lane == kNoLane) {
      oldest_placed_ = false;
      continue;
    }
    LaneState& state = lanes_[from.lane];
    state.taken[from.place] = false;
    state.first_free = std::min(state.first_free, from.place);
  }
}

bool TeamBuilder::PackExactly() {
  steps_left_ = options_.max_packing_steps;
  tickets_are_alike_ = legality_.pool().traits().size() <= 1 && !legality_.pool().any_blocked();
  AddTeam();
  if (Room(0) < int64_t{legality_.pool()[match_.oldest].players}) return false;
  if (Join(0, match_.oldest, {kNoLane, 0}) != Joined::kYes) return false;
  return Pack(0, 0);
}

// Completes the team with tickets of this lane and those after it, then the teams that are missing.
bool TeamBuilder::Pack(size_t team, size_t first_lane) {
  if (--steps_left_ < 0) return false;
  const AllianceRule& alliance = *match_.terms.alliance;
  if (players_[team] >= alliance.min_players && HasItsRoles(team)) return PackNextTeam(team);
  for (size_t lane = first_lane; lane < candidates_->lane_count(); ++lane) {
    if (candidates_->lane(lane).players <= Room(team) && PackFromLane(team, lane)) return true;
  }
  return false;
}

bool TeamBuilder::PackNextTeam(size_t team) {
  if (team + 1 == static_cast<size_t>(match_.terms.alliance->min_teams)) return true;
  AddTeam();
  if (Pack(team + 1, 0)) return true;
  DropTeam();
  return false;
}

// Where nothing but sizes and roles matters, tickets of a lane are alike: the first that may join
// stands for all of them.
bool TeamBuilder::PackFromLane(size_t team, size_t lane) {
  size_t place = lanes_[lane].first_free;
  while (const Candidate* const candidate = candidates_->At(lane, place)) {
    const bool free = place >= lanes_[lane].taken.size() || !lanes_[lane].taken[place];
    const Slot slot = candidate->slot;
    const Joined joined = free ? Join(team, slot, {lane, place}) : Joined::kNo;
    if (joined == Joined::kNoRoleForIt) return false;
    if (joined == Joined::kYes) {
      const size_t before = draft_.size() - 1;
      if (Pack(team, lane)) return true;
      TakeBack(before);
      if (tickets_are_alike_) return false;
    }
    if (--steps_left_ < 0 || OutOfTime()) return false;
    ++place;
  }
  return false;
}

}  // namespace muster::match::alliance
