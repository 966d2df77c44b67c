#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "match/alliance/flexing.h"
#include "match/alliance/ruleset.h"
#include "match/alliance/ticket_pool.h"

// What a match may be. One piece of code for whoever makes, checks or explains matches.
//
// A match is seen from its oldest ticket (highest priority first, then by age, then by arrival). In
// the names of docs/rules.md: L1 team sizes, L2 nobody twice, L3 distance, L4 region, L5 plain
// attributes, L6 options, L7 blocked players, L8 no empty or oversized ticket.
namespace muster::match::alliance {

// What keeps tickets apart.
enum class Obstacle {
  kNone,
  kSharedPlayer,
  kDistance,
  kRegion,
  kPlainAttribute,
  kOption,
  kPlatform,
  kSubGameMode,
  kBlockedPlayer,
  // Only of whole matches:
  kTeamCount,
  kTeamSize,
  kTicketSize,
  kRoles,
  kSplitTicket,
};

// For example "blocked_player".
std::string_view ObstacleName(Obstacle obstacle);
// Under which rules and where a match is played.
struct MatchTerms {
  // The alliance that is active for the oldest ticket; outlives the match.
  const AllianceRule* alliance = nullptr;
  // kNoRegion only when the oldest ticket has no latencies.
  RegionId region = kNoRegion;
  // A place in Ruleset::sub_game_modes, if there are any.
  std::optional<uint16_t> mode;
};

// A whole match.
struct Composition {
  MatchTerms terms;
  Slot oldest = 0;
  std::vector<std::vector<Slot>> teams;
};

class Draft;

// Judges pairs of tickets of one pool. What it refers to outlives it. Not thread-safe.
class Legality {
 public:
  Legality(const Ruleset& rules, const MatchingFlex& flex, const TicketPool& pool)
      : rules_(rules), flex_(flex), pool_(pool) {}

  // Whether a match of `oldest` may be played in this region at all: it accepts it, or has no
  // latencies.
  Obstacle MayPlay(Slot oldest, const MatchTerms& terms) const;

  // Whether `oldest` and its rules let `other` in: L3 both ways, L4, L5 and L6 as far as they are
  // about the oldest and one other ticket.
  Obstacle LetsIn(Slot oldest, Slot other, const MatchTerms& terms) const;

  // Whether any two tickets of a match go together: L2, the strict part of L5, the rest of L6
  // except common options, L7 unless blocked players may meet on different teams.
  Obstacle GoTogether(Slot a, Slot b) const;

  // Whether a running session lets a ticket in. `session` is an entry of the pool that stands for
  // it: its age, attributes, means, players, all block lists that count. Its attributes play the
  // part of the oldest ticket's. L2, L3 both ways, L7 unless blocked players may meet on different
  // teams, SessionAgrees, and L4 in this form: where the session has a region, the ticket accepts
  // it at its own age, and one without latencies accepts none.
  Obstacle SessionLetsIn(Slot session, Slot ticket, const MatchTerms& terms) const;
  // The part of SessionLetsIn that is the same for all tickets of equal traits: L5 from the session
  // to the ticket (where the session names no server or version at all, the ticket's does not
  // matter), all of L6, and the mode. A session without a mode takes tickets that would play any.
  Obstacle SessionAgrees(Slot session, Slot ticket, const MatchTerms& terms) const;

  // Whether any tickets of the pool go together: nobody blocks anybody, nobody is in two tickets,
  // all have the same traits and no options.
  bool AllGoTogether() const;

  // Whether two tickets may be in one team, beyond GoTogether: L7 when blocked players may meet on
  // different teams only.
  bool GoIntoOneTeam(Slot a, Slot b) const;

  // Whether the tickets can be given roles of the team at this place: `start` as in AssignRoles,
  // else more may join. True when the alliance has no roles. Once a ticket has waited for long
  // enough its players take any role, as many a team as the rules say, those of the oldest tickets
  // first.
  bool RolesFit(const AllianceRule& alliance, size_t team, std::span<const Slot> tickets,
                bool start) const;
  // As RolesFit, but who plays what: the players of the tickets, in order.
  std::optional<std::vector<uint16_t>> ChooseRoles(const AllianceRule& alliance, size_t team,
                                                   std::span<const Slot> tickets, bool start) const;

  // L3 for one rule: whether both accept the distance.
  Obstacle DistanceFits(Slot oldest, Slot other, size_t rule) const;

  // How far `other` is from `oldest`, smaller is better: for each active distance rule the
  // difference divided by normalization_max, times weight, in the order of rules, then the region's
  // latency above the best, divided by the cap, times its weight.
  double Score(Slot oldest, Slot other, RegionId region) const;
  // The part of one rule; 0 when it is not active for `oldest`.
  double RuleScore(Slot oldest, size_t rule, double difference) const;

  // L1 to L8 of a whole match; kNone when it is legal. The second form uses a draft's memory again.
  Obstacle Check(const Composition& match) const;
  Obstacle Check(const Composition& match, Draft* draft) const;

  // Whether the region is one that the ticket accepts when a ticket of this age is the oldest;
  // kNoRegion: whether it accepts any. A ticket without latencies accepts all.
  bool AcceptsRegion(Slot other, RegionId region, int64_t oldest_age_ms) const;

  // Whether `a` is served before `b`.
  bool Precedes(Slot a, Slot b) const;

  const Ruleset& rules() const { return rules_; }
  const MatchingFlex& flex() const { return flex_; }
  const TicketPool& pool() const { return pool_; }

 private:
  std::span<const RegionLatency> RegionsOf(Slot other, int64_t oldest_age_ms) const;
  Obstacle TraitsFit(Slot oldest, Slot other, const MatchTerms& terms) const;
  Obstacle CheckTeams(const Composition& match) const;
  bool BlockEachOther(Slot a, Slot b) const;
  bool Blocks(Slot a, Slot b) const;
  bool ShareAPlayer(Slot a, Slot b) const;
  const std::vector<RolePlayer>& RolePlayers(const Combination& combination, size_t team,
                                             std::span<const Slot> tickets) const;

  const Ruleset& rules_;
  const MatchingFlex& flex_;
  const TicketPool& pool_;
  mutable std::vector<RolePlayer> role_players_;
  mutable std::vector<std::pair<Slot, size_t>> flexed_;
};

}  // namespace muster::match::alliance
