#include "match/pairs/pair_rules.h"

#include <algorithm>
#include <string>

#include "base/status_macros.h"
#include "base/strings.h"
#include "match/rules_json.h"

namespace muster::match::pairs {
namespace {

// A minimum and a maximum as they stand in the rules; 0 is "not given".
struct Range {
  int64_t min = 0;
  int64_t max = 0;

  bool given() const { return min != 0 || max != 0; }
};

absl::StatusOr<Range> ReadRange(const RulesReader& reader, std::string_view min_key,
                                std::string_view max_key) {
  Range range;
  MUSTER_ASSIGN_OR_RETURN(range.min, reader.Count(min_key));
  MUSTER_ASSIGN_OR_RETURN(range.max, reader.Count(max_key));
  if (range.max != 0 && range.max < range.min) {
    return absl::InvalidArgumentError(base::StrCat("rules: ", reader.Name(max_key), " ", range.max,
                                                   " is below ", min_key, " ", range.min));
  }
  if (range.max == 0) range.max = range.min;
  return range;
}

Range AtLeast(int64_t floor, const Range& range) {
  return {std::max(floor, range.min), std::max(floor, range.max)};
}

// The product, or `limit` + 1 when it is above `limit`. All factors are at least 1.
int64_t CappedProduct(int64_t a, int64_t b, int64_t limit) {
  return a > limit / b ? limit + 1 : a * b;
}

absl::StatusOr<std::optional<Alliance>> ReadAlliance(const RulesReader& top) {
  MUSTER_ASSIGN_OR_RETURN(const RulesReader reader, top.Child("alliance"));
  MUSTER_ASSIGN_OR_RETURN(const Range teams, ReadRange(reader, "min_number", "max_number"));
  MUSTER_ASSIGN_OR_RETURN(const Range players,
                          ReadRange(reader, "player_min_number", "player_max_number"));
  if (!teams.given() && !players.given()) return std::optional<Alliance>();
  const Range used_teams = AtLeast(1, teams);
  const Range used_players = AtLeast(1, players);
  return Alliance{used_teams.min, used_teams.max, used_players.min, used_players.max};
}

// The size of a match in tickets; past `limit` it is limit + 1.
Range MatchSize(const Range& ships, const std::optional<Alliance>& alliance, int64_t limit) {
  if (!alliance) return AtLeast(2, ships);
  const Range factor = AtLeast(1, ships);
  const int64_t min_players = CappedProduct(alliance->min_teams, alliance->min_players, limit);
  const int64_t max_players = CappedProduct(alliance->max_teams, alliance->max_players, limit);
  return {CappedProduct(min_players, factor.min, limit),
          CappedProduct(max_players, factor.max, limit)};
}

// What the largest match is the product of, for messages.
std::string Factors(const Range& ships, const std::optional<Alliance>& alliance) {
  std::string ship_count = base::StrCat("shipCountMax ", AtLeast(1, ships).max);
  if (!alliance) return ship_count;
  return base::StrCat("alliance.max_number ", alliance->max_teams, " x player_max_number ",
                      alliance->max_players, " x ", ship_count);
}

}  // namespace

absl::StatusOr<PairRules> ParsePairRules(std::string_view rules_json, const LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(const nlohmann::json json, ParseRulesJson(rules_json, options));
  const RulesReader reader(json, "");
  PairRules rules;
  MUSTER_ASSIGN_OR_RETURN(rules.auto_backfill, reader.Bool("auto_backfill"));
  MUSTER_ASSIGN_OR_RETURN(const Range ships, ReadRange(reader, "shipCountMin", "shipCountMax"));
  MUSTER_ASSIGN_OR_RETURN(rules.alliance, ReadAlliance(reader));
  const int64_t limit = options.max_stream_tickets;
  const Range size = MatchSize(ships, rules.alliance, limit);
  if (size.max > limit) {
    return absl::InvalidArgumentError(
        base::StrCat("rules: a match of ", Factors(ships, rules.alliance), " is larger than the ",
                     limit, " tickets that a stream may carry"));
  }
  rules.min_tickets = size.min;
  rules.max_tickets = size.max;
  if (rules.alliance) rules.alliance->max_teams *= AtLeast(1, ships).max;
  return rules;
}

}  // namespace muster::match::pairs
