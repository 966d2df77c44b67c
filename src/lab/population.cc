#include "lab/population.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::lab {
namespace {

constexpr int64_t kMaxSpread = 1'000'000;
constexpr int64_t kMaxMean = 1'000'000'000;
constexpr size_t kMaxPartySize = 100;

struct Platform {
  const char* name;
  int64_t weight;
};
constexpr Platform kPlatforms[] = {{"pc", 55}, {"playstation", 25}, {"xbox", 20}};

std::vector<int64_t> PlatformWeights() {
  std::vector<int64_t> weights;
  for (const Platform& platform : kPlatforms) weights.push_back(platform.weight);
  return weights;
}

absl::Status CheckRange(std::string_view name, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::StrCat(name, " ", value, " is not from ", min, " to ", max));
}

absl::Status CheckPartySizes(const std::vector<int64_t>& weights) {
  const bool bounded = std::all_of(weights.begin(), weights.end(), [](int64_t weight) {
    return weight >= 0 && weight <= kMaxSpread;
  });
  const bool any = std::any_of(weights.begin(), weights.end(), [](int64_t w) { return w > 0; });
  if (bounded && any && weights.size() <= kMaxPartySize) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::StrCat("party size weights `", absl::StrJoin(weights, ","), "` are not 1 to ",
                   kMaxPartySize, " numbers from 0 to ", kMaxSpread, ", one of them above 0"));
}

std::string Id(std::string_view prefix, std::string_view kind, int64_t number) {
  return base::StrCat(prefix, kind, absl::StrFormat("%06d", number));
}

}  // namespace

absl::StatusOr<Population> Population::Create(PopulationOptions options) {
  MUSTER_RETURN_IF_ERROR(CheckRange("rating mean", options.rating_mean, -kMaxMean, kMaxMean));
  MUSTER_RETURN_IF_ERROR(CheckRange("rating deviation", options.rating_deviation, 0, kMaxSpread));
  MUSTER_RETURN_IF_ERROR(
      CheckRange("party rating deviation", options.party_rating_deviation, 0, kMaxSpread));
  MUSTER_RETURN_IF_ERROR(
      CheckRange("mean gap in milliseconds", options.mean_gap.count(), 0, kMaxSpread));
  MUSTER_RETURN_IF_ERROR(CheckPartySizes(options.party_size_weights));
  MUSTER_ASSIGN_OR_RETURN(RegionMap regions, RegionMap::Of(options.regions));
  return Population(std::move(options), std::move(regions));
}

Population::Population(PopulationOptions options, RegionMap regions)
    : options_(std::move(options)),
      regions_(std::move(regions)),
      random_(options_.seed),
      now_(options_.first_created_at) {}

match::Ticket Population::Next() {
  match::Ticket ticket;
  ticket.id = Id(options_.id_prefix, "t", ++tickets_);
  ticket.match_pool = options_.match_pool;
  ticket.name_space = options_.name_space;
  ticket.created_at = now_;
  now_ += std::chrono::milliseconds(random_.Uniform(0, 2 * options_.mean_gap.count()));

  const size_t size = random_.Pick(options_.party_size_weights) + 1;
  const int64_t rating = random_.Normal(options_.rating_mean, options_.rating_deviation);
  if (size == 1) {
    ticket.players.push_back(NextPlayer(rating));
  } else {
    ticket.party_session_id = Id(options_.id_prefix, "party", ++parties_);
    for (size_t i = 0; i < size; ++i) {
      ticket.players.push_back(NextPlayer(random_.Normal(rating, options_.party_rating_deviation)));
    }
  }
  ticket.latencies = NextLatencies();
  return ticket;
}

match::Player Population::NextPlayer(int64_t rating) {
  static const std::vector<int64_t> platform_weights = PlatformWeights();
  match::Player player;
  player.id = Id(options_.id_prefix, "p", ++players_);
  player.attributes.Set(options_.rating_attribute, static_cast<double>(rating));
  player.attributes.Set("platform", kPlatforms[random_.Pick(platform_weights)].name);
  return player;
}

std::vector<match::Latency> Population::NextLatencies() {
  std::vector<match::Latency> latencies;
  if (regions_.size() == 0) return latencies;
  const size_t home = random_.Pick(regions_.PlayerWeights());
  // The way from the player's home to the network: one in ten has a poor one.
  const bool poor_line = random_.Uniform(1, 10) == 1;
  const int64_t last_mile_ms = poor_line ? random_.Uniform(60, 140) : random_.Uniform(8, 40);
  for (size_t region = 0; region < regions_.size(); ++region) {
    const int64_t jitter_ms = random_.Uniform(0, 9);
    latencies.push_back({std::string(regions_.Name(region)),
                         last_mile_ms + regions_.RoundTripMs(home, region) + jitter_ms});
  }
  return latencies;
}

}  // namespace muster::lab
