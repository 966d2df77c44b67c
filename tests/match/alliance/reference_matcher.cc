#include "tests/match/alliance/reference_matcher.h"

#include <algorithm>
#include <iterator>

namespace muster::match::alliance {
namespace {

void Erase(const std::vector<Slot>& gone, std::vector<Slot>* from) {
  std::erase_if(*from,
                [&](Slot slot) { return std::find(gone.begin(), gone.end(), slot) != gone.end(); });
}

}  // namespace

std::vector<MatchTerms> ReferenceMatcher::TermsOf(Slot oldest) const {
  const TicketPool& pool = legality_.pool();
  std::vector<RegionId> regions;
  for (const RegionLatency& each : pool.AcceptedRegions(oldest)) regions.push_back(each.region);
  if (pool.Latencies(oldest).empty()) regions.push_back(kNoRegion);
  std::vector<std::optional<uint16_t>> modes(1);
  if (!legality_.rules().sub_game_modes.empty()) {
    modes.assign(pool.TraitsOf(oldest).modes.begin(), pool.TraitsOf(oldest).modes.end());
  }
  std::vector<MatchTerms> terms;
  for (const RegionId region : regions) {
    for (const auto& mode : modes) {
      terms.push_back({&alliances_.At(pool[oldest].age_ms, mode), region, mode});
    }
  }
  return terms;
}

int64_t ReferenceMatcher::Players(const Slots& tickets) const {
  int64_t players = 0;
  for (const Slot slot : tickets) players += legality_.pool()[slot].players;
  return players;
}

// All that the oldest can play with, best first. Tickets before it were given up.
ReferenceMatcher::Slots ReferenceMatcher::Candidates(const Slots& waiting) const {
  const TicketPool& pool = legality_.pool();
  Slots found;
  for (const Slot slot : waiting) {
    if (!legality_.Precedes(oldest_, slot)) continue;
    if (int64_t{pool[slot].players} > terms_.alliance->max_players) continue;
    if (legality_.LetsIn(oldest_, slot, terms_) != Obstacle::kNone) continue;
    if (legality_.GoTogether(oldest_, slot) != Obstacle::kNone) continue;
    if (legality_.GoTogether(slot, slot) != Obstacle::kNone) continue;
    found.push_back(slot);
  }
  std::sort(found.begin(), found.end(), [&](Slot a, Slot b) {
    if (larger_first_ && pool[a].players != pool[b].players) {
      return pool[a].players > pool[b].players;
    }
    if (pool[a].priority != pool[b].priority) return pool[a].priority > pool[b].priority;
    const double mine = legality_.Score(oldest_, a, terms_.region);
    const double theirs = legality_.Score(oldest_, b, terms_.region);
    return mine != theirs ? mine < theirs : legality_.Precedes(a, b);
  });
  return found;
}

bool ReferenceMatcher::KeepsCommonValues(Slots tickets) const {
  const TicketPool& pool = legality_.pool();
  for (const size_t option : pool.traits().common_options()) {
    std::vector<Symbol> common = pool.TraitsOf(tickets.front()).options[option].values;
    bool carried = false;
    for (const Slot slot : tickets) {
      const OptionValues& theirs = pool.TraitsOf(slot).options[option];
      carried = carried || theirs.carried;
      std::erase_if(common, [&](Symbol value) {
        return std::find(theirs.values.begin(), theirs.values.end(), value) == theirs.values.end();
      });
    }
    if (carried && common.empty()) return false;
  }
  return true;
}

bool ReferenceMatcher::MayJoin(const Slots& team_so_far, size_t team, Slot slot) const {
  Slots all = team_so_far;
  for (size_t i = 0; i < teams_.size(); ++i) {
    if (i != team) all.insert(all.end(), teams_[i].begin(), teams_[i].end());
  }
  if (legality_.GoTogether(slot, slot) != Obstacle::kNone) return false;
  for (const Slot other : all) {
    if (legality_.GoTogether(slot, other) != Obstacle::kNone) return false;
  }
  all.push_back(slot);
  if (!KeepsCommonValues(all)) return false;
  Slots grown = team_so_far;
  grown.push_back(slot);
  for (const Slot other : grown) {
    if (!legality_.GoIntoOneTeam(slot, other)) return false;
  }
  return legality_.RolesFit(*terms_.alliance, team, grown, false);
}

ReferenceMatcher::Slots ReferenceMatcher::Pick(const Slots& pool, const Slots& start, size_t team,
                                               int64_t least, int64_t most) const {
  Slots best = start;
  Slots grown = start;
  for (const Slot slot : pool) {
    if (Players(grown) + legality_.pool()[slot].players > most) continue;
    if (!MayJoin(grown, team, slot)) continue;
    grown.push_back(slot);
    if (Players(grown) >= least && Players(grown) > Players(best)) best = grown;
    if (Players(grown) == most) break;
  }
  return best;
}

bool ReferenceMatcher::IsValid() const {
  const AllianceRule& alliance = *terms_.alliance;
  if (teams_.size() < static_cast<size_t>(alliance.min_teams)) return false;
  bool has_oldest = false;
  for (size_t i = 0; i < teams_.size(); ++i) {
    if (Players(teams_[i]) < alliance.min_players) return false;
    if (!legality_.RolesFit(alliance, i, teams_[i], true)) return false;
    has_oldest =
        has_oldest || std::find(teams_[i].begin(), teams_[i].end(), oldest_) != teams_[i].end();
  }
  return has_oldest;
}

std::optional<ReferenceMatcher::Teams> ReferenceMatcher::Fill(Slot oldest, const MatchTerms& terms,
                                                              const Slots& waiting) {
  oldest_ = oldest;
  terms_ = terms;
  teams_.clear();
  const AllianceRule& alliance = *terms.alliance;
  Slots pool = Candidates(waiting);
  pool.insert(pool.begin(), oldest);
  int64_t smallest = alliance.max_players;
  for (const Slot slot : pool) {
    smallest = std::min<int64_t>(smallest, legality_.pool()[slot].players);
  }
  const int64_t cap = std::max<int64_t>(alliance.min_players, smallest);
  for (int32_t i = 0; i < alliance.min_teams; ++i) {
    const Slots team = Pick(pool, {}, teams_.size(), alliance.min_players, cap);
    if (team.empty()) break;
    teams_.push_back(team);
    Erase(team, &pool);
  }
  for (size_t i = 0; i < static_cast<size_t>(alliance.max_teams); ++i) {
    const bool is_new = i == teams_.size();
    const Slots before = is_new ? Slots() : teams_[i];
    const Slots team = Pick(pool, before, i, alliance.min_players, alliance.max_players);
    if (team.empty()) break;
    // Filling up never spoils a team's roles.
    const bool may_start = legality_.RolesFit(alliance, i, team, true);
    if (is_new && !may_start) break;
    if (!is_new && !may_start && legality_.RolesFit(alliance, i, before, true)) continue;
    if (is_new) teams_.emplace_back();
    teams_[i] = team;
    Erase(team, &pool);
  }
  if (!IsValid()) return std::nullopt;
  return teams_;
}

bool ReferenceMatcher::OnlySizesCount(const Slots& tickets) const {
  const TicketPool& pool = legality_.pool();
  if (terms_.alliance->combination.active()) return false;
  for (const size_t option : pool.traits().common_options()) {
    if (pool.TraitsOf(oldest_).options[option].carried) return false;
  }
  for (const Slot a : tickets) {
    for (const Slot b : tickets) {
      if (legality_.GoTogether(a, b) != Obstacle::kNone || !legality_.GoIntoOneTeam(a, b)) {
        return false;
      }
    }
  }
  return true;
}

std::optional<bool> ReferenceMatcher::SizesAllow(Slot oldest, const MatchTerms& terms,
                                                 const Slots& waiting) {
  oldest_ = oldest;
  terms_ = terms;
  const int64_t size = legality_.pool()[oldest].players;
  if (size > terms.alliance->max_players) return false;
  Slots tickets = Candidates(waiting);
  std::vector<int> counts(static_cast<size_t>(terms.alliance->max_players) + 1, 0);
  for (const Slot slot : tickets) ++counts[legality_.pool()[slot].players];
  tickets.push_back(oldest);
  if (!OnlySizesCount(tickets)) return std::nullopt;
  return CanPack(0, size, terms.alliance->max_players, &counts);
}

// Tries every way to complete this team and those after it; parties of a team from large to small.
bool ReferenceMatcher::CanPack(size_t team, int64_t players, int64_t largest,
                               std::vector<int>* counts) const {
  const AllianceRule& alliance = *terms_.alliance;
  if (players >= alliance.min_players) {
    if (team + 1 == static_cast<size_t>(alliance.min_teams)) return true;
    if (CanPack(team + 1, 0, alliance.max_players, counts)) return true;
  }
  for (int64_t size = std::min<int64_t>(largest, alliance.max_players - players); size > 0;
       --size) {
    int& count = (*counts)[static_cast<size_t>(size)];
    if (count == 0) continue;
    --count;
    const bool packed = CanPack(team, players + size, size, counts);
    ++count;
    if (packed) return true;
  }
  return false;
}

std::vector<Composition> ReferenceMatcher::Run(const Slots& service_order) {
  std::vector<Composition> matches;
  Slots waiting = service_order;
  while (!waiting.empty()) {
    const Slot oldest = waiting.front();
    Slots gone = {oldest};
    for (const MatchTerms& terms : TermsOf(oldest)) {
      const std::optional<Teams> teams = Fill(oldest, terms, waiting);
      if (!teams) continue;
      matches.push_back({terms, oldest, *teams});
      for (const Slots& team : *teams) gone.insert(gone.end(), team.begin(), team.end());
      break;
    }
    Erase(gone, &waiting);
  }
  return matches;
}

}  // namespace muster::match::alliance
