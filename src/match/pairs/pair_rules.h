#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_registry.h"

namespace muster::match::pairs {

// How many teams and how many players a team. Every number is at least 1, and no maximum is below
// its minimum.
struct Alliance {
  int64_t min_teams = 1;
  int64_t max_teams = 1;
  int64_t min_players = 1;
  int64_t max_players = 1;
};

// The rules of the logic `pairs`, ready for use. Sizes are counted in tickets.
struct PairRules {
  // 1 <= min_tickets <= max_tickets <= LogicOptions::max_stream_tickets.
  int64_t min_tickets = 2;
  int64_t max_tickets = 2;
  bool auto_backfill = false;
  // Present when the ruleset has an alliance with at least one number above 0. `max_teams` then
  // holds the ship count too.
  std::optional<Alliance> alliance;
};

// Reads `{"shipCountMin","shipCountMax","auto_backfill","alliance":{"min_number","max_number",
// "player_min_number","player_max_number"}}`; every key may be missing, others are ignored.
//
// Without an alliance a match has max(2, shipCountMin) to max(2, shipCountMax) tickets; with one,
// min_number x player_min_number x shipCountMin to max_number x player_max_number x shipCountMax,
// where a missing ship count is 1. A missing or zero maximum equals its minimum, and a zero minimum
// counts as 1.
//
// INVALID_ARGUMENT, naming key and value, for what ParseRulesJson refuses, wrong types, negative
// numbers, a minimum above its maximum, and sizes above the limit of tickets a stream.
absl::StatusOr<PairRules> ParsePairRules(std::string_view rules_json, const LogicOptions& options);

}  // namespace muster::match::pairs
