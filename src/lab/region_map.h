#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace muster::lab {

// A few data-centre regions, how many players live near each, and how far they are from each other.
// The round trips are typical public measurements between AWS regions, rounded to 5 ms.
class RegionMap {
 public:
  // Only the named regions, ordered by name. INVALID_ARGUMENT naming all known regions for a name
  // that is not one of them, or one given twice. No names: an empty map.
  static absl::StatusOr<RegionMap> Of(const std::vector<std::string>& names);

  size_t size() const { return regions_.size(); }
  std::string_view Name(size_t region) const;
  // Shares of the player population, a weight for each region.
  const std::vector<int64_t>& PlayerWeights() const { return weights_; }
  // Milliseconds there and back between two data centres; 0 within one.
  int64_t RoundTripMs(size_t from, size_t to) const;

 private:
  // Rows of the table of all regions.
  std::vector<size_t> regions_;
  std::vector<int64_t> weights_;
};

}  // namespace muster::lab
