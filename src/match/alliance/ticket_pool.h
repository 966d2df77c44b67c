#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/strings.h"
#include "match/alliance/flexing.h"
#include "match/alliance/roles.h"
#include "match/alliance/ruleset.h"
#include "match/alliance/traits.h"
#include "match/ticket.h"

// The tickets of one tick as numbers, side by side.
namespace muster::match::alliance {

// A ticket's place in the pool.
using Slot = uint32_t;

using RegionId = uint32_t;
inline constexpr RegionId kNoRegion = static_cast<RegionId>(-1);

// A user id as 64 bits. Two ids that share them count as one user, which can only keep tickets
// apart, never bring blocked players together.
using UserKey = uint64_t;
UserKey KeyOf(std::string_view user_id);

// The sum over the players of an attribute, added to `sum`; what is missing or not a finite number
// counts as 0.
double AddUp(std::span<const Player> players, const std::string& attribute, double sum = 0);

struct RegionLatency {
  RegionId region = kNoRegion;
  int64_t ms = 0;
};

// One ticket. Everything that depends on the time of the tick is worked out.
struct PooledTicket {
  int64_t age_ms = 0;
  // Of its first player; most tickets have one.
  UserKey first_user_key = 0;
  int32_t priority = 0;
  uint32_t players = 0;
  TraitsId traits = 0;
  RoleSetId roles = 0;
  Stage stage = 0;
  // How many of its latencies, from the best on, it accepts at its age.
  uint16_t accepted_regions = 0;
  uint16_t latency_count = 0;
  uint32_t first_latency = 0;
  uint32_t first_user = 0;
  uint32_t first_blocked = 0;
  uint32_t blocked_count = 0;
};

// Tickets are numbered in the order they came. Not thread-safe while it grows.
class TicketPool {
 public:
  // `rules`, `flex` and `traits` outlive the pool.
  TicketPool(const Ruleset& rules, const MatchingFlex& flex, TraitsTable* traits,
             base::Timestamp now);

  // What of a ticket is put in; the rest is read from its players.
  struct Source {
    std::optional<base::Timestamp> created_at;
    std::span<const Player> players;
    const Object* attributes = nullptr;
    std::span<const Latency> latencies;
    int32_t priority = 0;
  };

  Slot Add(const Ticket& ticket);
  Slot Add(const Source& source);

  size_t size() const { return tickets_.size(); }
  const PooledTicket& operator[](Slot slot) const { return tickets_[slot]; }

  // The mean over the players of the attribute of a matching rule; what is missing or not a finite
  // number counts as 0.
  double Mean(Slot slot, size_t rule) const { return means_[slot * rule_count_ + rule]; }
  void SetMean(Slot slot, size_t rule, double mean) { means_[slot * rule_count_ + rule] = mean; }

  // Ascending by latency, then by region name.
  std::span<const RegionLatency> Latencies(Slot slot) const;
  // Those that the ticket accepts: best first.
  std::span<const RegionLatency> AcceptedRegions(Slot slot) const;
  std::span<const UserKey> Users(Slot slot) const;
  // Sorted.
  std::span<const UserKey> Blocked(Slot slot) const;
  const Traits& TraitsOf(Slot slot) const { return traits_->Get(tickets_[slot].traits); }

  // Whether nobody is in two tickets, or twice in one. Sorts all of them the first time it is
  // asked.
  bool UsersAreDistinct() const;
  // Whether some ticket blocks somebody.
  bool any_blocked() const { return !blocked_.empty(); }
  size_t region_count() const { return region_names_.size(); }
  const std::string& RegionName(RegionId region) const { return region_names_[region]; }
  // kNoRegion when no ticket has named it.
  RegionId FindRegion(std::string_view name) const;

  const RoleTable& roles() const { return roles_; }
  RoleTable& roles() { return roles_; }
  const TraitsTable& traits() const { return *traits_; }

  // The slots by priority, highest first, then by creation, oldest first, then as they came.
  std::vector<Slot> ServiceOrder() const;

 private:
  void AddLatencies(std::span<const Latency> latencies, PooledTicket* ticket);
  void AddBlocked(const Object& attributes, PooledTicket* ticket);
  void AddMeans(std::span<const Player> players);
  RegionId RegionOf(const std::string& name);

  const Ruleset& rules_;
  const MatchingFlex& flex_;
  TraitsTable* const traits_;
  const base::Timestamp now_;
  const size_t rule_count_;
  RoleTable roles_;
  std::vector<PooledTicket> tickets_;
  std::vector<double> means_;
  std::vector<RegionLatency> latencies_;
  std::vector<UserKey> users_;
  std::vector<UserKey> blocked_;
  // Of the first so many users.
  mutable std::pair<size_t, bool> users_are_distinct_{0, true};
  absl::flat_hash_map<std::string, RegionId, base::StringHash, base::StringEq> region_ids_;
  std::vector<std::string> region_names_;
};

}  // namespace muster::match::alliance
