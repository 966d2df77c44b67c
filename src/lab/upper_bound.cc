#include "lab/upper_bound.h"

#include <algorithm>
#include <limits>
#include <map>

#include "lab/match_quality.h"
#include "lab/party_bound.h"

namespace muster::lab {
namespace {

// Sums of differences may be off by some bits: the bound must not suffer from that.
constexpr double kRounding = 1e-6;

std::chrono::milliseconds Tolerance(const RegionLimits& limits, std::chrono::milliseconds age) {
  const int64_t steps = (age.count() + limits.rate.count() - 1) / limits.rate.count();
  return limits.initial + std::max<int64_t>(steps - 1, 0) * limits.range;
}

// Gives each region a bit.
class RegionBits {
 public:
  uint32_t Of(const match::Ticket& ticket, const RegionLimits& limits, base::Timestamp now) {
    // Who tells no latencies is turned away from no region.
    if (ticket.latencies.empty()) return std::numeric_limits<uint32_t>::max();
    const auto nearest = std::ranges::min(ticket.latencies, {}, &match::Latency::ms).ms;
    const auto age = now - ticket.created_at.value_or(base::Timestamp());
    const int64_t most = std::min(nearest + Tolerance(limits, age).count(), limits.max.count());
    uint32_t bits = 0;
    for (const match::Latency& latency : ticket.latencies) {
      if (latency.ms <= most) bits |= Bit(latency.region);
    }
    return bits;
  }

 private:
  uint32_t Bit(const std::string& region) {
    return uint32_t{1} << bits_.try_emplace(region, bits_.size()).first->second;
  }

  std::map<std::string, size_t> bits_;
};

// The roles that a player takes, a bit for each of the game's.
uint32_t RoleBits(const match::Player& player, const std::vector<RoleNeed>& roles) {
  const match::Value* value = player.attributes.Find("role");
  const match::List* names = value == nullptr ? nullptr : value->list();
  if (names == nullptr || names->empty() || std::ranges::count(*names, match::Value("any")) > 0) {
    return std::numeric_limits<uint32_t>::max();
  }
  uint32_t bits = 0;
  for (size_t i = 0; i < roles.size(); ++i) {
    if (std::ranges::count(*names, match::Value(roles[i].name)) > 0) bits |= uint32_t{1} << i;
  }
  return bits;
}

}  // namespace

std::vector<BoundTicket> BoundTickets(const std::vector<match::Ticket>& tickets,
                                      const GameRules& rules, base::Timestamp now) {
  RegionBits regions;
  std::vector<BoundTicket> result;
  result.reserve(tickets.size());
  for (const match::Ticket& ticket : tickets) {
    const auto players = static_cast<int32_t>(ticket.players.size());
    if (players == 0 || players > rules.team_players) continue;
    BoundTicket& seen = result.emplace_back();
    seen.rating = MeanRating(ticket, rules.rating_attribute);
    seen.players = players;
    if (rules.regions) seen.regions = regions.Of(ticket, *rules.regions, now);
  }
  return result;
}

int64_t SpanBound(const std::vector<BoundTicket>& tickets, int32_t group, double span) {
  std::vector<double> ratings;
  for (const BoundTicket& ticket : tickets) {
    ratings.insert(ratings.end(), ticket.players, ticket.rating);
  }
  std::ranges::sort(ratings);
  int64_t matched = 0;
  for (size_t i = 0; i + group <= ratings.size();) {
    const bool together = ratings[i + group - 1] - ratings[i] <= span + kRounding;
    if (together) matched += group;
    i += together ? group : 1;
  }
  return matched;
}

int64_t RoleBound(const std::vector<match::Ticket>& tickets, const GameRules& rules) {
  const uint32_t sets = uint32_t{1} << rules.roles.size();
  // How many players take exactly the roles of the set.
  std::vector<int64_t> players(sets, 0);
  for (const match::Ticket& ticket : tickets) {
    for (const match::Player& player : ticket.players) {
      ++players[RoleBits(player, rules.roles) & (sets - 1)];
    }
  }
  int64_t teams = std::numeric_limits<int64_t>::max() / rules.match_players();
  for (uint32_t set = 1; set < sets; ++set) {
    int64_t need = 0;
    for (size_t i = 0; i < rules.roles.size(); ++i) {
      if ((set >> i & 1) != 0) need += rules.roles[i].players;
    }
    int64_t takers = 0;
    for (uint32_t taken = 1; taken < sets; ++taken) {
      if ((taken & set) != 0) takers += players[taken];
    }
    if (need > 0) teams = std::min(teams, takers / need);
  }
  return teams / rules.teams * rules.match_players();
}

int64_t MostPlayers(const std::vector<match::Ticket>& tickets, const GameRules& rules,
                    base::Timestamp now) {
  const std::vector<BoundTicket> seen = BoundTickets(tickets, rules, now);
  const double span = rules.match_players() == 2 ? rules.distance : 2 * rules.distance;
  int64_t most = SpanBound(seen, rules.match_players(), span);
  if (!rules.roles.empty()) most = std::min(most, RoleBound(tickets, rules));
  if (rules.teams == 2 && rules.team_players == 5) {
    most = std::min(most, PartyBound(seen, span + kRounding));
  }
  return most / rules.match_players() * rules.match_players();
}

}  // namespace muster::lab
