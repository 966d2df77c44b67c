#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/snapshot.h"
#include "lab/upper_bound.h"
#include "match/logic_options.h"

namespace muster::bench {

// What a tick over so many tickets should reach; 0: nothing is asked.
struct Goal {
  int64_t tickets = 0;
  double most_ms = 0;
  // Of the strategy `quality`: so many of the players, or else so many of those that the bound
  // allows.
  double matched_percent = 0;
  double of_bound_percent = 0;
  double imbalance_p95 = 0;
  // Of the strategy `oldest_first`: what the vendor's matcher reaches on the same machine.
  double oldest_first_percent = 0;
};

// A crowd of players and the game that they want to play.
struct BenchPopulation {
  std::string name;
  // `tickets` and `seed` are set by whoever makes the tickets.
  lab::SnapshotOptions crowd;
  lab::GameRules game;
  match::Profile profile = match::Profile::kCore;
  std::vector<Goal> goals;

  // The goal for so many tickets, or nullptr.
  const Goal* GoalFor(int64_t tickets) const;
};

// All populations, in the order of tables.
std::vector<BenchPopulation> Populations();

// The ruleset of the game, as the logic `alliance` reads it.
std::string RulesJson(const lab::GameRules& game, const std::string& strategy);

}  // namespace muster::bench
