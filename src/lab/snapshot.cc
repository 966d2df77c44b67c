#include "lab/snapshot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "lab/match_quality.h"
#include "lab/random.h"

namespace muster::lab {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);
constexpr int64_t kMaxRegions = 9;
// Among how many tickets next by rating some are blocked.
constexpr size_t kNeighbours = 10;

absl::Status CheckRange(std::string_view name, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::StrCat("snapshot: ", name, " ", value, " is not from ", min, " to ", max));
}

absl::Status CheckWeights(std::string_view name, const std::vector<int64_t>& weights) {
  const auto out_of_bounds = [](int64_t weight) { return weight < 0 || weight > kMillion; };
  const auto positive = [](int64_t weight) { return weight > 0; };
  if (std::ranges::none_of(weights, out_of_bounds) && std::ranges::any_of(weights, positive)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      base::StrCat("snapshot: weights of ", name, " `", absl::StrJoin(weights, ","),
                   "` are not numbers from 0 to ", kMillion, ", one of them above 0"));
}

std::vector<int64_t> Weights(const std::vector<RoleShare>& roles) {
  std::vector<int64_t> weights;
  weights.reserve(roles.size());
  for (const RoleShare& role : roles) weights.push_back(role.weight);
  return weights;
}

absl::Status Check(const SnapshotOptions& options) {
  MUSTER_RETURN_IF_ERROR(CheckRange("tickets", options.tickets, 0, 10 * kMillion));
  MUSTER_RETURN_IF_ERROR(
      CheckRange("age in milliseconds", options.max_age.count(), 0, kDay.count()));
  MUSTER_RETURN_IF_ERROR(CheckRange("rating mean", options.rating_mean, -kMillion, kMillion));
  MUSTER_RETURN_IF_ERROR(CheckRange("rating deviation", options.rating_deviation, 0, kMillion));
  MUSTER_RETURN_IF_ERROR(CheckRange("member deviation", options.member_deviation, 0, kMillion));
  MUSTER_RETURN_IF_ERROR(CheckRange("regions", options.regions, 0, kMaxRegions));
  MUSTER_RETURN_IF_ERROR(CheckRange("blocked percent", options.blocked_percent, 0, 100));
  MUSTER_RETURN_IF_ERROR(CheckWeights("party sizes", options.party_size_weights));
  if (options.roles.empty()) return absl::OkStatus();
  return CheckWeights("roles", Weights(options.roles));
}

class Maker {
 public:
  explicit Maker(const SnapshotOptions& options)
      : options_(options), role_weights_(Weights(options.roles)), random_(options.seed) {}

  std::vector<match::Ticket> Make() {
    std::vector<match::Ticket> tickets;
    tickets.reserve(options_.tickets);
    for (int64_t i = 1; i <= options_.tickets; ++i) tickets.push_back(MakeTicket(i));
    if (options_.blocked_percent > 0) BlockNeighbours(tickets);
    return tickets;
  }

 private:
  match::Ticket MakeTicket(int64_t number) {
    match::Ticket ticket;
    ticket.id = base::StrCat("t", number);
    ticket.created_at =
        options_.now - std::chrono::milliseconds(random_.Uniform(0, options_.max_age.count()));
    // In millionths of a point, as the generator knows whole numbers only.
    const int64_t rating =
        random_.Normal(options_.rating_mean * kMillion, options_.rating_deviation * kMillion);
    const size_t size = random_.Pick(options_.party_size_weights) + 1;
    if (size > 1) ticket.party_session_id = base::StrCat(ticket.id, "-party");
    ticket.players.reserve(size);
    for (size_t i = 1; i <= size; ++i) {
      ticket.players.push_back(MakePlayer(base::StrCat(ticket.id, "-", i), rating));
    }
    ticket.latencies = MakeLatencies();
    return ticket;
  }

  match::Player MakePlayer(std::string id, int64_t ticket_rating) {
    match::Player player;
    player.id = std::move(id);
    const int64_t rating = random_.Normal(ticket_rating, options_.member_deviation * kMillion);
    player.attributes.Set("mmr", static_cast<double>(rating) / kMillion);
    if (!options_.roles.empty()) player.attributes.Set("role", MakeRoles());
    return player;
  }

  match::List MakeRoles() {
    const size_t first = random_.Pick(role_weights_);
    match::List roles = {options_.roles[first].name};
    if (options_.roles.size() > 1 && random_.Uniform(0, 1) == 1) {
      const int64_t further = random_.Uniform(1, static_cast<int64_t>(options_.roles.size()) - 1);
      roles.emplace_back(options_.roles[(first + further) % options_.roles.size()].name);
    }
    return roles;
  }

  std::vector<match::Latency> MakeLatencies() {
    std::vector<match::Latency> latencies;
    if (options_.regions == 0) return latencies;
    const int64_t home = random_.Uniform(1, options_.regions);
    const int64_t home_ms = random_.Uniform(20, 50);
    for (int64_t region = 1; region <= options_.regions; ++region) {
      const int64_t further_ms = region == home ? 0 : random_.Uniform(60, 210);
      latencies.push_back({base::StrCat("region-", region), home_ms + further_ms});
    }
    return latencies;
  }

  void BlockNeighbours(std::vector<match::Ticket>& tickets) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < tickets.size(); ++i)
      order.emplace_back(MeanRating(tickets[i], "mmr"), i);
    std::ranges::sort(order);
    for (size_t low = 0; low < order.size(); ++low) {
      match::List blocked;
      for (size_t high = low + 1; high < order.size() && high <= low + kNeighbours; ++high) {
        if (random_.Uniform(1, 100) > options_.blocked_percent) continue;
        for (const match::Player& player : tickets[order[high].second].players) {
          blocked.emplace_back(player.id);
        }
      }
      if (blocked.empty()) continue;
      tickets[order[low].second].attributes.Set("blocked_players", std::move(blocked));
    }
  }

  const SnapshotOptions& options_;
  const std::vector<int64_t> role_weights_;
  SeededRandom random_;
};

}  // namespace

absl::StatusOr<std::vector<match::Ticket>> MakeSnapshot(const SnapshotOptions& options) {
  MUSTER_RETURN_IF_ERROR(Check(options));
  return Maker(options).Make();
}

}  // namespace muster::lab
