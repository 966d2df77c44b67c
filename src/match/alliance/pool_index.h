#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/alliance/legality.h"

// The tickets of a tick, ordered so that the neighbours of one are found without looking at all.
namespace muster::match::alliance {

// Tickets that are alike for whoever fills a team: same priority, players and roles.
struct Lane {
  int32_t priority = 0;
  uint32_t players = 0;
  RoleSetId roles = 0;
};
using LaneId = uint32_t;

// Lists of the tickets that still wait: one of all, or one for each region and attribute value that
// tickets must share. Within a list each lane is sorted by the mean of one matching rule, ties by
// service order, so a walk starts next to its ticket and goes outwards. Building is one linear sort
// of the tickets; removing a ticket is nearly constant in time (a union-find over gaps). Not
// thread-safe.
class PoolIndex {
 public:
  using ListId = uint32_t;
  using Position = uint32_t;
  static constexpr Position kNowhere = static_cast<Position>(-1);

  // A lane of a list: positions [begin, end).
  struct Segment {
    LaneId lane = 0;
    Position begin = 0;
    Position end = 0;
  };

  // Tickets in `service_order` are put in. Sorted by the means of `key_rule`; without one by
  // service order alone. `legality` outlives the index.
  PoolIndex(const Legality& legality, std::span<const Slot> service_order,
            std::optional<size_t> key_rule);

  void Remove(Slot slot);

  // By key, ties in the order given.
  std::vector<Slot> SortedByKey(std::span<const Slot> order) const;

  // Brings a ticket's places near, in three steps for tickets that will be asked for later: 2
  // first, 0 last. A tick of a million tickets waits for memory more than for anything else.
  void Prefetch(Slot slot, int step) const;

  // Lists that together hold every ticket that the ticket can be in a match with, as the oldest one
  // or else as any, the shortest such choice. They may share tickets when `overlap` says so.
  struct Choice {
    std::vector<ListId> lists;
    bool overlap = false;
  };
  void ListsFor(Slot slot, RegionId region, bool is_oldest, Choice* choice);

  std::span<const Segment> Segments(ListId list) const { return lists_[list].segments; }
  const std::vector<Lane>& lanes() const { return lanes_; }
  LaneId LaneOf(Slot slot) const { return lane_of_[slot]; }
  // The place in the service order: smaller is served before.
  uint32_t Rank(Slot slot) const { return rank_[slot]; }
  double Key(Slot slot) const;

  // Steps over those that wait. Positions of equal keys form a run, which is in service order.
  Slot At(Position position) const { return entries_[position].slot; }
  uint32_t RankAt(Position position) const { return entries_[position].rank; }
  double KeyAt(Position position) const { return entries_[position].key; }
  // Where a walk from a ticket starts: the first of the run with the smallest key that is not below
  // its own, and the first of the run below that; kNowhere when there is none.
  struct Start {
    Position above = kNowhere;
    Position below = kNowhere;
  };
  Start Around(const Segment& segment, Slot slot);
  // The first of the run with the smallest key that is not below `key`, or kNowhere.
  Position FirstNotBelow(const Segment& segment, double key);
  // The first of the run with the greatest key below that.
  Position LastRunBelow(const Segment& segment, double key);
  // The next towards greater keys.
  Position Up(const Segment& segment, Position position);
  // The next of the same run, else the first of the run below.
  Position Down(const Segment& segment, Position position);

 private:
  // Side by side, because a step reads all of it.
  struct Entry {
    double key = 0;
    Slot slot = 0;
    // Where its run begins.
    Position run = 0;
    // Union-find over gaps: an entry that waits leads to itself, another one on. `previous` counts
    // from 1, so that 0 is the place before the first.
    Position next = 0;
    Position previous = 0;
    // See Rank.
    uint32_t rank = 0;
  };
  struct List {
    std::vector<Segment> segments;
    size_t waiting = 0;
  };

  void FindLanes(std::span<const Slot> order);
  void FindLists(std::span<const Slot> order);
  void Fill(std::span<const Slot> sorted);
  ListId FacetList(uint64_t facet);
  const std::vector<ListId>& FacetListsOf(TraitsId traits);
  uint32_t SegmentOf(ListId list, LaneId lane);
  template <typename Visit>
  void ForEachList(Slot slot, const Visit& visit);
  const std::vector<std::vector<ListId>>& RequiredLists(TraitsId traits, bool is_oldest);
  size_t Waiting(std::span<const ListId> lists) const;

  Position LowerBound(const Segment& segment, double key) const;
  Position Next(Position position);
  Position Previous(Position position);
  Position RunBelow(const Segment& segment, Position run);

  const Legality& legality_;
  const TicketPool& pool_;
  const std::optional<size_t> key_rule_;
  std::vector<Lane> lanes_;
  std::vector<LaneId> lane_of_;
  std::vector<uint32_t> rank_;

  std::vector<List> lists_;
  bool has_all_list_ = true, has_regions_ = false, has_facets_ = false;
  ListId first_region_list_ = 0;
  ListId nowhere_list_ = 0;
  absl::flat_hash_map<uint64_t, ListId> facet_lists_;
  std::vector<std::optional<std::vector<ListId>>> traits_lists_;
  // By traits, for the oldest ticket and for any.
  std::array<std::vector<std::optional<std::vector<std::vector<ListId>>>>, 2> required_lists_;
  absl::flat_hash_map<uint64_t, uint32_t> segment_ids_;

  // And one more at the end, which always waits.
  std::vector<Entry> entries_;
  // Where a ticket's entries are, in the order of ForEachList.
  std::vector<uint32_t> first_place_;
  std::vector<Position> places_;
};

}  // namespace muster::match::alliance
