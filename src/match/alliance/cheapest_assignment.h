#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

// Items into bins at the least cost. For small tables: the time grows with items² x bins, at worst
// times the bins once more.
namespace muster::match::alliance {

// How many items a bin takes.
struct Bin {
  int32_t min = 0;
  int32_t max = 0;
};

// Usage: Allow() each pair that may be, then Solve() once. Not thread-safe.
class CheapestAssignment {
 public:
  // At most 65,534 bins.
  CheapestAssignment(size_t items, std::vector<Bin> bins)
      : bins_(std::move(bins)),
        costs_(items * bins_.size(), kForbidden),
        place_(items, kNowhere),
        load_(bins_.size(), 0),
        distance_(bins_.size() + 1),
        step_(bins_.size() + 1) {}

  // The item may go into the bin; cost >= 0.
  void Allow(size_t item, size_t bin, int32_t cost) { costs_[item * bins_.size() + bin] = cost; }

  // The bin of each item: of the ways that keep every minimum and maximum those of the least sum of
  // costs, of these the one that gives earlier items earlier bins. Nothing when there is no way.
  std::optional<std::vector<uint16_t>> Solve() {
    // More than any change of costs, so that filling a bin up to its minimum always comes first.
    bonus_ = 1;
    for (const int32_t cost : costs_) bonus_ = std::max<int64_t>(bonus_, cost + int64_t{1});
    bonus_ *= static_cast<int64_t>(place_.size()) + 1;
    for (size_t item = 0; item < place_.size(); ++item) {
      if (!Insert(item)) return std::nullopt;
    }
    for (size_t bin = 0; bin < bins_.size(); ++bin) {
      if (load_[bin] < bins_[bin].min) return std::nullopt;
    }
    for (size_t item = 0; item < place_.size(); ++item) PreferEarlierBin(item);
    return place_;
  }

 private:
  // Where an excess of one in a bin goes on to: another bin that `item` moves to, or the sink.
  struct Step {
    size_t to = 0;
    size_t item = 0;
  };

  static constexpr int32_t kForbidden = -1;
  static constexpr uint16_t kNowhere = 0xffff;
  static constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;

  size_t sink() const { return bins_.size(); }
  int32_t Cost(size_t item, size_t bin) const { return costs_[item * bins_.size() + bin]; }

  // Successive shortest paths: the items so far stay placed at the least cost.
  bool Insert(size_t item) {
    MeasureDistances(sink(), 0);
    int64_t least = kFar;
    for (size_t bin = 0; bin < bins_.size(); ++bin) {
      if (Cost(item, bin) == kForbidden || distance_[bin] == kFar) continue;
      const int64_t cost = Cost(item, bin) + distance_[bin];
      if (cost >= least) continue;
      least = cost;
      place_[item] = static_cast<uint16_t>(bin);
    }
    if (least == kFar) return false;
    Push(place_[item], sink());
    return true;
  }

  // Takes the item along a cycle of cost zero into the earliest bin; items before it stay.
  void PreferEarlierBin(size_t item) {
    const size_t current = place_[item];
    MeasureDistances(current, item + 1);
    for (size_t bin = 0; bin < current; ++bin) {
      if (Cost(item, bin) == kForbidden || distance_[bin] == kFar) continue;
      if (Cost(item, bin) + distance_[bin] != Cost(item, current)) continue;
      place_[item] = static_cast<uint16_t>(bin);
      Push(bin, current);
      return;
    }
  }

  // The least cost of passing an excess of one on from each bin to `target`, when items from
  // `first_item` on may move. Bellman-Ford; there are no cycles of negative cost.
  void MeasureDistances(size_t target, size_t first_item) {
    std::fill(distance_.begin(), distance_.end(), kFar);
    distance_[target] = 0;
    bool changed = true;
    while (changed) {
      changed = false;
      for (size_t item = first_item; item < place_.size() && place_[item] != kNowhere; ++item) {
        for (size_t bin = 0; bin < bins_.size(); ++bin) {
          if (Cost(item, bin) == kForbidden) continue;
          changed |= Relax(place_[item], bin, Cost(item, bin) - Cost(item, place_[item]), item);
        }
      }
      for (size_t bin = 0; bin < bins_.size(); ++bin) {
        const auto [min, max] = bins_[bin];
        if (load_[bin] < max) changed |= Relax(bin, sink(), load_[bin] < min ? -bonus_ : 0, 0);
        if (load_[bin] > 0) changed |= Relax(sink(), bin, load_[bin] > min ? 0 : bonus_, 0);
      }
    }
  }

  bool Relax(size_t from, size_t to, int64_t cost, size_t item) {
    if (distance_[to] == kFar || cost + distance_[to] >= distance_[from]) return false;
    distance_[from] = cost + distance_[to];
    step_[from] = {to, item};
    return true;
  }

  void Push(size_t from, size_t target) {
    for (size_t node = from; node != target; node = step_[node].to) {
      const Step& step = step_[node];
      if (node == sink()) {
        --load_[step.to];
      } else if (step.to == sink()) {
        ++load_[node];
      } else {
        place_[step.item] = static_cast<uint16_t>(step.to);
      }
    }
  }

  const std::vector<Bin> bins_;
  std::vector<int32_t> costs_;
  int64_t bonus_ = 0;
  std::vector<uint16_t> place_;
  std::vector<int32_t> load_;
  std::vector<int64_t> distance_;
  std::vector<Step> step_;
};

}  // namespace muster::match::alliance
