#include "match/alliance/team_pairing.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace muster::match::alliance {

// Where most of its players are at home.
RegionId TeamPairing::HomeOf(const FormedTeam& team) const {
  const TicketPool& pool = legality_.pool();
  RegionId home = kNoRegion;
  uint32_t most = 0;
  for (const Slot slot : team.tickets) {
    for (const RegionLatency& each : pool.AcceptedRegions(slot)) {
      if (!regions_.Has(team.regions, each.region)) continue;
      if (pool[slot].players > most) {
        most = pool[slot].players;
        home = each.region;
      }
      break;
    }
  }
  return home;
}

TeamPairing::Entry TeamPairing::MakeEntry(const FormedTeam& team,
                                          const std::vector<bool>& promised) const {
  const TicketPool& pool = legality_.pool();
  Entry entry;
  entry.team = &team;
  entry.region = HomeOf(team);
  entry.oldest = team.tickets.front();
  entry.traits = pool[entry.oldest].traits;
  for (const Slot slot : team.tickets) {
    if (legality_.Precedes(slot, entry.oldest)) entry.oldest = slot;
    entry.promised = entry.promised || promised[slot];
    if (!key_rule_) continue;
    const double mean = pool.Mean(slot, *key_rule_);
    entry.mean += mean * pool[slot].players / static_cast<double>(team.players);
    entry.low = slot == team.tickets.front() ? mean : std::min(entry.low, mean);
    entry.high = slot == team.tickets.front() ? mean : std::max(entry.high, mean);
  }
  return entry;
}

bool TeamPairing::SameGroup(const Entry& a, const Entry& b) const {
  return a.region == b.region && a.traits == b.traits && a.team->alliance == b.team->alliance;
}

// Groups come in the order of their oldest tickets: the numbers of regions and traits go by
// arrival, which is to make no difference.
void TeamPairing::SortIntoGroups() {
  const auto is_weaker = [](const Entry& a, const Entry& b) { return a.mean < b.mean; };
  const bool one_group = std::all_of(entries_.begin(), entries_.end(), [this](const Entry& entry) {
    return SameGroup(entry, entries_.front());
  });
  if (one_group) {
    if (std::is_sorted(entries_.begin(), entries_.end(), is_weaker)) return;
    std::stable_sort(entries_.begin(), entries_.end(), is_weaker);
    return;
  }
  using Group = std::tuple<RegionId, TraitsId, const AllianceRule*>;
  absl::flat_hash_map<Group, Slot> first;
  const auto group_of = [](const Entry& entry) {
    return Group(entry.region, entry.traits, entry.team->alliance);
  };
  for (const Entry& entry : entries_) {
    const auto [known, added] = first.try_emplace(group_of(entry), entry.oldest);
    if (!added && legality_.Precedes(entry.oldest, known->second)) known->second = entry.oldest;
  }
  for (Entry& entry : entries_) entry.first_of_group = first.at(group_of(entry));
  std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    if (a.first_of_group != b.first_of_group) {
      return legality_.Precedes(a.first_of_group, b.first_of_group);
    }
    return is_weaker(a, b);
  });
}

void TeamPairing::Pair(const std::vector<FormedTeam>& teams, const std::vector<bool>& promised,
                       TickDeadline& deadline) {
  entries_.clear();
  ranges_.clear();
  for (const FormedTeam& team : teams) entries_.push_back(MakeEntry(team, promised));
  SortIntoGroups();
  for (size_t begin = 0; begin < entries_.size();) {
    size_t end = begin + 1;
    while (end < entries_.size() && SameGroup(entries_[begin], entries_[end])) ++end;
    PairGroup(begin, end, deadline);
    begin = end;
  }
  PairLeftOver(deadline);
  MakeMatches();
}

// Whether the ratings of two teams allow them to meet: a cheap part of MayPlay.
bool TeamPairing::IsNear(TeamId a, TeamId b) const {
  if (!key_rule_) return true;
  const Entry& left = entries_[a];
  const Entry& right = entries_[b];
  const Slot oldest = legality_.Precedes(left.oldest, right.oldest) ? left.oldest : right.oldest;
  const double reference = legality_.flex().Reference(legality_.pool()[oldest].stage, *key_rule_);
  if (reference < 0) return true;
  const double mean = legality_.pool().Mean(oldest, *key_rule_);
  return std::abs(std::min(left.low, right.low) - mean) <= reference &&
         std::abs(std::max(left.high, right.high) - mean) <= reference;
}

// The region of a match: none when its oldest ticket does not say where it is.
RegionId TeamPairing::RegionFor(TeamId a, TeamId b, RegionId region) const {
  const bool first = legality_.Precedes(entries_[a].oldest, entries_[b].oldest);
  const Slot oldest = entries_[first ? a : b].oldest;
  return legality_.pool()[oldest].latency_count == 0 ? kNoRegion : region;
}

bool TeamPairing::MayMeet(TeamId a, TeamId b, RegionId wanted) {
  if (entries_[a].team->alliance != entries_[b].team->alliance || !IsNear(a, b)) return false;
  const RegionId region = RegionFor(a, b, wanted);
  const auto& left = entries_[a].team->tickets;
  const auto& right = entries_[b].team->tickets;
  if (left.size() == 1 && right.size() == 1) {
    const bool first = legality_.Precedes(left[0], right[0]);
    const MatchTerms terms{entries_[a].team->alliance, region, std::nullopt};
    return legality_.LetsIn(first ? left[0] : right[0], first ? right[0] : left[0], terms) ==
               Obstacle::kNone &&
           legality_.MayPlay(first ? left[0] : right[0], terms) == Obstacle::kNone &&
           legality_.GoTogether(left[0], right[0]) == Obstacle::kNone;
  }
  trial_.terms = {nullptr, region, std::nullopt};
  trial_.teams.resize(2);
  trial_.teams[0].assign(left.begin(), left.end());
  trial_.teams[1].assign(right.begin(), right.end());
  return plan_.Settle(&trial_);
}

// Whether consecutive teams may be one match.
bool TeamPairing::MayPlay(size_t begin, size_t end, RegionId region) {
  if (end - begin == 2) {
    return MayMeet(static_cast<TeamId>(begin), static_cast<TeamId>(end - 1), region);
  }
  trial_.terms = {nullptr, region, std::nullopt};
  trial_.teams.resize(end - begin);
  for (size_t i = begin; i < end; ++i) {
    const auto& tickets = entries_[i].team->tickets;
    trial_.teams[i - begin].assign(tickets.begin(), tickets.end());
  }
  return plan_.Settle(&trial_);
}

void TeamPairing::PairGroup(size_t begin, size_t end, TickDeadline& deadline) {
  const auto most =
      std::min(static_cast<size_t>(entries_[begin].team->alliance->max_teams), kMostTeams);
  const auto fewest = static_cast<size_t>(entries_[begin].team->alliance->min_teams);
  best_.assign(end - begin + 1, {});
  for (size_t i = 1; i <= end - begin; ++i) {
    best_[i] = {best_[i - 1].players, best_[i - 1].cost, 0};
    int64_t players = 0;
    if (deadline.IsOver(static_cast<int64_t>(most))) continue;
    for (size_t teams = 1; teams <= most && teams <= i; ++teams) {
      const size_t first = begin + i - teams;
      players += entries_[first].team->players;
      const Best& before = best_[i - teams];
      const double gap = entries_[begin + i - 1].mean - entries_[first].mean;
      const Best with{before.players + players, before.cost + gap * gap, teams};
      const bool better = with.players > best_[i].players ||
                          (with.players == best_[i].players && with.cost < best_[i].cost);
      if (teams >= fewest && better && MayPlay(first, begin + i, entries_[begin].region)) {
        best_[i] = with;
      }
    }
  }
  for (size_t i = end - begin; i > 0;) {
    const size_t teams = best_[i].last;
    const size_t first = begin + i - teams;
    if (teams == 2)
      Join(static_cast<TeamId>(first), static_cast<TeamId>(first + 1), entries_[begin].region);
    if (teams == 1 || teams > 2) {
      ranges_.emplace_back(first, begin + i);
      for (size_t each = first; each < begin + i; ++each) {
        entries_[each].partner = static_cast<TeamId>(each);
      }
    }
    i -= std::max<size_t>(teams, 1);
  }
}

void TeamPairing::Join(TeamId a, TeamId b, RegionId region) {
  entries_[a].partner = b;
  entries_[b].partner = a;
  entries_[a].region = entries_[b].region = RegionFor(a, b, region);
}

void TeamPairing::SortByRegion() {
  const size_t bits = regions_.regions().size();
  by_region_.assign(std::max<size_t>(bits, 1), {});
  for (TeamId i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.team->alliance->max_teams != 2 || entry.partner == i) continue;
    if (bits == 0) by_region_[0].push_back(i);
    for (size_t bit = 0; bit < bits; ++bit) {
      if ((entry.team->regions >> bit & 1) != 0) by_region_[bit].push_back(i);
    }
  }
  const auto is_weaker = [this](TeamId a, TeamId b) { return entries_[a].mean < entries_[b].mean; };
  for (std::vector<TeamId>& teams : by_region_) {
    if (std::is_sorted(teams.begin(), teams.end(), is_weaker)) continue;
    std::stable_sort(teams.begin(), teams.end(), is_weaker);
  }
}

void TeamPairing::PairLeftOver(TickDeadline& deadline) {
  const bool everybody_plays =
      std::none_of(entries_.begin(), entries_.end(),
                   [](const Entry& entry) { return entry.partner == kNobody; });
  if (everybody_plays) return;
  SortByRegion();
  visited_.assign(entries_.size(), false);
  for (const bool promised : {true, false}) {
    for (TeamId team = 0; team < entries_.size(); ++team) {
      if (deadline.IsOver(10)) return;
      const bool left_over =
          entries_[team].partner == kNobody && entries_[team].team->alliance->max_teams == 2;
      if (left_over && entries_[team].promised == promised) FindPartner(team);
    }
  }
}

// Breadth first: teams that lost their partner look for another one, until one finds a team that is
// left over as well.
bool TeamPairing::FindPartner(TeamId team) {
  loose_.assign(1, {team, 0, kNobody, kNoRegion});
  visited_[team] = true;
  for (size_t i = 0; i < loose_.size() && loose_.size() < kMaxLoose; ++i) {
    const TeamId seeker = loose_[i].team;
    for (size_t bit = 0; bit < by_region_.size(); ++bit) {
      if ((entries_[seeker].team->regions >> bit & 1) == 0) continue;
      const std::vector<TeamId>& teams = by_region_[bit];
      const RegionId where = regions_.regions().empty() ? kNoRegion : regions_.regions()[bit];
      const auto here = std::lower_bound(
          teams.begin(), teams.end(), entries_[seeker].mean,
          [this](TeamId other, double mean) { return entries_[other].mean < mean; });
      const auto before = static_cast<size_t>(here - teams.begin());
      for (size_t step = 0; step < kNeighbours; ++step) {
        if (before + step < teams.size() && Look(i, teams[before + step], where)) return true;
        if (before > step && Look(i, teams[before - step - 1], where)) return true;
      }
    }
  }
  if (!entries_[team].promised) return false;
  for (size_t i = 1; i < loose_.size(); ++i) {
    if (entries_[loose_[i].team].promised) continue;
    ApplyPath(i);
    return true;
  }
  return false;
}

// Whether the search ends with the team at `from` playing `other`; else `other` may turn its
// partner loose.
bool TeamPairing::Look(size_t from, TeamId other, RegionId region) {
  const TeamId seeker = loose_[from].team;
  if (visited_[other]) return false;
  const TeamId partner = entries_[other].partner;
  if (partner == seeker || (partner != kNobody && visited_[partner])) return false;
  if (!MayMeet(seeker, other, region)) return false;
  if (partner != kNobody) {
    visited_[partner] = true;
    loose_.push_back({partner, from, other, region});
    return false;
  }
  ApplyPath(from);
  Join(seeker, other, region);
  return true;
}

// Lets everybody on the way to this loose team have the partner that was found for him; the team
// itself is left over.
void TeamPairing::ApplyPath(size_t last) {
  entries_[loose_[last].team].partner = kNobody;
  for (size_t i = last; i != 0; i = loose_[i].from) {
    Join(loose_[loose_[i].from].team, loose_[i].partner, loose_[i].region);
  }
  for (const Loose& each : loose_) visited_[each.team] = false;
}

void TeamPairing::MakeMatches() {
  for (TeamId i = 0; i < entries_.size(); ++i) {
    if (entries_[i].partner != kNobody && i < entries_[i].partner) {
      Composition match;
      match.terms.region = entries_[i].region;
      for (const TeamId side : {i, entries_[i].partner}) {
        const auto& tickets = entries_[side].team->tickets;
        match.teams.emplace_back(tickets.begin(), tickets.end());
      }
      plan_.AddTeams(std::move(match));
    }
  }
  for (const auto& [begin, end] : ranges_) {
    Composition match;
    match.terms.region = entries_[begin].region;
    for (size_t i = begin; i < end; ++i) {
      const auto& tickets = entries_[i].team->tickets;
      match.teams.emplace_back(tickets.begin(), tickets.end());
    }
    plan_.AddTeams(std::move(match));
  }
}

}  // namespace muster::match::alliance
