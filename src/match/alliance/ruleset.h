#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/logic_options.h"

// The ruleset of the logic `alliance`: the JSON language of AccelByte's default matchmaker as plain
// values. docs/rules.md teaches it.
namespace muster::match::alliance {

// How many players of a team play a role.
struct Role {
  std::string name;
  int32_t min = 0;
  int32_t max = 0;
};

// The roles of each team: none (no roles), one list for every team, or one list for each team in
// order.
struct Combination {
  std::vector<std::vector<Role>> teams;
  // Once a ticket is older than `flexing_second`, up to `flexing_players` players of a team take
  // any role. Seconds.
  bool flexing = false;
  int64_t flexing_second = 0;
  int32_t flexing_players = 0;

  bool active() const { return !teams.empty(); }
  // The roles of a team; needs active().
  const std::vector<Role>& TeamRoles(size_t team) const {
    return teams.size() == 1 ? teams.front() : teams.at(team);
  }
};

// How many teams, and how many players a team: 1 <= min <= max for both.
struct AllianceRule {
  int32_t min_teams = 1;
  int32_t max_teams = 1;
  int32_t min_players = 1;
  int32_t max_players = 1;
  Combination combination;
};

enum class Criteria { kDistance, kAverage, kSmaller, kGreater };

// Compares an attribute of players, averaged over a ticket. Only kDistance has an effect.
struct MatchingRule {
  std::string attribute;
  Criteria criteria = Criteria::kDistance;
  // Largest difference.
  double reference = 0;
  // What a difference is divided by when candidates are ordered; 0: it counts as it is, unweighted.
  // Unless given, the largest reference of the attribute's distance rules (quirk Q31).
  double normalization_max = 0;
  double weight = 1;
  std::optional<bool> for_balancing;
};

// From `duration_s` seconds of waiting on, takes the place of a matching rule's reference and
// criteria.
struct FlexingRule {
  int64_t duration_s = 0;
  std::string attribute;
  Criteria criteria = Criteria::kDistance;
  double reference = 0;
};

// As FlexingRule, for the alliance.
struct AllianceFlexingRule {
  int64_t duration_s = 0;
  AllianceRule alliance;
};

enum class OptionType { kAll, kAny, kUnique, kDisable };

// Compares an attribute of tickets that lists what the players want.
struct MatchOption {
  std::string name;
  OptionType type = OptionType::kAny;
};

enum class BlockedPlayers { kCannotMatch, kCanMatchOnDifferentTeam, kCanMatch };

// Which regions a ticket accepts, in milliseconds; more of them as it waits.
struct RegionRule {
  int64_t expansion_rate_ms = 5000;
  int64_t expansion_range_ms = 50;
  int64_t initial_range_ms = 0;
  // 0: no cap.
  int64_t max_ms = 0;
  // 0: never.
  int64_t disable_bidirectional_after_ms = 0;
  double weight = 1;
};

// A way to play with teams of its own.
struct SubGameMode {
  std::string name;
  AllianceRule alliance;
  std::vector<AllianceFlexingRule> flexing;
};

enum class SubGameModeSelection { kTicketOrder, kRandom };

// Platforms that count as one, under a name of their own.
struct PlatformGroup {
  std::string name;
  std::vector<std::string> platforms;
};

// A ruleset that was checked: all numbers are in range, defaults are filled in, and what the
// profile leaves out is empty or off.
struct Ruleset {
  AllianceRule alliance;
  std::vector<AllianceFlexingRule> alliance_flexing;
  std::vector<MatchingRule> matching;
  std::vector<FlexingRule> flexing;
  // Each name once. Empty with `has_options` unset means that the ruleset has none.
  std::vector<MatchOption> options;
  // Whether `match_options.options` was given, even as an empty list.
  bool has_options = false;
  bool ignore_plain_attributes = false;  // match_options_referred_for_backfill
  bool auto_backfill = false;
  BlockedPlayers blocked_players = BlockedPlayers::kCannotMatch;
  RegionRule regions;
  bool rebalance = false;
  // 1 or 2.
  int rebalance_version = 2;
  Profile profile = Profile::kCore;
  // By name.
  std::vector<SubGameMode> sub_game_modes;
  SubGameModeSelection sub_game_mode_selection = SubGameModeSelection::kTicketOrder;
  // By name. A platform may stand in several.
  std::vector<PlatformGroup> platform_groups;
  Strategy strategy = Strategy::kOldestFirst;
  // Sentences about keys that were given and have no effect; see MatchLogic::Remarks.
  std::vector<std::string> remarks;

  // The largest party that fits into a team, at whatever age.
  int32_t LargestTeam() const;
  // Names of player attributes that the rules read: those of matching rules, then of flexing rules,
  // each once.
  std::vector<std::string> StatCodes() const;
};

}  // namespace muster::match::alliance
