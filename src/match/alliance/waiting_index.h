#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/alliance/ticket_pool.h"

namespace muster::match::alliance {

// The tickets that wait for a running session. For each region that sessions play in (kNoRegion:
// for those that do not say) there are lists of the tickets that accept it; the tickets of a list
// are alike in priority, size and roles, and in traits too as long as there are few different ones.
// A list is sorted by the mean of one matching rule; equal means form a run, sorted as sessions
// prefer its tickets. Building is one sort. Not thread-safe.
class WaitingIndex {
 public:
  using Position = uint32_t;

  struct Options {
    // The rule whose means sort the lists; none: each list is one run.
    std::optional<size_t> key_rule;
    // Of tickets that are alike to a session the larger goes first, not the one that came first.
    bool larger_parties_first = false;
  };

  // Tickets of equal priority, size and roles: alike for whoever looks for room in a team.
  using Lane = uint32_t;
  struct List {
    Lane lane = 0;
    int32_t priority = 0;
    // Any of its tickets.
    Slot sample = 0;
    Position begin = 0;
    Position end = 0;
  };

  // `regions`: each once. `pool` outlives the index and may grow.
  WaitingIndex(const TicketPool& pool, std::span<const Slot> tickets,
               std::span<const RegionId> regions, const Options& options);

  const Options& options() const { return options_; }
  // Together they hold every ticket that a session in this region may let in.
  std::span<const List> Lists(RegionId region) const;
  // Whether all tickets of a list have the traits of its sample.
  bool lists_share_traits() const { return lists_share_traits_; }
  size_t lane_count() const { return lane_count_; }
  Lane LaneOf(Slot slot) const { return lane_of_[slot]; }

  // Takes a ticket out.
  void Remove(Slot slot) { waits_[slot] = false; }

  Slot At(Position position) const { return entries_[position].slot; }
  double KeyAt(Position position) const { return entries_[position].key; }
  // Of a run the ticket with the smallest tie goes first, then the one with the smallest rank: the
  // latency to the region or, without a region, the time of creation.
  int64_t TieAt(Position position) const { return entries_[position].tie; }
  uint64_t Rank(Slot slot) const;

  // The run around a position.
  Position RunBegin(Position position) const { return entries_[position].run; }
  Position RunEnd(const List& list, Position position) const;
  // The first entry with a mean that is not below `key`; the list's end when there is none.
  Position NotBelow(const List& list, double key) const;
  // The first place from `position` on, the last place up to it, that holds a ticket that waits.
  // Nothing when the list has none there.
  std::optional<Position> Next(const List& list, Position position);
  std::optional<Position> Previous(const List& list, Position position);

 private:
  struct Entry {
    double key = 0;
    int64_t tie = 0;
    Slot slot = 0;
    // Where its run begins.
    Position run = 0;
  };

  void FindLanes(std::span<const Slot> tickets);
  void AddRegion(RegionId region, std::span<const Slot> tickets);
  TraitsId ListTraits(Slot slot) const;
  Entry MakeEntry(RegionId region, Slot slot) const;

  const TicketPool& pool_;
  const Options options_;
  const bool lists_share_traits_;
  size_t lane_count_ = 0;
  // Of tickets that were put in.
  std::vector<Lane> lane_of_;
  std::vector<bool> waits_;
  absl::flat_hash_map<RegionId, std::vector<List>> lists_;
  std::vector<Entry> entries_;
  // Union-find over gaps: whatever no longer waits points on.
  std::vector<Position> next_;
  std::vector<Position> previous_;
};

}  // namespace muster::match::alliance
