#include "bench/quality/populations.h"

#include <algorithm>

#include "nlohmann/json.hpp"

namespace muster::bench {
namespace {

using lab::GameRules;
using lab::RegionLimits;
using nlohmann::json;

json Alliance(const GameRules& game) {
  json alliance = {{"min_number", game.teams},
                   {"max_number", game.teams},
                   {"player_min_number", game.team_players},
                   {"player_max_number", game.team_players}};
  if (game.roles.empty()) return alliance;
  json roles = json::array();
  for (const lab::RoleNeed& role : game.roles) {
    roles.push_back({{"name", role.name}, {"min", role.players}, {"max", role.players}});
  }
  alliance["combination"] = {{"has_combination", true}, {"alliances", json::array({roles})}};
  return alliance;
}

}  // namespace

const Goal* BenchPopulation::GoalFor(int64_t tickets) const {
  const auto found = std::ranges::find(goals, tickets, &Goal::tickets);
  return found == goals.end() ? nullptr : &*found;
}

std::vector<BenchPopulation> Populations() {
  const GameRules duel;
  const GameRules fives = {.team_players = 5};
  GameRules regional_fives = fives;
  regional_fives.regions = RegionLimits();
  GameRules role_fives = fives;
  role_fives.roles = {{"tank", 1}, {"healer", 1}, {"dps", 3}};
  return {
      {.name = "1v1",
       .game = duel,
       .goals = {{.tickets = 10'000, .matched_percent = 99.98, .oldest_first_percent = 99.5}}},
      {.name = "1v1 blocked", .crowd = {.blocked_percent = 20}, .game = duel},
      {.name = "5v5 solos",
       .game = fives,
       .goals = {{.tickets = 10'000,
                  .most_ms = 20,
                  .matched_percent = 99.9,
                  .oldest_first_percent = 95.6}}},
      {.name = "5v5 blocked", .crowd = {.blocked_percent = 20}, .game = fives},
      // Most people like to deal damage.
      {.name = "5v5 roles",
       .crowd = {.roles = {{"tank", 15}, {"healer", 15}, {"dps", 70}}},
       .game = role_fives,
       .profile = match::Profile::kHosted},
      {.name = "5v5 parties 1-3",
       .crowd = {.party_size_weights = {1, 1, 1}},
       .game = fives,
       .goals = {{.tickets = 1000, .oldest_first_percent = 93}}},
      {.name = "5v5 parties 1-5 in regions",
       .crowd = {.party_size_weights = {1, 1, 1, 1, 1}, .regions = 5},
       .game = regional_fives,
       .goals = {{.tickets = 1000,
                  .most_ms = 10,
                  .matched_percent = 97,
                  .of_bound_percent = 99,
                  .imbalance_p95 = 15,
                  .oldest_first_percent = 89},
                 {.tickets = 10'000,
                  .most_ms = 120,
                  .matched_percent = 97,
                  .of_bound_percent = 99,
                  .imbalance_p95 = 15}}},
  };
}

std::string RulesJson(const GameRules& game, const std::string& strategy) {
  json rules = {{"alliance", Alliance(game)},
                {"matching_rule", json::array({{{"attribute", game.rating_attribute},
                                                {"criteria", "distance"},
                                                {"reference", game.distance}}})},
                {"strategy", strategy}};
  if (game.regions) {
    rules["region_latency_initial_range_ms"] = game.regions->initial.count();
    rules["region_expansion_range_ms"] = game.regions->range.count();
    rules["region_expansion_rate_ms"] = game.regions->rate.count();
    rules["region_latency_max_ms"] = game.regions->max.count();
  }
  return rules.dump();
}

}  // namespace muster::bench
