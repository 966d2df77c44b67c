#include "match/alliance/role_assignment.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "match/alliance/cheapest_assignment.h"

namespace muster::match::alliance {
namespace {

// Inline room for the teams of common games, so that the tests below do not allocate.
template <typename T>
using PerPlayer = absl::InlinedVector<T, 32>;
template <typename T>
using PerRole = absl::InlinedVector<T, 16>;

int64_t Count(const std::vector<RolePlayer>& players) {
  return static_cast<int64_t>(players.size());
}

int64_t TotalOf(const std::vector<Role>& roles, int32_t Role::*bound) {
  int64_t total = 0;
  for (const Role& role : roles) total += role.*bound;
  return total;
}

int64_t CountAny(const std::vector<RolePlayer>& players) {
  return std::count_if(players.begin(), players.end(),
                       [](const RolePlayer& player) { return player.any; });
}

// Seats players one by one; those that sit may be sent on to another role they take. Players that
// take any role are never seated: they fill whatever is left.
class Seating {
 public:
  // Each role has as many seats as `bound` says.
  Seating(const std::vector<Role>& roles, const std::vector<RolePlayer>& players,
          int32_t Role::*bound)
      : players_(players), role_(players.size(), kNone) {
    for (const Role& role : roles) free_.push_back(role.*bound);
  }

  int32_t free(size_t role) const { return free_[role]; }

  // Whether there was a way; when not, nothing changes.
  bool Seat(size_t player) {
    for (const uint16_t role : *players_[player].preference) {
      if (free_[role] <= 0) continue;
      --free_[role];
      role_[player] = role;
      return true;
    }
    return SeatByMovingOthers(player);
  }

 private:
  static constexpr uint16_t kNone = 0xffff;
  static constexpr uint32_t kUnseen = 0xffffffff;

  // Breadth first over the players that would have to leave their seats.
  bool SeatByMovingOthers(size_t player) {
    PerRole<uint32_t> wanted_by(free_.size(), kUnseen);
    PerPlayer<uint32_t> queue(1, static_cast<uint32_t>(player));
    for (size_t i = 0; i < queue.size(); ++i) {
      for (const uint16_t role : *players_[queue[i]].preference) {
        if (wanted_by[role] != kUnseen) continue;
        wanted_by[role] = queue[i];
        if (free_[role] > 0) {
          MoveAlong(role, player, wanted_by);
          return true;
        }
        for (uint32_t other = 0; other < role_.size(); ++other) {
          if (role_[other] == role) queue.push_back(other);
        }
      }
    }
    return false;
  }

  void MoveAlong(uint16_t role, size_t player, const PerRole<uint32_t>& wanted_by) {
    --free_[role];
    while (true) {
      const uint32_t mover = wanted_by[role];
      const uint16_t left = role_[mover];
      role_[mover] = role;
      if (mover == player) return;
      role = left;
    }
  }

  const std::vector<RolePlayer>& players_;
  PerPlayer<uint16_t> role_;
  PerRole<int32_t> free_;
};

bool SeatAll(const std::vector<RolePlayer>& players, Seating& seating) {
  for (size_t i = 0; i < players.size(); ++i) {
    if (!players[i].any && !seating.Seat(i)) return false;
  }
  return true;
}

// Players that the roles lack after everybody with a preference sits.
int64_t Missing(const std::vector<Role>& roles, const Seating& seating) {
  int64_t missing = 0;
  for (size_t i = 0; i < roles.size(); ++i) {
    const int32_t taken = roles[i].max - seating.free(i);
    missing += std::max(0, roles[i].min - taken);
  }
  return missing;
}

// Whether all minima can be reached at once, when nobody else needs a role.
bool CanReachMinima(const std::vector<Role>& roles, const std::vector<RolePlayer>& players,
                    int64_t any) {
  int64_t missing = TotalOf(roles, &Role::min) - any;
  Seating seating(roles, players, &Role::min);
  for (size_t i = 0; i < players.size() && missing > 0; ++i) {
    if (!players[i].any && seating.Seat(i)) --missing;
  }
  return missing <= 0;
}

}  // namespace

bool IsOpenLegal(const std::vector<Role>& roles, const std::vector<RolePlayer>& players) {
  if (Count(players) > TotalOf(roles, &Role::max)) return false;
  Seating seating(roles, players, &Role::max);
  return SeatAll(players, seating);
}

bool IsStartLegal(const std::vector<Role>& roles, const std::vector<RolePlayer>& players) {
  const int64_t room = TotalOf(roles, &Role::max);
  if (Count(players) > room || Count(players) < TotalOf(roles, &Role::min)) return false;
  Seating seating(roles, players, &Role::max);
  if (!SeatAll(players, seating)) return false;
  if (Count(players) == room) return true;
  const int64_t any = CountAny(players);
  if (Missing(roles, seating) <= any) return true;
  // A way to seat all players and a way to fill all minima together make one that does both
  // (Mendelsohn and Dulmage 1958), so the second is enough to look for.
  return CanReachMinima(roles, players, any);
}

std::optional<std::vector<uint16_t>> AssignRoles(const std::vector<Role>& roles,
                                                 const std::vector<RolePlayer>& players,
                                                 bool start) {
  std::vector<Bin> bins;
  bins.reserve(roles.size());
  for (const Role& role : roles) bins.push_back({.min = start ? role.min : 0, .max = role.max});
  CheapestAssignment assignment(players.size(), std::move(bins));
  for (size_t i = 0; i < players.size(); ++i) {
    const size_t choices = players[i].any ? roles.size() : players[i].preference->size();
    for (size_t choice = 0; choice < choices; ++choice) {
      if (players[i].any) {
        assignment.Allow(i, choice, 0);
      } else {
        assignment.Allow(i, (*players[i].preference)[choice], static_cast<int32_t>(choice));
      }
    }
  }
  return assignment.Solve();
}

}  // namespace muster::match::alliance
