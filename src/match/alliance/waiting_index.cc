#include "match/alliance/waiting_index.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace muster::match::alliance {
namespace {

// With more kinds of tickets than this a session would spend its time on opening lists.
constexpr size_t kMostSharedTraits = 64;

// Follows the links from `position` to the place that points at itself.
WaitingIndex::Position Find(std::vector<WaitingIndex::Position>& links,
                            WaitingIndex::Position position) {
  while (links[position] != position) {
    links[position] = links[links[position]];
    position = links[position];
  }
  return position;
}

int64_t LatencyTo(const TicketPool& pool, Slot slot, RegionId region) {
  for (const RegionLatency& each : pool.AcceptedRegions(slot)) {
    if (each.region == region) return each.ms;
  }
  return std::numeric_limits<int64_t>::max();
}

}  // namespace

WaitingIndex::WaitingIndex(const TicketPool& pool, std::span<const Slot> tickets,
                           std::span<const RegionId> regions, const Options& options)
    : pool_(pool),
      options_(options),
      lists_share_traits_(pool.traits().size() <= kMostSharedTraits),
      lane_of_(pool.size(), 0),
      waits_(pool.size(), false) {
  FindLanes(tickets);
  absl::flat_hash_map<RegionId, std::vector<Slot>> accepting;
  for (const RegionId region : regions) accepting[region];
  for (const Slot slot : tickets) {
    waits_[slot] = true;
    for (const RegionLatency& each : pool_.AcceptedRegions(slot)) {
      const auto found = accepting.find(each.region);
      if (found != accepting.end()) found->second.push_back(slot);
    }
  }
  if (accepting.contains(kNoRegion)) accepting[kNoRegion].assign(tickets.begin(), tickets.end());
  for (const RegionId region : regions) AddRegion(region, accepting[region]);
  next_.resize(entries_.size() + 1);
  std::iota(next_.begin(), next_.end(), 0);
  previous_ = next_;
}

void WaitingIndex::FindLanes(std::span<const Slot> tickets) {
  absl::flat_hash_map<std::tuple<int32_t, uint32_t, RoleSetId>, Lane> lanes;
  for (const Slot slot : tickets) {
    const PooledTicket& ticket = pool_[slot];
    const auto next = static_cast<Lane>(lanes.size());
    lane_of_[slot] =
        lanes.try_emplace({ticket.priority, ticket.players, ticket.roles}, next).first->second;
  }
  lane_count_ = lanes.size();
}

TraitsId WaitingIndex::ListTraits(Slot slot) const {
  return lists_share_traits_ ? pool_[slot].traits : 0;
}

WaitingIndex::Entry WaitingIndex::MakeEntry(RegionId region, Slot slot) const {
  Entry entry;
  entry.slot = slot;
  entry.key = options_.key_rule ? pool_.Mean(slot, *options_.key_rule) : 0;
  // The oldest has the greatest age.
  entry.tie = region == kNoRegion ? -pool_[slot].age_ms : LatencyTo(pool_, slot, region);
  return entry;
}

void WaitingIndex::AddRegion(RegionId region, std::span<const Slot> tickets) {
  std::vector<Entry> entries;
  entries.reserve(tickets.size());
  for (const Slot slot : tickets) entries.push_back(MakeEntry(region, slot));
  std::sort(entries.begin(), entries.end(), [this](const Entry& a, const Entry& b) {
    return std::tuple(lane_of_[a.slot], ListTraits(a.slot), a.key, a.tie, Rank(a.slot)) <
           std::tuple(lane_of_[b.slot], ListTraits(b.slot), b.key, b.tie, Rank(b.slot));
  });
  std::vector<List>& lists = lists_[region];
  for (const Entry& entry : entries) {
    const auto position = static_cast<Position>(entries_.size());
    const bool same_list = !lists.empty() && lists.back().lane == lane_of_[entry.slot] &&
                           ListTraits(lists.back().sample) == ListTraits(entry.slot);
    if (!same_list) {
      lists.push_back({lane_of_[entry.slot], pool_[entry.slot].priority, entry.slot, position, 0});
    }
    lists.back().end = position + 1;
    const bool same_run = same_list && entries_.back().key == entry.key;
    entries_.push_back(entry);
    entries_.back().run = same_run ? entries_[position - 1].run : position;
  }
}

std::span<const WaitingIndex::List> WaitingIndex::Lists(RegionId region) const {
  const auto found = lists_.find(region);
  if (found == lists_.end()) return {};
  return found->second;
}

uint64_t WaitingIndex::Rank(Slot slot) const {
  if (!options_.larger_parties_first) return slot;
  const uint64_t smallness = std::numeric_limits<uint32_t>::max() - pool_[slot].players;
  return smallness << 32 | slot;
}

WaitingIndex::Position WaitingIndex::NotBelow(const List& list, double key) const {
  const auto found =
      std::lower_bound(entries_.begin() + list.begin, entries_.begin() + list.end, key,
                       [](const Entry& entry, double wanted) { return entry.key < wanted; });
  return static_cast<Position>(found - entries_.begin());
}

WaitingIndex::Position WaitingIndex::RunEnd(const List& list, Position position) const {
  const auto found =
      std::upper_bound(entries_.begin() + position, entries_.begin() + list.end, KeyAt(position),
                       [](double wanted, const Entry& entry) { return wanted < entry.key; });
  return static_cast<Position>(found - entries_.begin());
}

std::optional<WaitingIndex::Position> WaitingIndex::Next(const List& list, Position position) {
  for (;;) {
    position = Find(next_, position);
    if (position >= list.end) return std::nullopt;
    if (waits_[At(position)]) return position;
    next_[position] = position + 1;
  }
}

std::optional<WaitingIndex::Position> WaitingIndex::Previous(const List& list, Position position) {
  for (;;) {
    position = Find(previous_, position);
    if (position < list.begin) return std::nullopt;
    if (waits_[At(position)]) return position;
    if (position == list.begin) return std::nullopt;
    previous_[position] = position - 1;
  }
}

}  // namespace muster::match::alliance
