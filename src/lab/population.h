#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "lab/random.h"
#include "lab/region_map.h"
#include "match/ticket.h"

namespace muster::lab {

struct PopulationOptions {
  // The same seed gives the same tickets on every machine.
  uint64_t seed = 1;
  // Put before every id, so that two populations can share a stream.
  std::string id_prefix;
  std::string match_pool = "ranked";
  std::string name_space = "muster-demo";
  // The attribute of a player that holds the rating.
  std::string rating_attribute = "mmr";
  // Rating points: where Glicko starts a new player, and how far a grown player base spreads.
  int64_t rating_mean = 1500;
  int64_t rating_deviation = 300;
  // Rating points by which the members of a party differ: friends are roughly equals.
  int64_t party_rating_deviation = 120;
  // How likely a party of 1, 2, 3, .. players is: most people queue alone. At most 100 sizes,
  // weights from 0 to 1,000,000, one of them above zero.
  std::vector<int64_t> party_size_weights = {70, 18, 7, 3, 2};
  // Where players live and what they measure a latency to; none: tickets without latencies.
  std::vector<std::string> regions = {"us-east-2", "us-west-2", "eu-central-1", "ap-southeast-1",
                                      "sa-east-1"};
  // When the first ticket was made, and the average time from one ticket to the next.
  base::Timestamp first_created_at = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  std::chrono::milliseconds mean_gap{20};
};

// An endless queue of made-up tickets that look like those of a live game: ratings around a mean,
// parties, regions with the latencies their distances cause, platforms, arrival times. Ids are
// unique and count from 1: `t000001`, `p000001`, `party000001`. Not thread-safe.
class Population {
 public:
  // INVALID_ARGUMENT, naming option and value, for a region that is not known or named twice, for
  // party weights out of bounds, for deviations and gaps outside 0 to 1,000,000, and for a mean
  // outside -1,000,000,000 to 1,000,000,000.
  static absl::StatusOr<Population> Create(PopulationOptions options);

  // The next ticket, later than the one before or at the same time.
  match::Ticket Next();

 private:
  Population(PopulationOptions options, RegionMap regions);

  match::Player NextPlayer(int64_t rating);
  std::vector<match::Latency> NextLatencies();

  PopulationOptions options_;
  RegionMap regions_;
  SeededRandom random_;
  base::Timestamp now_;
  int64_t tickets_ = 0;
  int64_t players_ = 0;
  int64_t parties_ = 0;
};

}  // namespace muster::lab
