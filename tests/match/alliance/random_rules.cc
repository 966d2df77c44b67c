#include "tests/match/alliance/random_rules.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/strings.h"

namespace muster::match::alliance {
namespace {

using base::StrCat;
using nlohmann::json;
using std::chrono::milliseconds;

// Not on a whole second, lest times cut to seconds go unnoticed.
constexpr base::Timestamp kNow{milliseconds(1'700'000'000'500)};

const std::vector<std::string>& Attributes() {
  static const std::vector<std::string> names = {"mmr", "skill", "rank"};
  return names;
}

const std::vector<std::string>& Words() {
  static const std::vector<std::string> words = {"a", "b", "c"};
  return words;
}

const std::vector<std::string>& Platforms() {
  static const std::vector<std::string> names = {"steam", "psn", "xbox"};
  return names;
}

const std::vector<std::string>& RoleNames() {
  static const std::vector<std::string> names = {"tank", "healer", "dps"};
  return names;
}

json MakeRoles(Dice* dice, int min_players, int max_players) {
  json roles = json::array();
  int min_left = max_players;
  int max_sum = 0;
  const int count = dice->Number(1, 3);
  for (int i = 0; i < count; ++i) {
    const int max = dice->Number(1, max_players);
    const int min = dice->Number(0, std::min({max, min_left, 2}));
    min_left -= min;
    max_sum += max;
    roles.push_back({{"name", RoleNames()[static_cast<size_t>(i)]}, {"min", min}, {"max", max}});
  }
  if (max_sum < min_players) roles[0]["max"] = max_players;
  return roles;
}

json MakeAlliance(Dice* dice, bool roles) {
  const int min_teams = dice->Chance(60) ? 2 : dice->Number(1, 3);
  const int max_teams = dice->Chance(60) ? min_teams : dice->Number(min_teams, 4);
  const int min_players = dice->Number(1, 3);
  const int max_players = dice->Chance(40) ? min_players : dice->Number(min_players, 5);
  json alliance = {{"min_number", min_teams},
                   {"max_number", max_teams},
                   {"player_min_number", min_players},
                   {"player_max_number", max_players}};
  if (!roles) return alliance;
  json lists = json::array();
  const int count = dice->Chance(60) ? 1 : max_teams;
  for (int i = 0; i < count; ++i) lists.push_back(MakeRoles(dice, min_players, max_players));
  alliance["combination"] = {{"has_combination", true}, {"alliances", lists}};
  if (dice->Chance(30)) {
    alliance["combination"]["role_flexing_enable"] = true;
    alliance["combination"]["role_flexing_second"] = dice->Number(0, 10);
    alliance["combination"]["role_flexing_player"] = dice->Number(0, 3);
  }
  return alliance;
}

json MakeAllianceFlexing(Dice* dice, bool roles) {
  json rules = json::array();
  const int count = dice->Number(1, 2);
  for (int i = 0; i < count; ++i) {
    json rule = MakeAlliance(dice, roles);
    rule["duration"] = dice->Number(0, 4) * 5;
    rules.push_back(rule);
  }
  return rules;
}

json MakeMatchingRule(Dice* dice) {
  json rule = {{"attribute", dice->Pick(Attributes())},
               {"criteria", dice->Chance(85) ? "distance" : "average"},
               {"reference", dice->Pick(std::vector<int>{0, 20, 50, 100, 100, 300, 1000})}};
  if (dice->Chance(30)) rule["normalizationMax"] = dice->Pick(std::vector<int>{100, 1000, 3000});
  if (dice->Chance(50)) rule["weight"] = dice->Pick(std::vector<double>{0, 0.3, 1, 2, 7});
  if (dice->Chance(30)) rule["isForBalancing"] = dice->Chance(70);
  return rule;
}

void AddRatings(Dice* dice, json* rules) {
  const int count = dice->Number(0, 3);
  for (int i = 0; i < count; ++i) (*rules)["matching_rule"].push_back(MakeMatchingRule(dice));
  if (count == 0 || dice->Chance(50)) return;
  const int flexing = dice->Number(1, 3);
  for (int i = 0; i < flexing; ++i) {
    (*rules)["flexing_rule"].push_back(
        {{"attribute", dice->Pick(Attributes())},
         {"criteria", dice->Chance(80) ? "distance" : "average"},
         {"reference", dice->Pick(std::vector<int>{0, 50, 200, 500})},
         {"duration", dice->Number(0, 4) * 5}});
  }
}

void AddRegions(Dice* dice, json* rules) {
  if (dice->Chance(70))
    (*rules)["region_expansion_rate_ms"] = dice->Pick(std::vector{0, 1000, 5000});
  if (dice->Chance(70)) (*rules)["region_expansion_range_ms"] = dice->Pick(std::vector{0, 20, 50});
  if (dice->Chance(50)) {
    (*rules)["region_latency_max_ms"] = dice->Pick(std::vector{100, 150, 250});
    if (dice->Chance(50)) {
      (*rules)["region_latency_initial_range_ms"] = dice->Pick(std::vector{10, 50, 100});
    }
  }
  if (dice->Chance(30)) {
    (*rules)["disable_bidirectional_latency_after_ms"] = dice->Pick(std::vector{1, 4000, 10000});
  }
  if (dice->Chance(40)) {
    (*rules)["region_latency_rule_weight"] = dice->Pick(std::vector<double>{0, 0.5, 1, 3});
  }
}

void AddOptions(Dice* dice, json* rules) {
  const std::vector<std::string> types = {"any", "any", "all", "unique", "disable"};
  json options = json::array();
  const int count = dice->Number(0, 3);
  for (int i = 0; i < count; ++i) {
    const std::string name =
        dice->Pick(std::vector<std::string>{"maps", "maps", "side", "level", "cross_platform"});
    options.push_back({{"name", name}, {"type", dice->Pick(types)}});
  }
  if (dice->Chance(15)) options.push_back({{"name", "current_platform"}, {"type", "disable"}});
  (*rules)["match_options"] = {{"options", options}};
}

void AddHosted(Dice* dice, json* rules) {
  if (dice->Chance(25)) {
    for (const char* const name : {"duo", "trio"}) {
      json& mode = (*rules)["sub_game_modes"][name];
      mode["alliance"] = MakeAlliance(dice, dice->Chance(30));
      if (dice->Chance(30)) mode["alliance_flexing_rule"] = MakeAllianceFlexing(dice, false);
    }
  }
  if (dice->Chance(20)) (*rules)["sub_gamemode_selection"] = "random";
  if (dice->Chance(20)) (*rules)["platform_group"]["console"] = {"psn", "xbox"};
}

Value MakeValue(Dice* dice) {
  switch (dice->Number(0, 8)) {
    case 0:
      return {};
    case 1:
      return "";
    case 2:
      return dice->Number(1, 2);
    case 3:
      return dice->Chance(50) ? "1" : "2";
    case 4:
      return dice->Chance(50);
    case 5:
      return List{"a", "b"};
    default:
      return dice->Pick(Words());
  }
}

Value MakeOptionValue(Dice* dice) {
  if (dice->Chance(20)) return MakeValue(dice);
  List values;
  const int count = dice->Chance(5) ? 0 : dice->Number(1, 3);
  for (int i = 0; i < count; ++i) {
    values.push_back(dice->Chance(10) ? MakeValue(dice) : Value(dice->Pick(Words())));
  }
  return values;
}

Value SomeOf(Dice* dice, const std::vector<std::string>& names, int least) {
  List values;
  const int count = dice->Number(least, static_cast<int>(names.size()));
  for (int i = 0; i < count; ++i) values.emplace_back(dice->Pick(names));
  if (values.size() == 1 && dice->Chance(30)) return values.front();
  return values;
}

// What the tickets of one pool have in common: which of all that there is they use.
struct PoolStyle {
  int spread = 100;
  int max_size = 1;
  bool latencies = false;
  bool options = false;
  bool plain = false;
  bool servers = false;
  bool blocks = false;
  bool priorities = false;
  bool platforms = false;
  bool hosted = false;
};

PoolStyle MakeStyle(Dice* dice, Profile profile) {
  PoolStyle style;
  style.spread = dice->Pick(std::vector{0, 30, 100, 100, 300});
  style.max_size = dice->Pick(std::vector{1, 1, 2, 3, 5});
  style.latencies = dice->Chance(50);
  style.options = dice->Chance(40);
  style.plain = dice->Chance(20);
  style.servers = dice->Chance(15);
  style.blocks = dice->Chance(30);
  style.priorities = dice->Chance(15);
  style.platforms = dice->Chance(profile == Profile::kHosted ? 40 : 10);
  style.hosted = profile == Profile::kHosted;
  return style;
}

Player MakePlayer(Dice* dice, const PoolStyle& style, const std::string& id) {
  Player player{id, {}};
  for (const std::string& name : Attributes()) {
    if (dice->Chance(5)) continue;
    const int steps = style.spread / 10;
    player.attributes.Set(name, 1000 + 10 * dice->Number(-steps, steps));
  }
  if (dice->Chance(2)) player.attributes.Set("mmr", "1000");
  if (!style.hosted || dice->Chance(40)) return player;
  player.attributes.Set(dice->Chance(70) ? "role" : "roles", SomeOf(dice, RoleNames(), 0));
  return player;
}

void AddLatencies(Dice* dice, Ticket* ticket) {
  if (dice->Chance(15)) return;
  for (const char* const region : {"ap", "eu", "us"}) {
    if (dice->Chance(20)) continue;
    ticket->latencies.push_back({region, 10 * dice->Number(dice->Chance(5) ? -2 : 1, 26)});
  }
}

void AddAttributes(Dice* dice, const PoolStyle& style, Ticket* ticket) {
  Object& attributes = ticket->attributes;
  if (style.options) {
    for (const char* const name : {"maps", "side", "level"}) {
      if (dice->Chance(80)) attributes.Set(name, MakeOptionValue(dice));
    }
  }
  if (style.plain && dice->Chance(50)) attributes.Set("season", MakeValue(dice));
  if (style.plain && dice->Chance(10)) attributes.Set("new_session_only", dice->Chance(50));
  if (style.servers) {
    for (const char* const name : {"server_name", "client_version"}) {
      if (dice->Chance(30)) attributes.Set(name, dice->Chance(20) ? Value("") : Value("x"));
    }
  }
  if (style.platforms) {
    std::vector<std::string> wanted = Platforms();
    if (dice->Chance(20)) wanted.emplace_back("console");
    if (dice->Chance(85)) attributes.Set("cross_platform", SomeOf(dice, wanted, 1));
    if (dice->Chance(85)) attributes.Set("current_platform", dice->Pick(Platforms()));
  }
  if (style.hosted && dice->Chance(40)) {
    attributes.Set("sub_game_mode", SomeOf(dice, {"duo", "trio", "solo"}, 0));
  }
}

std::string UserOf(int ticket, int player) { return StrCat("t", ticket, "-", player); }

Ticket MakeTicket(Dice* dice, const PoolStyle& style, int number, int tickets) {
  Ticket ticket;
  ticket.id = StrCat("t", number);
  const int size = dice->Chance(50) ? 1 : dice->Number(1, style.max_size);
  for (int i = 0; i < size; ++i) {
    ticket.players.push_back(MakePlayer(dice, style, UserOf(number, i)));
  }
  if (dice->Chance(3)) ticket.players[0].id = UserOf(dice->Number(0, tickets - 1), 0);
  if (style.latencies) AddLatencies(dice, &ticket);
  AddAttributes(dice, style, &ticket);
  if (style.blocks && dice->Chance(40)) {
    List blocked;
    const int count = dice->Number(0, 2);
    for (int i = 0; i < count; ++i) {
      blocked.emplace_back(UserOf(dice->Number(0, tickets - 1), dice->Number(0, 1)));
    }
    if (dice->Chance(10)) blocked.emplace_back(7);
    ticket.attributes.Set("blocked_players", blocked);
  }
  if (style.priorities) ticket.priority = dice->Number(-1, 1);
  return ticket;
}

// Ages sit on the ends of durations and steps, a millisecond past them, and in between.
void AddAges(Dice* dice, World* world) {
  std::set<int64_t> used;
  const bool waiting = dice->Chance(70);
  for (Ticket& ticket : world->tickets) {
    int64_t age_ms = 0;
    do {
      age_ms = waiting ? 1000 * dice->Number(0, 20) : dice->Number(0, 50);
      age_ms += dice->Pick(std::vector{0, 0, 1, 500});
    } while (world->ages_differ && !used.insert(age_ms).second);
    ticket.created_at = world->now - milliseconds(age_ms);
  }
  if (dice->Chance(5)) world->tickets.front().created_at.reset();
}

}  // namespace

int Dice::Number(int min, int max) {
  // Not a std distribution: those differ from one standard library to the next.
  return min + static_cast<int>(random_() % static_cast<uint64_t>(max - min + 1));
}

json MakeRules(Dice* dice, Profile profile) {
  const bool hosted = profile == Profile::kHosted;
  const bool roles = hosted && dice->Chance(40);
  json rules = {{"alliance", MakeAlliance(dice, roles)}, {"strategy", "oldest_first"}};
  if (dice->Chance(35)) rules["alliance_flexing_rule"] = MakeAllianceFlexing(dice, roles);
  AddRatings(dice, &rules);
  AddRegions(dice, &rules);
  if (dice->Chance(55)) AddOptions(dice, &rules);
  if (dice->Chance(15)) rules["match_options_referred_for_backfill"] = true;
  if (dice->Chance(70)) {
    rules["blocked_player_option"] = dice->Pick(
        std::vector<std::string>{"", "blockedPlayerCannotMatch",
                                 "blockedPlayerCanMatchOnDifferentTeam", "blockedPlayerCanMatch"});
  }
  if (dice->Chance(30)) rules["auto_backfill"] = true;
  if (hosted ? dice->Chance(80) : dice->Chance(10)) rules["rebalance_enable"] = dice->Chance(30);
  if (hosted) AddHosted(dice, &rules);
  return rules;
}

World MakeWorld(uint64_t seed) {
  Dice dice(seed);
  World world;
  world.seed = seed;
  world.now = kNow;
  world.options.profile = seed % 2 == 0 ? Profile::kHosted : Profile::kCore;
  world.options.prioritize_larger_parties = dice.Chance(20);
  world.options.any_options_all_common = dice.Chance(70);
  world.options.empty_options_count = dice.Chance(10);
  world.rules = MakeRules(&dice, world.options.profile);
  const PoolStyle style = MakeStyle(&dice, world.options.profile);
  const int tickets = dice.Number(2, 14);
  for (int i = 0; i < tickets; ++i) {
    world.tickets.push_back(MakeTicket(&dice, style, i, tickets));
  }
  world.ages_differ = dice.Chance(60);
  AddAges(&dice, &world);
  return world;
}

}  // namespace muster::match::alliance
