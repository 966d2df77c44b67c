#include "match/alliance/team_former.h"

#include <algorithm>
#include <utility>

namespace muster::match::alliance {

RegionBits::RegionBits(const TicketPool& pool) {
  for (RegionId region = 0; region < pool.region_count(); ++region) regions_.push_back(region);
  std::sort(regions_.begin(), regions_.end(),
            [&pool](RegionId a, RegionId b) { return pool.RegionName(a) < pool.RegionName(b); });
  bit_of_.resize(regions_.size());
  for (uint32_t bit = 0; bit < regions_.size(); ++bit) bit_of_[regions_[bit]] = bit;
  if (regions_.size() > 64) regions_.resize(64);
}

RegionSet RegionBits::Of(const TicketPool& pool, Slot slot) const {
  if (pool[slot].latency_count == 0) return ~RegionSet{0};
  RegionSet regions = 0;
  for (const RegionLatency& each : pool.AcceptedRegions(slot)) {
    if (bit_of_[each.region] < 64) regions |= RegionSet{1} << bit_of_[each.region];
  }
  return regions;
}

TeamFormer::TeamFormer(const Legality& legality, const Alliances& alliances,
                       std::optional<size_t> key_rule, PoolIndex& all)
    : legality_(legality),
      alliances_(alliances),
      key_rule_(key_rule),
      regions_(legality.pool()),
      candidates_(legality),
      all_(all) {}

MatchTerms TeamFormer::TermsOf(Slot slot, RegionId region) const {
  return {&alliances_.At(legality_.pool()[slot].age_ms, std::nullopt), region, std::nullopt};
}

void TeamFormer::Reset(std::span<const Slot> service_order) {
  service_order_ = service_order;
  free_.reset();
  teams_.clear();
  teams_.reserve(service_order.size() / 2);
  team_of_.assign(legality_.pool().size(), kNoTeam);
  // Tickets of the index that are not to be used look as if nothing could be reached from them.
  visited_.assign(legality_.pool().size(), true);
  for (const Slot slot : service_order) visited_[slot] = false;
}

PoolIndex& TeamFormer::FreeTickets() {
  if (free_) return *free_;
  free_.emplace(legality_, service_order_, key_rule_);
  for (const Slot slot : service_order_) {
    if (team_of_[slot] != kNoTeam) free_->Remove(slot);
  }
  return *free_;
}

void TeamFormer::Take(Slot slot, TeamId team) {
  if (free_ && team_of_[slot] == kNoTeam) free_->Remove(slot);
  team_of_[slot] = team;
}

// Largest first, among equals those promised a match, then by rating from below.
std::vector<Slot> TeamFormer::SeedOrder(std::span<const Slot> service_order,
                                        const std::vector<bool>& promised) const {
  std::vector<Slot> seeds = all_.SortedByKey(service_order);
  const auto comes_before = [&](Slot a, Slot b) {
    const uint32_t left = legality_.pool()[a].players;
    const uint32_t right = legality_.pool()[b].players;
    return left != right ? left > right : promised[a] && !promised[b];
  };
  if (!std::is_sorted(seeds.begin(), seeds.end(), comes_before)) {
    std::stable_sort(seeds.begin(), seeds.end(), comes_before);
  }
  return seeds;
}

std::vector<FormedTeam> TeamFormer::Form(std::span<const Slot> service_order,
                                         const std::vector<bool>& promised,
                                         TickDeadline& deadline) {
  Reset(service_order);
  const std::vector<Slot> seeds = SeedOrder(service_order, promised);
  for (const bool one_partner_only : {true, false}) {
    for (const Slot seed : seeds) {
      if (team_of_[seed] != kNoTeam) continue;
      if (deadline.IsOver(10)) return std::move(teams_);
      if (FormAround(seed, one_partner_only)) continue;
      if (one_partner_only) TakePartner(seed);
    }
  }
  if (key_rule_) Tighten(deadline);
  return std::move(teams_);
}

// Paths lead to partners that fit, not to the nearest: let teams exchange them where both,
// together, come closer.
void TeamFormer::Tighten(TickDeadline& deadline) {
  for (int pass = 0; pass < kTightenPasses; ++pass) {
    bool helped = false;
    for (TeamId id = 0; id < teams_.size(); ++id) {
      if (teams_[id].tickets.size() < 2) continue;
      if (deadline.IsOver(10)) return;
      helped = TightenTeam(id) || helped;
    }
    if (!helped) return;
  }
}

// How far the team's tickets are from its first one, with `in` in the place of `out`.
double TeamFormer::GapTo(const FormedTeam& team, Slot out, Slot in) const {
  const Slot first = team.tickets.front() == out ? in : team.tickets.front();
  double gap = 0;
  for (const Slot slot : team.tickets) {
    const double difference = legality_.pool().Mean(slot == out ? in : slot, *key_rule_) -
                              legality_.pool().Mean(first, *key_rule_);
    gap += difference * difference;
  }
  return gap;
}

bool TeamFormer::TightenTeam(TeamId id) {
  const Slot anchor = teams_[id].tickets.front();
  const Slot last = teams_[id].tickets.back();
  const double gap = GapTo(teams_[id], anchor, anchor);
  if (gap < kTightEnough * kTightEnough) return false;
  const auto accepted = legality_.pool().AcceptedRegions(anchor);
  PoolIndex::Choice choice;
  all_.ListsFor(anchor, accepted.empty() ? kNoRegion : accepted.front().region, false, &choice);
  for (const PoolIndex::ListId list : choice.lists) {
    for (const PoolIndex::Segment& segment : all_.Segments(list)) {
      if (segment.lane != all_.LaneOf(last)) continue;
      PoolIndex::Position above = all_.FirstNotBelow(segment, all_.Key(anchor));
      PoolIndex::Position below = all_.LastRunBelow(segment, all_.Key(anchor));
      for (size_t i = 0; i < kNeighbours / 2; ++i) {
        if (above != PoolIndex::kNowhere) {
          if (TrySwap(id, last, all_.At(above))) return true;
          above = all_.Up(segment, above);
        }
        if (below != PoolIndex::kNowhere) {
          if (TrySwap(id, last, all_.At(below))) return true;
          below = all_.Down(segment, below);
        }
      }
    }
  }
  return false;
}

bool TeamFormer::TrySwap(TeamId id, Slot out, Slot in) {
  const TeamId other = team_of_[in];
  if (other == kNoTeam || other == id || teams_[other].tickets.front() == in) return false;
  const double before = GapTo(teams_[id], out, out) + GapTo(teams_[other], in, in);
  const double after = GapTo(teams_[id], out, in) + GapTo(teams_[other], in, out);
  if (after > before * 0.95 || !FitsInstead(teams_[id], out, in) ||
      !FitsInstead(teams_[other], in, out)) {
    return false;
  }
  Exchange(id, out, in);
  Exchange(other, in, out);
  return true;
}

bool TeamFormer::FormAround(Slot seed, bool one_partner_only) {
  if (legality_.GoTogether(seed, seed) != Obstacle::kNone || !legality_.GoIntoOneTeam(seed, seed)) {
    return false;
  }
  const TicketPool& pool = legality_.pool();
  if (pool[seed].latency_count == 0) return FormIn(seed, kNoRegion, one_partner_only);
  for (const RegionLatency& each : pool.AcceptedRegions(seed)) {
    if (FormIn(seed, each.region, one_partner_only)) return true;
  }
  return false;
}

bool TeamFormer::FormIn(Slot seed, RegionId region, bool one_partner_only) {
  const MatchTerms terms = TermsOf(seed, region);
  const int64_t players = legality_.pool()[seed].players;
  if (players > terms.alliance->max_players) return false;
  forming_.tickets.clear();
  forming_.regions = ~RegionSet{0};
  forming_.alliance = terms.alliance;
  forming_.players = 0;
  if (!TryJoin(seed)) return false;
  if (players < terms.alliance->max_players) {
    candidates_.Start(FreeTickets(), key_rule_, seed, terms, Candidates::Of::kAny);
    steps_left_ = kMaxSteps;
    if (!Complete(0, one_partner_only)) return false;
  } else if (!legality_.RolesFit(*terms.alliance, 0, forming_.tickets, true)) {
    return false;
  }
  Adopt(forming_);
  return true;
}

// Fills the team that is being formed with tickets of this lane and those after it.
bool TeamFormer::Complete(size_t first_lane, bool one_partner_only) {
  const AllianceRule& alliance = *forming_.alliance;
  const int64_t room = alliance.max_players - forming_.players;
  if (room == 0) return legality_.RolesFit(alliance, 0, forming_.tickets, true);
  for (size_t lane = first_lane; lane < candidates_.lane_count(); ++lane) {
    const int64_t players = candidates_.lane(lane).players;
    if (players > room || (one_partner_only && players != room)) continue;
    for (size_t place = 0; const Candidate* candidate = candidates_.At(lane, place); ++place) {
      if (--steps_left_ < 0) return false;
      if (!TryJoin(candidate->slot)) continue;
      if (Complete(lane, one_partner_only)) return true;
      Leave();
      break;
    }
  }
  return false;
}

bool TeamFormer::FitsWith(const FormedTeam& team, Slot slot, Slot except) const {
  for (const Slot other : team.tickets) {
    if (other == slot) return false;
    if (other == except) continue;
    const bool first = legality_.Precedes(other, slot);
    const Slot older = first ? other : slot;
    const Slot younger = first ? slot : other;
    const MatchTerms anywhere{team.alliance, kNoRegion, std::nullopt};
    if (legality_.LetsIn(older, younger, anywhere) != Obstacle::kNone ||
        legality_.GoTogether(other, slot) != Obstacle::kNone ||
        !legality_.GoIntoOneTeam(other, slot)) {
      return false;
    }
  }
  return true;
}

bool TeamFormer::TryJoin(Slot slot) {
  const RegionSet regions = forming_.regions & RegionsOf(slot);
  if (regions == 0 || !FitsWith(forming_, slot, slot)) return false;
  forming_.tickets.push_back(slot);
  if (!legality_.RolesFit(*forming_.alliance, 0, forming_.tickets, false)) {
    forming_.tickets.pop_back();
    return false;
  }
  forming_.regions = regions;
  forming_.players += legality_.pool()[slot].players;
  return true;
}

void TeamFormer::Leave() {
  forming_.players -= legality_.pool()[forming_.tickets.back()].players;
  forming_.tickets.pop_back();
  forming_.regions = ~RegionSet{0};
  for (const Slot slot : forming_.tickets) forming_.regions &= RegionsOf(slot);
}

void TeamFormer::Adopt(const FormedTeam& team) {
  const auto id = static_cast<TeamId>(teams_.size());
  for (const Slot slot : team.tickets) Take(slot, id);
  teams_.push_back(team);
}

// Takes the one partner that the seed lacks away from another team, if that finds a new one.
bool TeamFormer::TakePartner(Slot seed) {
  const TicketPool& pool = legality_.pool();
  std::vector<PathStep> path;
  const auto regions = pool.AcceptedRegions(seed);
  if (pool[seed].latency_count == 0) return FindPath(seed, kNoRegion, &path);
  return std::any_of(regions.begin(), regions.end(),
                     [&](const RegionLatency& each) { return FindPath(seed, each.region, &path); });
}

// Breadth first: the shortest way to a ticket that is free.
bool TeamFormer::FindPath(Slot seed, RegionId region, std::vector<PathStep>* path) {
  path->assign(1, {seed, 0});
  for (uint32_t i = 0; i < path->size() && path->size() < kMaxPath; ++i) {
    // The ticket that needs a new partner: the seed, or what is left of the team.
    const Slot taken = (*path)[i].ticket;
    Slot needy = seed;
    RegionId where = region;
    if (i > 0) {
      const FormedTeam& team = teams_[team_of_[taken]];
      const auto other = std::find_if(team.tickets.begin(), team.tickets.end(),
                                      [taken](Slot slot) { return slot != taken; });
      if (other == team.tickets.end()) continue;
      needy = *other;
      const auto accepted = legality_.pool().AcceptedRegions(needy);
      where = accepted.empty() ? kNoRegion : accepted.front().region;
    }
    const MatchTerms terms = TermsOf(needy, where);
    const int64_t lacking =
        i > 0 ? int64_t{legality_.pool()[taken].players}
              : terms.alliance->max_players - int64_t{legality_.pool()[seed].players};
    candidates_.Start(all_, key_rule_, needy, terms, Candidates::Of::kAny);
    for (size_t lane = 0; lane < candidates_.lane_count(); ++lane) {
      if (candidates_.lane(lane).players != lacking) continue;
      for (size_t place = 0; place < kNeighbours; ++place) {
        const Candidate* const near = candidates_.At(lane, place);
        if (near == nullptr) break;
        if (Visit(near->slot, i, path)) return true;
      }
    }
  }
  return false;
}

// Notes a ticket that could serve step `from`. When it is free, moves everybody along the path.
bool TeamFormer::Visit(Slot ticket, uint32_t from, std::vector<PathStep>* path) {
  const Slot seed = path->front().ticket;
  if (visited_[ticket] || ticket == seed) return false;
  const Slot taken = (*path)[from].ticket;
  if (from == 0) {
    FormedTeam alone{{seed}, RegionsOf(seed), TermsOf(seed, kNoRegion).alliance, 0};
    if (!FitsInstead(alone, ticket, ticket)) return false;
  } else if (!FitsInstead(teams_[team_of_[taken]], taken, ticket)) {
    return false;
  }
  visited_[ticket] = true;
  if (team_of_[ticket] != kNoTeam) {
    path->push_back({ticket, from});
    return false;
  }
  Slot in = ticket;
  if (free_) {
    free_->Remove(ticket);
    free_->Remove(seed);
  }
  visited_[ticket] = false;
  for (const PathStep& step : *path) visited_[step.ticket] = false;
  for (uint32_t step = from; step != 0; step = (*path)[step].from) {
    const Slot out = (*path)[step].ticket;
    Exchange(team_of_[out], out, in);
    in = out;
  }
  const auto id = static_cast<TeamId>(teams_.size());
  team_of_[seed] = team_of_[in] = id;
  const TicketPool& pool = legality_.pool();
  teams_.push_back({{seed, in},
                    RegionsOf(seed) & RegionsOf(in),
                    TermsOf(seed, kNoRegion).alliance,
                    int64_t{pool[seed].players} + pool[in].players});
  return true;
}

bool TeamFormer::FitsInstead(const FormedTeam& team, Slot out, Slot in) const {
  RegionSet regions = RegionsOf(in);
  FormedTeam changed = team;
  const auto gone = std::find(changed.tickets.begin(), changed.tickets.end(), out);
  if (gone != changed.tickets.end()) changed.tickets.erase(gone);
  for (const Slot slot : changed.tickets) regions &= RegionsOf(slot);
  if (regions == 0 || !FitsWith(changed, in, out)) return false;
  changed.tickets.push_back(in);
  return legality_.RolesFit(*team.alliance, 0, changed.tickets, true);
}

void TeamFormer::Exchange(TeamId id, Slot out, Slot in) {
  FormedTeam& team = teams_[id];
  *std::find(team.tickets.begin(), team.tickets.end(), out) = in;
  team.regions = ~RegionSet{0};
  for (const Slot slot : team.tickets) team.regions &= RegionsOf(slot);
  team_of_[in] = id;
}

}  // namespace muster::match::alliance
