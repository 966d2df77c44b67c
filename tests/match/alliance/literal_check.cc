#include "tests/match/alliance/literal_check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "match/alliance/traits.h"
#include "tests/match/alliance/literal_roles.h"

namespace muster::match::alliance {
namespace {

bool Contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool Includes(const List& outer, const List& inner) {
  return std::all_of(inner.begin(), inner.end(),
                     [&](const Value& v) { return Contains(outer, v); });
}

bool Meet(const List& a, const List& b) {
  return std::any_of(a.begin(), a.end(), [&](const Value& v) { return Contains(b, v); });
}

bool IsNested(const Value& value) { return value.list() != nullptr || value.object() != nullptr; }

bool MeetAsText(const List& a, const List& b) {
  return std::any_of(a.begin(), a.end(), [&](const Value& left) {
    return std::any_of(b.begin(), b.end(), [&](const Value& right) {
      const bool texts = !IsNested(left) && !IsNested(right);
      return left == right || (texts && OptionText(left) == OptionText(right));
    });
  });
}

bool IsBlank(const Value* value) {
  return value == nullptr || value->is_null() || *value == Value("");
}

Value ValueOrNull(const Ticket& ticket, const std::string& name) {
  const Value* const value = ticket.attributes.Find(name);
  return value == nullptr ? Value() : *value;
}

bool HasRegion(const std::vector<Latency>& latencies, const std::string& region) {
  return std::any_of(latencies.begin(), latencies.end(),
                     [&](const Latency& each) { return each.region == region; });
}

}  // namespace

LiteralCheck::LiteralCheck(const Ruleset& rules, const LogicOptions& options,
                           const std::vector<Ticket>& tickets, base::Timestamp now)
    : rules_(rules), options_(options), tickets_(tickets), now_(now) {}

int64_t LiteralCheck::Age(size_t ticket) const {
  return (now_ - tickets_[ticket].created_at.value_or(base::Timestamp())).count();
}

bool LiteralCheck::Precedes(size_t a, size_t b) const {
  const int32_t mine = tickets_[a].priority;
  const int32_t theirs = tickets_[b].priority;
  if (mine != theirs) return mine > theirs;
  return Age(a) != Age(b) ? Age(a) > Age(b) : a < b;
}

size_t LiteralCheck::OldestOf(const LiteralMatch& match) const {
  std::optional<size_t> oldest;
  for (const Places& team : match.teams) {
    for (const size_t ticket : team) {
      if (!oldest || Precedes(ticket, *oldest)) oldest = ticket;
    }
  }
  return oldest.value();
}

std::string LiteralCheck::Problem(const LiteralMatch& match) const {
  Places tickets;
  for (const Places& team : match.teams) tickets.insert(tickets.end(), team.begin(), team.end());
  if (tickets.empty()) return "L1";
  const size_t oldest = OldestOf(match);
  const AllianceRule& alliance = ActiveAlliance(oldest, match.mode);
  for (const size_t ticket : tickets) {
    const size_t players = tickets_[ticket].players.size();
    if (players == 0 || players > static_cast<size_t>(alliance.max_players)) return "L8";
    if (!AcceptsMode(ticket, match.mode)) return "mode";
  }
  if (!TeamsAreLegal(match, alliance)) return "L1";
  if (!UsersAreDistinct(tickets)) return "L2";
  if (!DistancesAreLegal(oldest, tickets)) return "L3";
  if (!RegionIsLegal(oldest, tickets, match.region)) return "L4";
  if (!PlainIsLegal(oldest, tickets)) return "L5";
  for (const MatchOption& option : rules_.options) {
    if (!OptionIsLegal(option, oldest, tickets)) return "L6 " + option.name;
  }
  if (!PlatformsAreLegal(oldest, tickets)) return "L6 platforms";
  return BlocksAreLegal(match, tickets) ? "" : "L7";
}

const AllianceRule& LiteralCheck::ActiveAlliance(size_t oldest, const std::string& mode) const {
  const AllianceRule* active = &rules_.alliance;
  const std::vector<AllianceFlexingRule>* flexing = &rules_.alliance_flexing;
  for (const SubGameMode& each : rules_.sub_game_modes) {
    if (each.name != mode) continue;
    active = &each.alliance;
    flexing = &each.flexing;
  }
  int64_t longest = -1;
  for (const AllianceFlexingRule& rule : *flexing) {
    if (Age(oldest) <= rule.duration_s * 1000 || rule.duration_s < longest) continue;
    longest = rule.duration_s;
    active = &rule.alliance;
  }
  return *active;
}

bool LiteralCheck::TeamsAreLegal(const LiteralMatch& match, const AllianceRule& alliance) const {
  const auto teams = static_cast<int32_t>(match.teams.size());
  if (teams < alliance.min_teams || teams > alliance.max_teams) return false;
  for (size_t i = 0; i < match.teams.size(); ++i) {
    int32_t players = 0;
    for (const size_t ticket : match.teams[i]) {
      players += static_cast<int32_t>(tickets_[ticket].players.size());
    }
    if (players < alliance.min_players || players > alliance.max_players) return false;
    const Combination& combination = alliance.combination;
    if (combination.active() &&
        !RolesAreLegal(combination.TeamRoles(i), combination, match.teams[i])) {
      return false;
    }
  }
  return true;
}

bool LiteralCheck::RolesAreLegal(const std::vector<Role>& roles, const Combination& combination,
                                 Places team) const {
  std::sort(team.begin(), team.end(), [this](size_t a, size_t b) { return Precedes(a, b); });
  std::vector<std::vector<std::string>> wishes;
  int32_t flexed = combination.flexing ? combination.flexing_players : 0;
  for (const size_t ticket : team) {
    for (const Player& player : tickets_[ticket].players) {
      const bool any = flexed > 0 && Age(ticket) > combination.flexing_second * 1000;
      if (any) --flexed;
      wishes.push_back(any ? std::vector<std::string>() : RolesOf(player));
    }
  }
  return CanAssignRoles(roles, wishes);
}

bool LiteralCheck::UsersAreDistinct(const Places& tickets) const {
  std::set<std::string> users;
  for (const size_t ticket : tickets) {
    for (const Player& player : tickets_[ticket].players) {
      if (!users.insert(player.id).second) return false;
    }
  }
  return true;
}

std::optional<double> LiteralCheck::Reference(size_t rule, size_t ticket) const {
  const MatchingRule& base = rules_.matching[rule];
  Criteria criteria = base.criteria;
  double reference = base.reference;
  const auto first = std::find_if(rules_.matching.begin(), rules_.matching.end(),
                                  [&](const auto& r) { return r.attribute == base.attribute; });
  int64_t longest = -1;
  for (const FlexingRule& flexing : rules_.flexing) {
    if (&*first != &base || flexing.attribute != base.attribute) continue;
    if (Age(ticket) <= flexing.duration_s * 1000 || flexing.duration_s < longest) continue;
    longest = flexing.duration_s;
    criteria = flexing.criteria;
    reference = flexing.reference;
  }
  if (criteria != Criteria::kDistance) return std::nullopt;
  return reference;
}

double LiteralCheck::Mean(size_t ticket, const std::string& attribute) const {
  double sum = 0;
  for (const Player& player : tickets_[ticket].players) {
    const Value* const value = player.attributes.Find(attribute);
    if (value != nullptr && value->number() != nullptr) sum += *value->number();
  }
  return sum / static_cast<double>(tickets_[ticket].players.size());
}

bool LiteralCheck::DistancesAreLegal(size_t oldest, const Places& tickets) const {
  for (size_t rule = 0; rule < rules_.matching.size(); ++rule) {
    const std::optional<double> mine = Reference(rule, oldest);
    if (!mine) continue;
    const std::string& attribute = rules_.matching[rule].attribute;
    for (const size_t ticket : tickets) {
      const double distance = std::abs(Mean(ticket, attribute) - Mean(oldest, attribute));
      const std::optional<double> theirs = Reference(rule, ticket);
      if (distance > *mine || (theirs && distance > *theirs)) return false;
    }
  }
  return true;
}

std::vector<Latency> LiteralCheck::Accepted(size_t ticket) const {
  const std::vector<Latency>& all = tickets_[ticket].latencies;
  if (all.empty()) return {};
  int64_t best = all.front().ms;
  for (const Latency& each : all) best = std::min(best, each.ms);
  const RegionRule& rule = rules_.regions;
  const int64_t step = (Age(ticket) + rule.expansion_rate_ms - 1) / rule.expansion_rate_ms;
  const int64_t expansions = std::max<int64_t>(step - 1, 0);
  const int64_t limit = best + rule.initial_range_ms + expansions * rule.expansion_range_ms;
  std::vector<Latency> accepted;
  for (const Latency& each : all) {
    if (each.ms <= limit && (rule.max_ms == 0 || each.ms <= rule.max_ms)) accepted.push_back(each);
  }
  return accepted;
}

bool LiteralCheck::RegionIsLegal(size_t oldest, const Places& tickets,
                                 const std::string& region) const {
  const bool nowhere = tickets_[oldest].latencies.empty();
  if (nowhere != region.empty()) return false;
  if (!nowhere && !HasRegion(Accepted(oldest), region)) return false;
  const int64_t patience = rules_.regions.disable_bidirectional_after_ms;
  for (const size_t ticket : tickets) {
    if (ticket == oldest || tickets_[ticket].latencies.empty()) continue;
    const bool one_sided = patience > 0 && Age(oldest) > patience;
    const auto regions = one_sided ? tickets_[ticket].latencies : Accepted(ticket);
    // A ticket that accepts no region waits.
    if (regions.empty() || (!nowhere && !HasRegion(regions, region))) return false;
  }
  return true;
}

bool LiteralCheck::IsPlain(const std::string& name) const {
  static const std::set<std::string> special = {
      "member_attributes", "match_attempt",   "latencies", "sub_game_mode",
      "server_name",       "client_version",  "role",      "blocked_players_detail",
      "blocked_players",   "new_session_only"};
  if (special.contains(name) || rules_.ignore_plain_attributes) return false;
  for (const MatchOption& option : rules_.options) {
    if (option.name == name) return false;
  }
  if (name == "cross_platform") {
    return !rules_.options.empty() || (rules_.has_options && options_.empty_options_count);
  }
  return name != "current_platform" || rules_.profile != Profile::kHosted;
}

bool LiteralCheck::PlainAgree(const Ticket& a, const Ticket& b) const {
  for (const char* const name : {"server_name", "client_version"}) {
    const Value* const left = a.attributes.Find(name);
    const Value* const right = b.attributes.Find(name);
    if (IsBlank(left) != IsBlank(right) || (!IsBlank(left) && !(*left == *right))) return false;
  }
  for (const auto& [name, value] : a.attributes) {
    const Value* const other = b.attributes.Find(name);
    if (!IsPlain(name) || other == nullptr || value == Value("") || *other == Value("")) continue;
    if (!(value == *other)) return false;
  }
  return true;
}

bool LiteralCheck::PlainIsLegal(size_t oldest, const Places& tickets) const {
  for (const size_t ticket : tickets) {
    for (const auto& [name, value] : tickets_[oldest].attributes) {
      if (!IsPlain(name) || value == Value("")) continue;
      if (!(ValueOrNull(tickets_[ticket], name) == value)) return false;
    }
    for (const size_t other : tickets) {
      if (!PlainAgree(tickets_[ticket], tickets_[other])) return false;
    }
  }
  return true;
}

// The values of an option, each once; platform groups are spelled out.
List LiteralCheck::ValuesOf(const Ticket& ticket, const std::string& name) const {
  const Value* const value = ticket.attributes.Find(name);
  if (value == nullptr) return {};
  List listed = value->list() == nullptr ? List{*value} : *value->list();
  const bool platforms = name == "current_platform" || name == "cross_platform";
  List values;
  for (const Value& each : listed) {
    List spelled = {each};
    for (const PlatformGroup& group : rules_.platform_groups) {
      if (!platforms || !(each == Value(group.name))) continue;
      spelled.assign(group.platforms.begin(), group.platforms.end());
    }
    for (const Value& one : spelled) {
      if (!Contains(values, one)) values.push_back(one);
    }
  }
  return values;
}

bool LiteralCheck::OptionIsLegal(const MatchOption& option, size_t oldest,
                                 const Places& tickets) const {
  if (option.type == OptionType::kDisable) return true;
  const bool carried = tickets_[oldest].attributes.Find(option.name) != nullptr;
  List common = ValuesOf(tickets_[oldest], option.name);
  for (const size_t ticket : tickets) {
    const bool theirs = tickets_[ticket].attributes.Find(option.name) != nullptr;
    if (carried && !theirs) return false;
    if (!carried && theirs && option.type != OptionType::kUnique) return false;
    const List values = ValuesOf(tickets_[ticket], option.name);
    for (const size_t other : tickets) {
      const List others = ValuesOf(tickets_[other], option.name);
      const bool all = option.type == OptionType::kAll;
      if (all && !(Includes(values, others) && Includes(others, values))) return false;
      const bool unique = option.type == OptionType::kUnique && other != ticket;
      if (unique && MeetAsText(values, others)) return false;
    }
    if (option.type != OptionType::kAny || !carried) continue;
    if (ticket != oldest && !Meet(ValuesOf(tickets_[oldest], option.name), values)) return false;
    std::erase_if(common, [&](const Value& value) { return !Contains(values, value); });
  }
  const bool shares = option.type == OptionType::kAny && carried && options_.any_options_all_common;
  return !shares || !common.empty();
}

bool LiteralCheck::SaysWhere(const Ticket& ticket) const {
  return ticket.attributes.Find("cross_platform") != nullptr &&
         !ValuesOf(ticket, "current_platform").empty();
}

// Whether each may play where the other is.
bool LiteralCheck::PlatformsFit(const Ticket& a, const Ticket& b) const {
  return !ValuesOf(b, "current_platform").empty() &&
         Includes(ValuesOf(b, "cross_platform"), ValuesOf(a, "current_platform")) &&
         Includes(ValuesOf(a, "cross_platform"), ValuesOf(b, "current_platform"));
}

bool LiteralCheck::PlatformsAreLegal(size_t oldest, const Places& tickets) const {
  const bool decides =
      std::any_of(rules_.options.begin(), rules_.options.end(), [](const MatchOption& option) {
        return option.name == "cross_platform" && option.type == OptionType::kAny;
      });
  if (!decides) return true;
  for (const size_t a : tickets) {
    for (const size_t b : tickets) {
      if (a == b) continue;
      // With all values in common the wishes of each count, not only those of the oldest.
      const bool counts =
          a == oldest || (options_.any_options_all_common && SaysWhere(tickets_[b]));
      if (counts && SaysWhere(tickets_[a]) && !PlatformsFit(tickets_[a], tickets_[b])) return false;
    }
  }
  return true;
}

bool LiteralCheck::AcceptsMode(size_t ticket, const std::string& mode) const {
  if (rules_.sub_game_modes.empty()) return mode.empty();
  const List named = ValuesOf(tickets_[ticket], "sub_game_mode");
  return !mode.empty() && (named.empty() || Contains(named, Value(mode)));
}

bool LiteralCheck::Names(size_t blocker, size_t blocked) const {
  const List listed = ValuesOf(tickets_[blocker], "blocked_players");
  const std::vector<Player>& players = tickets_[blocked].players;
  return std::any_of(players.begin(), players.end(),
                     [&](const Player& player) { return Contains(listed, Value(player.id)); });
}

bool LiteralCheck::BlocksAreLegal(const LiteralMatch& match, const Places& tickets) const {
  const auto peaceful = [this](const Places& places) {
    for (const size_t a : places) {
      for (const size_t b : places) {
        if (Names(a, b)) return false;
      }
    }
    return true;
  };
  switch (rules_.blocked_players) {
    case BlockedPlayers::kCanMatch:
      return true;
    case BlockedPlayers::kCannotMatch:
      return peaceful(tickets);
    case BlockedPlayers::kCanMatchOnDifferentTeam:
      return std::all_of(match.teams.begin(), match.teams.end(), peaceful);
  }
  return false;
}

}  // namespace muster::match::alliance
