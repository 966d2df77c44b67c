#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "match/ticket.h"

// How many players of a crowd can be in matches at all, whatever the strategy: what matchers are
// measured against. Each bound drops some rules of the game and finds the best that is possible
// under those that are left; since every legal set of matches obeys these too, it is never better.
// Nothing here shares code with a matcher.
namespace muster::lab {

// Which regions a ticket accepts: those at most `initial` behind its nearest one, `range` more for
// each `rate` of its age that has begun after the first; none beyond `max`.
struct RegionLimits {
  std::chrono::milliseconds initial{50};
  std::chrono::milliseconds range{50};
  std::chrono::milliseconds rate{5000};
  std::chrono::milliseconds max{200};
};

struct RoleNeed {
  std::string name;
  int32_t players = 1;
};

// A game with a fixed number of teams of a fixed size. Parties stay whole. In each match all
// tickets accept one region and have a mean rating at most `distance` from that of the oldest
// ticket.
struct GameRules {
  int32_t teams = 2;
  int32_t team_players = 1;
  std::string rating_attribute = "mmr";
  double distance = 100;
  // Absent: regions do not matter.
  std::optional<RegionLimits> regions;
  // Of each team; they add up to the team. Players list roles they take in `role`; without a list,
  // or with `any` in it, they take all. None: roles do not matter.
  std::vector<RoleNeed> roles;

  int32_t match_players() const { return teams * team_players; }
};

// What the bounds look at.
struct BoundTicket {
  double rating = 0;
  int32_t players = 1;
  // A bit for each accepted region. Where regions do not matter, all tickets have the same bits.
  uint32_t regions = 1;
};

// The tickets that fit into a team, as the bounds see them. At most 32 different regions.
std::vector<BoundTicket> BoundTickets(const std::vector<match::Ticket>& tickets,
                                      const GameRules& rules, base::Timestamp now);

// The most players in groups of `group` players whose ratings span at most `span`, when parties may
// be torn apart: the lowest rated players are a group if they can be, and else the lowest of them
// is in none (an exchange argument shows that nothing beats this). Two tickets of one match both
// are at most `distance` from the oldest, so `span` is twice the distance; where a match is two
// tickets, the oldest is one of them and `span` is the distance. For solos in pairs this is what is
// possible, not only a bound.
int64_t SpanBound(const std::vector<BoundTicket>& tickets, int32_t group, double span);

// The most players in matches as far as roles go. Any m teams need m times the players of each
// role, and by Hall's theorem they can be found when, for every set of roles, as many players take
// one of the set as the teams need of it.
int64_t RoleBound(const std::vector<match::Ticket>& tickets, const GameRules& rules);

// The least of the bounds that apply, in whole matches: a number that no legal set of matches
// exceeds. The bound of party_bound.h applies to two teams of five.
int64_t MostPlayers(const std::vector<match::Ticket>& tickets, const GameRules& rules,
                    base::Timestamp now);

}  // namespace muster::lab
