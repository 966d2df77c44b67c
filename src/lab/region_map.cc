#include "lab/region_map.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace muster::lab {
namespace {

constexpr size_t kRegions = 7;

struct Region {
  const char* name;
  int64_t player_weight;
  std::array<int64_t, kRegions> round_trip_ms;
};

// Ordered by name; the columns are the rows.
constexpr std::array<Region, kRegions> kAllRegions = {{
    {"ap-northeast-1", 12, {0, 70, 225, 210, 260, 145, 100}},
    {"ap-southeast-1", 10, {70, 0, 160, 170, 325, 205, 165}},
    {"eu-central-1", 20, {225, 160, 0, 15, 205, 100, 140}},
    {"eu-west-2", 12, {210, 170, 15, 0, 185, 90, 130}},
    {"sa-east-1", 6, {260, 325, 205, 185, 0, 125, 175}},
    {"us-east-2", 25, {145, 205, 100, 90, 125, 0, 50}},
    {"us-west-2", 15, {100, 165, 140, 130, 175, 50, 0}},
}};

std::string AllNames() {
  return absl::StrJoin(kAllRegions, ", ",
                       [](std::string* out, const Region& region) { out->append(region.name); });
}

}  // namespace

absl::StatusOr<RegionMap> RegionMap::Of(const std::vector<std::string>& names) {
  RegionMap map;
  for (size_t row = 0; row < kRegions; ++row) {
    if (std::find(names.begin(), names.end(), kAllRegions[row].name) == names.end()) continue;
    map.regions_.push_back(row);
    map.weights_.push_back(kAllRegions[row].player_weight);
  }
  if (map.size() != names.size()) {
    return absl::InvalidArgumentError(base::StrCat("regions `", absl::StrJoin(names, ","),
                                                   "`: each must be named once and be one of ",
                                                   AllNames()));
  }
  return map;
}

std::string_view RegionMap::Name(size_t region) const { return kAllRegions[regions_[region]].name; }

int64_t RegionMap::RoundTripMs(size_t from, size_t to) const {
  return kAllRegions[regions_[from]].round_trip_ms[regions_[to]];
}

}  // namespace muster::lab
