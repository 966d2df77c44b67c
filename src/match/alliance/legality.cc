#include "match/alliance/legality.h"

#include <algorithm>
#include <cmath>

#include "match/alliance/draft.h"

namespace muster::match::alliance {
namespace {

bool Contains(std::span<const UserKey> sorted, UserKey key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

bool HoldsATicketTwice(const Composition& match) {
  std::vector<Slot> slots;
  for (const std::vector<Slot>& team : match.teams) {
    slots.insert(slots.end(), team.begin(), team.end());
  }
  std::sort(slots.begin(), slots.end());
  return std::adjacent_find(slots.begin(), slots.end()) != slots.end();
}

bool HasMode(const Traits& traits, uint16_t mode) {
  return std::find(traits.modes.begin(), traits.modes.end(), mode) != traits.modes.end();
}

}  // namespace

std::string_view ObstacleName(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNone:
      return "none";
    case Obstacle::kSharedPlayer:
      return "shared_player";
    case Obstacle::kDistance:
      return "distance";
    case Obstacle::kRegion:
      return "region";
    case Obstacle::kPlainAttribute:
      return "plain_attribute";
    case Obstacle::kOption:
      return "option";
    case Obstacle::kPlatform:
      return "platform";
    case Obstacle::kSubGameMode:
      return "sub_game_mode";
    case Obstacle::kBlockedPlayer:
      return "blocked_player";
    case Obstacle::kTeamCount:
      return "team_count";
    case Obstacle::kTeamSize:
      return "team_size";
    case Obstacle::kTicketSize:
      return "ticket_size";
    case Obstacle::kRoles:
      return "roles";
    case Obstacle::kSplitTicket:
      return "split_ticket";
  }
  return "none";
}

bool Legality::Precedes(Slot a, Slot b) const {
  if (pool_[a].priority != pool_[b].priority) return pool_[a].priority > pool_[b].priority;
  if (pool_[a].age_ms != pool_[b].age_ms) return pool_[a].age_ms > pool_[b].age_ms;
  return a < b;
}

Obstacle Legality::MayPlay(Slot oldest, const MatchTerms& terms) const {
  if (terms.mode && !HasMode(pool_.TraitsOf(oldest), *terms.mode)) return Obstacle::kSubGameMode;
  if (terms.region == kNoRegion) {
    return pool_[oldest].latency_count == 0 ? Obstacle::kNone : Obstacle::kRegion;
  }
  const auto accepted = pool_.AcceptedRegions(oldest);
  const bool found = std::any_of(accepted.begin(), accepted.end(), [&](const RegionLatency& each) {
    return each.region == terms.region;
  });
  return found ? Obstacle::kNone : Obstacle::kRegion;
}

Obstacle Legality::DistanceFits(Slot oldest, Slot other, size_t rule) const {
  const double reference = flex_.Reference(pool_[oldest].stage, rule);
  if (reference < 0) return Obstacle::kNone;
  const double difference = std::abs(pool_.Mean(other, rule) - pool_.Mean(oldest, rule));
  if (difference > reference) return Obstacle::kDistance;
  const double theirs = flex_.Reference(pool_[other].stage, rule);
  return theirs >= 0 && difference > theirs ? Obstacle::kDistance : Obstacle::kNone;
}

Obstacle Legality::LetsIn(Slot oldest, Slot other, const MatchTerms& terms) const {
  for (size_t rule = 0; rule < flex_.rule_count(); ++rule) {
    if (DistanceFits(oldest, other, rule) != Obstacle::kNone) return Obstacle::kDistance;
  }
  if (!AcceptsRegion(other, terms.region, pool_[oldest].age_ms)) return Obstacle::kRegion;
  return TraitsFit(oldest, other, terms);
}

Obstacle Legality::TraitsFit(Slot oldest, Slot other, const MatchTerms& terms) const {
  const Traits& theirs = pool_.TraitsOf(other);
  if (terms.mode && !HasMode(theirs, *terms.mode)) return Obstacle::kSubGameMode;
  if (pool_[oldest].traits == pool_[other].traits && rules_.options.empty()) return Obstacle::kNone;
  const TraitsTable& traits = pool_.traits();
  const Traits& mine = pool_.TraitsOf(oldest);
  if (!traits.PlainFits(mine, theirs)) return Obstacle::kPlainAttribute;
  if (!traits.OptionsFit(mine, theirs)) return Obstacle::kOption;
  return traits.PlatformsFit(mine, theirs) ? Obstacle::kNone : Obstacle::kPlatform;
}

std::span<const RegionLatency> Legality::RegionsOf(Slot other, int64_t oldest_age_ms) const {
  const int64_t patience = rules_.regions.disable_bidirectional_after_ms;
  const bool one_sided = patience > 0 && oldest_age_ms > patience;
  return one_sided ? pool_.Latencies(other) : pool_.AcceptedRegions(other);
}

bool Legality::AcceptsRegion(Slot other, RegionId region, int64_t oldest_age_ms) const {
  if (pool_[other].latency_count == 0) return true;
  const auto regions = RegionsOf(other, oldest_age_ms);
  if (region == kNoRegion) return !regions.empty();
  return std::any_of(regions.begin(), regions.end(),
                     [region](const RegionLatency& each) { return each.region == region; });
}

bool Legality::AllGoTogether() const {
  return rules_.options.empty() && pool_.traits().size() <= 1 && !pool_.any_blocked() &&
         pool_.UsersAreDistinct();
}

bool Legality::ShareAPlayer(Slot a, Slot b) const {
  if (pool_[a].players == 1 && pool_[b].players == 1) {
    return pool_[a].first_user_key == pool_[b].first_user_key;
  }
  constexpr uint64_t kManyPairs = 256;
  if (uint64_t{pool_[a].players} * pool_[b].players > kManyPairs && pool_.UsersAreDistinct()) {
    return false;
  }
  for (const UserKey user : pool_.Users(a)) {
    for (const UserKey other : pool_.Users(b)) {
      if (user == other) return true;
    }
  }
  return false;
}

bool Legality::Blocks(Slot a, Slot b) const {
  const auto blocked = pool_.Blocked(a);
  if (blocked.empty()) return false;
  const auto users = pool_.Users(b);
  return std::any_of(users.begin(), users.end(),
                     [&](UserKey user) { return Contains(blocked, user); });
}

bool Legality::BlockEachOther(Slot a, Slot b) const {
  return rules_.blocked_players == BlockedPlayers::kCannotMatch && pool_.any_blocked() &&
         (Blocks(a, b) || Blocks(b, a));
}

Obstacle Legality::SessionLetsIn(Slot session, Slot ticket, const MatchTerms& terms) const {
  for (size_t rule = 0; rule < flex_.rule_count(); ++rule) {
    if (DistanceFits(session, ticket, rule) != Obstacle::kNone) return Obstacle::kDistance;
  }
  if (terms.region != kNoRegion) {
    const auto accepted = pool_.AcceptedRegions(ticket);
    const bool found = std::any_of(accepted.begin(), accepted.end(),
                                   [&](const auto& each) { return each.region == terms.region; });
    if (!found) return Obstacle::kRegion;
  }
  if (ShareAPlayer(session, ticket)) return Obstacle::kSharedPlayer;
  if (BlockEachOther(session, ticket)) return Obstacle::kBlockedPlayer;
  return SessionAgrees(session, ticket, terms);
}

Obstacle Legality::SessionAgrees(Slot session, Slot ticket, const MatchTerms& terms) const {
  const TraitsTable& traits = pool_.traits();
  const Traits& ours = pool_.TraitsOf(session);
  const Traits& theirs = pool_.TraitsOf(ticket);
  const bool plays = terms.mode ? HasMode(theirs, *terms.mode)
                                : rules_.sub_game_modes.empty() || !theirs.modes.empty();
  if (!plays) return Obstacle::kSubGameMode;
  if (!traits.PlainFits(ours, theirs) || !traits.ServerFits(ours, theirs)) {
    return Obstacle::kPlainAttribute;
  }
  if (!traits.OptionsFit(ours, theirs) || !traits.OptionsAgree(ours, theirs)) {
    return Obstacle::kOption;
  }
  return traits.PlatformsFit(ours, theirs) ? Obstacle::kNone : Obstacle::kPlatform;
}

Obstacle Legality::GoTogether(Slot a, Slot b) const {
  if (a != b && ShareAPlayer(a, b)) return Obstacle::kSharedPlayer;
  if (BlockEachOther(a, b)) return Obstacle::kBlockedPlayer;
  if (a == b || (pool_[a].traits == pool_[b].traits && rules_.options.empty())) {
    return Obstacle::kNone;
  }
  const TraitsTable& traits = pool_.traits();
  const Traits& mine = pool_.TraitsOf(a);
  const Traits& theirs = pool_.TraitsOf(b);
  if (!traits.PlainAgree(mine, theirs)) return Obstacle::kPlainAttribute;
  return traits.OptionsAgree(mine, theirs) ? Obstacle::kNone : Obstacle::kOption;
}

bool Legality::GoIntoOneTeam(Slot a, Slot b) const {
  if (rules_.blocked_players != BlockedPlayers::kCanMatchOnDifferentTeam || !pool_.any_blocked()) {
    return true;
  }
  return !Blocks(a, b) && !Blocks(b, a);
}

double Legality::RuleScore(Slot oldest, size_t rule, double difference) const {
  if (flex_.Reference(pool_[oldest].stage, rule) < 0) return 0;
  const MatchingRule& matching = rules_.matching[rule];
  if (matching.normalization_max == 0) return difference;
  return difference / matching.normalization_max * matching.weight;
}

double Legality::Score(Slot oldest, Slot other, RegionId region) const {
  double score = 0;
  for (size_t rule = 0; rule < flex_.rule_count(); ++rule) {
    score += RuleScore(oldest, rule, std::abs(pool_.Mean(other, rule) - pool_.Mean(oldest, rule)));
  }
  if (region == kNoRegion || rules_.regions.max_ms == 0) return score;
  const auto regions = RegionsOf(other, pool_[oldest].age_ms);
  for (const RegionLatency& each : regions) {
    if (each.region != region) continue;
    const auto raw = static_cast<double>(each.ms) - static_cast<double>(regions.front().ms);
    return score + raw / static_cast<double>(rules_.regions.max_ms) * rules_.regions.weight;
  }
  return score;
}

const std::vector<RolePlayer>& Legality::RolePlayers(const Combination& combination, size_t team,
                                                     std::span<const Slot> tickets) const {
  const std::vector<Role>& roles = combination.TeamRoles(team);
  role_players_.clear();
  flexed_.clear();
  for (const Slot slot : tickets) {
    if (combination.flexing && pool_[slot].age_ms > combination.flexing_second * 1000) {
      flexed_.emplace_back(slot, role_players_.size());
    }
    for (const PreferenceId preference : pool_.roles().Players(pool_[slot].roles)) {
      role_players_.push_back(pool_.roles().View(preference, roles));
    }
  }
  std::sort(flexed_.begin(), flexed_.end(),
            [this](const auto& a, const auto& b) { return Precedes(a.first, b.first); });
  int64_t left = combination.flexing_players;
  for (const auto& [slot, first] : flexed_) {
    for (size_t i = 0; i < pool_[slot].players && left > 0; ++i, --left) {
      role_players_[first + i].any = true;
    }
  }
  return role_players_;
}

bool Legality::RolesFit(const AllianceRule& alliance, size_t team, std::span<const Slot> tickets,
                        bool start) const {
  if (!alliance.combination.active()) return true;
  const std::vector<Role>& roles = alliance.combination.TeamRoles(team);
  const std::vector<RolePlayer>& players = RolePlayers(alliance.combination, team, tickets);
  return start ? IsStartLegal(roles, players) : IsOpenLegal(roles, players);
}

std::optional<std::vector<uint16_t>> Legality::ChooseRoles(const AllianceRule& alliance,
                                                           size_t team,
                                                           std::span<const Slot> tickets,
                                                           bool start) const {
  return AssignRoles(alliance.combination.TeamRoles(team),
                     RolePlayers(alliance.combination, team, tickets), start);
}

Obstacle Legality::CheckTeams(const Composition& match) const {
  const AllianceRule& alliance = *match.terms.alliance;
  const auto teams = static_cast<int64_t>(match.teams.size());
  if (teams < alliance.min_teams || teams > alliance.max_teams) return Obstacle::kTeamCount;
  for (const std::vector<Slot>& team : match.teams) {
    int64_t players = 0;
    for (const Slot slot : team) {
      const int64_t size = pool_[slot].players;
      if (size == 0 || size > alliance.max_players) return Obstacle::kTicketSize;
      players += size;
      for (const Slot other : team) {
        if (!GoIntoOneTeam(slot, other)) return Obstacle::kBlockedPlayer;
      }
    }
    if (players < alliance.min_players || players > alliance.max_players) {
      return Obstacle::kTeamSize;
    }
  }
  for (size_t i = 0; i < match.teams.size(); ++i) {
    if (!RolesFit(alliance, i, match.teams[i], true)) return Obstacle::kRoles;
  }
  return Obstacle::kNone;
}

Obstacle Legality::Check(const Composition& match) const {
  Draft draft(*this);
  return Check(match, &draft);
}

Obstacle Legality::Check(const Composition& match, Draft* draft) const {
  if (const Obstacle obstacle = MayPlay(match.oldest, match.terms); obstacle != Obstacle::kNone) {
    return obstacle;
  }
  if (const Obstacle obstacle = CheckTeams(match); obstacle != Obstacle::kNone) return obstacle;
  if (HoldsATicketTwice(match)) return Obstacle::kSplitTicket;
  draft->Start(match.oldest, match.terms);
  bool has_oldest = false;
  for (const std::vector<Slot>& team : match.teams) {
    for (const Slot slot : team) {
      if (slot != match.oldest && !Precedes(match.oldest, slot)) return Obstacle::kSplitTicket;
      has_oldest = has_oldest || slot == match.oldest;
      Obstacle obstacle = Obstacle::kNone;
      if (slot != match.oldest) obstacle = LetsIn(match.oldest, slot, match.terms);
      if (obstacle == Obstacle::kNone) obstacle = GoTogether(match.oldest, slot);
      if (obstacle == Obstacle::kNone) obstacle = GoTogether(slot, slot);
      if (obstacle == Obstacle::kNone) obstacle = draft->Admits(slot);
      if (obstacle != Obstacle::kNone) return obstacle;
      draft->Join(slot);
    }
  }
  return has_oldest ? Obstacle::kNone : Obstacle::kSplitTicket;
}

}  // namespace muster::match::alliance
