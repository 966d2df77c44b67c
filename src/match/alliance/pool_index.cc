#include "match/alliance/pool_index.h"

#include <algorithm>
#include <tuple>

#include "base/radix_sort.h"

namespace muster::match::alliance {
namespace {

uint64_t PairKey(uint32_t a, uint32_t b) { return uint64_t{a} << 32 | b; }

uint64_t LaneKey(const PooledTicket& ticket) { return PairKey(ticket.players, ticket.roles); }

}  // namespace

PoolIndex::PoolIndex(const Legality& legality, std::span<const Slot> service_order,
                     std::optional<size_t> key_rule)
    : legality_(legality), pool_(legality.pool()), key_rule_(key_rule) {
  rank_.resize(pool_.size());
  for (uint32_t i = 0; i < service_order.size(); ++i) rank_[service_order[i]] = i;
  FindLanes(service_order);
  FindLists(service_order);
  Fill(SortedByKey(service_order));
}

double PoolIndex::Key(Slot slot) const { return key_rule_ ? pool_.Mean(slot, *key_rule_) : 0; }

// Larger parties come first: they are harder to place.
void PoolIndex::FindLanes(std::span<const Slot> order) {
  lane_of_.resize(pool_.size());
  absl::flat_hash_map<std::pair<uint64_t, int32_t>, LaneId> known;
  const PooledTicket* last = nullptr;
  LaneId last_lane = 0;
  for (const Slot slot : order) {
    const PooledTicket& ticket = pool_[slot];
    const bool same =
        last != nullptr && last->priority == ticket.priority && LaneKey(*last) == LaneKey(ticket);
    if (!same) {
      const auto [found, added] =
          known.try_emplace({LaneKey(ticket), ticket.priority}, static_cast<LaneId>(lanes_.size()));
      if (added) lanes_.push_back({ticket.priority, ticket.players, ticket.roles});
      last_lane = found->second;
      last = &ticket;
    }
    lane_of_[slot] = last_lane;
  }
  if (lanes_.size() < 2) return;
  std::vector<LaneId> by_size(lanes_.size());
  for (LaneId i = 0; i < by_size.size(); ++i) by_size[i] = i;
  std::sort(by_size.begin(), by_size.end(), [this](LaneId a, LaneId b) {
    const auto key = [](const Lane& lane) {
      return std::tuple(-int64_t{lane.players}, -int64_t{lane.priority});
    };
    // Ids of roles go by arrival, the numbers of lanes by service.
    return std::tuple(key(lanes_[a]), a) < std::tuple(key(lanes_[b]), b);
  });
  std::vector<LaneId> place(lanes_.size());
  std::vector<Lane> sorted;
  for (const LaneId lane : by_size) {
    place[lane] = static_cast<LaneId>(sorted.size());
    sorted.push_back(lanes_[lane]);
  }
  lanes_.swap(sorted);
  for (const Slot slot : order) lane_of_[slot] = place[lane_of_[slot]];
}

std::vector<Slot> PoolIndex::SortedByKey(std::span<const Slot> order) const {
  if (!key_rule_) return {order.begin(), order.end()};
  std::vector<base::RadixItem> items(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    items[i] = {base::RadixKey(Key(order[i])), order[i]};
  }
  std::vector<base::RadixItem> scratch;
  base::RadixSort(&items, &scratch);
  std::vector<Slot> sorted(items.size());
  std::transform(items.begin(), items.end(), sorted.begin(),
                 [](const base::RadixItem& item) { return item.index; });
  return sorted;
}

void PoolIndex::FindLists(std::span<const Slot> order) {
  has_regions_ = pool_.region_count() > 0;
  has_facets_ = pool_.traits().size() > 1;
  has_all_list_ = !has_regions_ || std::any_of(order.begin(), order.end(), [this](Slot slot) {
    return pool_[slot].latency_count == 0;
  });
  first_region_list_ = 1;
  nowhere_list_ = first_region_list_ + static_cast<ListId>(pool_.region_count());
  lists_.resize(nowhere_list_ + 1);
  traits_lists_.resize(pool_.traits().size());
  for (auto& lists : required_lists_) lists.resize(pool_.traits().size());
}

PoolIndex::ListId PoolIndex::FacetList(uint64_t facet) {
  const auto [found, added] = facet_lists_.try_emplace(facet, static_cast<ListId>(lists_.size()));
  if (added) lists_.emplace_back();
  return found->second;
}

const std::vector<PoolIndex::ListId>& PoolIndex::FacetListsOf(TraitsId traits) {
  std::optional<std::vector<ListId>>& known = traits_lists_[traits];
  if (known) return *known;
  known.emplace();
  for (const uint64_t facet : pool_.traits().Facets(pool_.traits().Get(traits))) {
    known->push_back(FacetList(facet));
  }
  return *known;
}

const std::vector<std::vector<PoolIndex::ListId>>& PoolIndex::RequiredLists(TraitsId traits,
                                                                            bool is_oldest) {
  std::optional<std::vector<std::vector<ListId>>>& known =
      required_lists_[is_oldest ? 1 : 0][traits];
  if (known) return *known;
  known.emplace();
  for (const auto& any_of : pool_.traits().RequiredFacets(pool_.traits().Get(traits), is_oldest)) {
    std::vector<ListId>& lists = known->emplace_back();
    for (const uint64_t facet : any_of) lists.push_back(FacetList(facet));
  }
  return *known;
}

// The lists that hold a ticket, always in the same order.
template <typename Visit>
void PoolIndex::ForEachList(Slot slot, const Visit& visit) {
  if (has_all_list_) visit(ListId{0});
  if (has_regions_) {
    const bool one_sided = legality_.rules().regions.disable_bidirectional_after_ms > 0;
    for (const RegionLatency& each :
         one_sided ? pool_.Latencies(slot) : pool_.AcceptedRegions(slot)) {
      visit(first_region_list_ + each.region);
    }
    if (pool_[slot].latency_count == 0) visit(nowhere_list_);
  }
  if (!has_facets_) return;
  for (const ListId list : FacetListsOf(pool_[slot].traits)) visit(list);
}

uint32_t PoolIndex::SegmentOf(ListId list, LaneId lane) {
  std::vector<Segment>& segments = lists_[list].segments;
  if (lanes_.size() == 1) {
    if (segments.empty()) segments.emplace_back();
    return 0;
  }
  const auto [found, added] =
      segment_ids_.try_emplace(PairKey(list, lane), static_cast<uint32_t>(segments.size()));
  if (added) segments.push_back({lane, 0, 0});
  return found->second;
}

void PoolIndex::Fill(std::span<const Slot> sorted) {
  first_place_.assign(pool_.size() + 1, 0);
  size_t total = 0;
  for (const Slot slot : sorted) {
    first_place_[slot] = static_cast<uint32_t>(total);
    ForEachList(slot, [&](ListId list) {
      const uint32_t segment = SegmentOf(list, lane_of_[slot]);
      ++lists_[list].segments[segment].end;
      ++lists_[list].waiting;
      ++total;
    });
  }
  Position begin = 0;
  for (List& list : lists_) {
    for (Segment& segment : list.segments) {
      const Position count = segment.end;
      segment.begin = segment.end = begin;
      begin += count;
    }
  }
  entries_.resize(total + 1);
  places_.resize(total);
  for (const Slot slot : sorted) {
    size_t place = first_place_[slot];
    const double key = Key(slot);
    ForEachList(slot, [&](ListId list) {
      Segment& segment = lists_[list].segments[SegmentOf(list, lane_of_[slot])];
      const Position position = segment.end++;
      const bool same_run = position > segment.begin && entries_[position - 1].key == key;
      const Position run = same_run ? entries_[position - 1].run : position;
      entries_[position] = {key, slot, run, position, position + 1, rank_[slot]};
      places_[place++] = position;
    });
  }
  entries_.back().next = static_cast<Position>(total);
}

void PoolIndex::Remove(Slot slot) {
  size_t place = first_place_[slot];
  ForEachList(slot, [&](ListId list) {
    const Position position = places_[place++];
    entries_[position].next = position + 1;
    entries_[position].previous = position;
    --lists_[list].waiting;
  });
}

void PoolIndex::Prefetch(Slot slot, int step) const {
  if (step == 2) return __builtin_prefetch(&first_place_[slot]);
  const Position* const place = &places_[first_place_[slot]];
  __builtin_prefetch(step == 1 ? static_cast<const void*>(place) : &entries_[*place]);
}

size_t PoolIndex::Waiting(std::span<const ListId> lists) const {
  size_t waiting = 0;
  for (const ListId list : lists) waiting += lists_[list].waiting;
  return waiting;
}

void PoolIndex::ListsFor(Slot slot, RegionId region, bool is_oldest, Choice* choice) {
  choice->lists.clear();
  choice->overlap = false;
  if (region == kNoRegion) {
    choice->lists.push_back(0);
  } else {
    choice->lists = {first_region_list_ + region, nowhere_list_};
  }
  if (!has_facets_) return;
  size_t fewest = Waiting(choice->lists);
  for (const std::vector<ListId>& any_of : RequiredLists(pool_[slot].traits, is_oldest)) {
    const size_t waiting = Waiting(any_of);
    if (waiting >= fewest) continue;
    fewest = waiting;
    choice->lists = any_of;
    choice->overlap = any_of.size() > 1;
  }
}

// The first position from this one on that waits.
PoolIndex::Position PoolIndex::Next(Position position) {
  while (entries_[position].next != position) {
    Position& next = entries_[position].next;
    next = entries_[next].next;
    position = next;
  }
  return position;
}

// The last position before this one that waits, plus 1; 0 when there is none.
PoolIndex::Position PoolIndex::Previous(Position position) {
  while (position != 0 && entries_[position - 1].previous != position) {
    Position& previous = entries_[position - 1].previous;
    if (previous != 0) previous = entries_[previous - 1].previous;
    position = previous;
  }
  return position;
}

PoolIndex::Position PoolIndex::LowerBound(const Segment& segment, double key) const {
  const auto found =
      std::lower_bound(entries_.begin() + segment.begin, entries_.begin() + segment.end, key,
                       [](const Entry& entry, double wanted) { return entry.key < wanted; });
  return static_cast<Position>(found - entries_.begin());
}

PoolIndex::Start PoolIndex::Around(const Segment& segment, Slot slot) {
  // Mostly the ticket is in the list itself.
  const Position own = places_[first_place_[slot]];
  const Position run = own >= segment.begin && own < segment.end ? entries_[own].run
                                                                 : LowerBound(segment, Key(slot));
  const Position above = Next(run);
  return {above < segment.end ? above : kNowhere, RunBelow(segment, run)};
}

PoolIndex::Position PoolIndex::FirstNotBelow(const Segment& segment, double key) {
  const Position position = Next(LowerBound(segment, key));
  return position < segment.end ? position : kNowhere;
}

PoolIndex::Position PoolIndex::LastRunBelow(const Segment& segment, double key) {
  return RunBelow(segment, LowerBound(segment, key));
}

// The first of the run before `run`, which begins one.
PoolIndex::Position PoolIndex::RunBelow(const Segment& segment, Position run) {
  const Position last = Previous(run);
  return last > segment.begin ? Next(entries_[last - 1].run) : kNowhere;
}

PoolIndex::Position PoolIndex::Up(const Segment& segment, Position position) {
  const Position next = Next(position + 1);
  return next < segment.end ? next : kNowhere;
}

PoolIndex::Position PoolIndex::Down(const Segment& segment, Position position) {
  const Position run = entries_[position].run;
  const Position next = Next(position + 1);
  if (next < segment.end && entries_[next].run == run) return next;
  return RunBelow(segment, run);
}

}  // namespace muster::match::alliance
