#include "tests/match/alliance/world_run.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "match/alliance/ruleset_parser.h"

namespace muster::match::alliance {
namespace {

using base::StrCat;

uint64_t Environment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string SpellValue(const Value& value) {
  if (value.list() == nullptr) return StrCat(OptionText(value), ",");
  std::string text = "[";
  for (const Value& item : *value.list()) text += SpellValue(item);
  return text + "]";
}

}  // namespace

std::shared_ptr<const CompiledRules> Compile(const World& world, Strategy strategy) {
  nlohmann::json json = world.rules;
  json["strategy"] = strategy == Strategy::kQuality ? "quality" : "oldest_first";
  absl::StatusOr<Ruleset> rules = ParseRuleset(json.dump(), world.options);
  if (rules.ok()) return std::make_shared<const CompiledRules>(*std::move(rules), world.options);
  EXPECT_EQ(rules.status().code(), absl::StatusCode::kInvalidArgument) << rules.status().ToString();
  return nullptr;
}

WorldRun::WorldRun(std::shared_ptr<const CompiledRules> rules, const RunContext& context,
                   const std::vector<Ticket>& tickets) {
  AllianceMatchRun run(std::move(rules), context, *this);
  for (const Ticket& ticket : tickets) {
    if (!run.AddTicket(ticket)) taken_.push_back(ticket);
  }
  run.Finish();
}

std::string WorldRun::Spell(const Match& match, bool ids) const {
  std::string text;
  for (const Team& team : match.teams) {
    text += ids ? team.id + "(" : "(";
    for (const TicketIndex index : team.tickets) text += taken_.at(index).id + " ";
    text += ")";
  }
  for (const std::string& region : match.region_preferences) text += " " + region;
  for (const auto& [name, value] : match.attributes) text += " " + name + "=" + SpellValue(value);
  for (const PlayerUpdate& update : match.player_updates) {
    text += " " + taken_.at(update.ticket).players.at(update.player).id + ":";
    for (const auto& [name, value] : update.attributes) text += SpellValue(value);
  }
  return text + " " + match.server_name + " " + match.client_version + (match.backfill ? "+" : "");
}

std::vector<std::string> WorldRun::Spelled() const {
  std::vector<std::string> all;
  for (const Match& match : matches_) all.push_back(Spell(match, true));
  return all;
}

std::vector<std::string> WorldRun::SpelledWithoutIds() const {
  std::vector<std::string> all;
  for (const Match& match : matches_) all.push_back(Spell(match, false));
  return all;
}

std::vector<int> WorldRun::TimesMatched() const {
  std::vector<int> times(taken_.size(), 0);
  for (const Match& match : matches_) {
    for (const Team& team : match.teams) {
      for (const TicketIndex index : team.tickets) ++times.at(index);
    }
  }
  return times;
}

size_t WorldRun::players_matched() const {
  size_t players = 0;
  const std::vector<int> times = TimesMatched();
  for (size_t i = 0; i < times.size(); ++i) {
    players += static_cast<size_t>(times[i]) * taken_[i].players.size();
  }
  return players;
}

Judge::Judge(const CompiledRules& rules, const std::vector<Ticket>& tickets, base::Timestamp now)
    : rules_(rules),
      traits_(rules.rules, rules.options.any_options_all_common, rules.options.empty_options_count),
      pool_(rules.rules, rules.flex, &traits_, now),
      legality_(rules.rules, rules.flex, pool_),
      literal_(rules.rules, rules.options, tickets, now) {
  for (const Ticket& ticket : tickets) pool_.Add(ticket);
}

Composition Judge::Read(const Match& match) const {
  Composition read;
  for (const Team& team : match.teams) {
    read.teams.emplace_back(team.tickets.begin(), team.tickets.end());
  }
  read.oldest = read.teams.at(0).at(0);
  for (const auto& team : read.teams) {
    for (const Slot slot : team) {
      if (legality_.Precedes(slot, read.oldest)) read.oldest = slot;
    }
  }
  if (pool_[read.oldest].latency_count > 0) {
    read.terms.region = pool_.FindRegion(match.region_preferences.at(0));
  }
  if (!rules_.rules.sub_game_modes.empty()) {
    const std::string& name = *match.attributes.Find("sub_game_mode")->list()->front().text();
    for (size_t i = 0; i < rules_.rules.sub_game_modes.size(); ++i) {
      if (rules_.rules.sub_game_modes[i].name == name) read.terms.mode = static_cast<uint16_t>(i);
    }
  }
  read.terms.alliance = &rules_.alliances.At(pool_[read.oldest].age_ms, read.terms.mode);
  return read;
}

LiteralMatch Judge::Spell(const Composition& match) const {
  LiteralMatch spelled;
  for (const auto& team : match.teams) spelled.teams.emplace_back(team.begin(), team.end());
  if (match.terms.region != kNoRegion) spelled.region = pool_.RegionName(match.terms.region);
  if (match.terms.mode) spelled.mode = rules_.rules.sub_game_modes[*match.terms.mode].name;
  return spelled;
}

std::string Judge::Problem(const Composition& match) const {
  const Obstacle obstacle = legality_.Check(match);
  if (obstacle != Obstacle::kNone) return StrCat("not legal: ", ObstacleName(obstacle));
  const std::string problem = literal_.Problem(Spell(match));
  return problem.empty() ? "" : "literally not legal: " + problem;
}

RunContext ContextOf(const World& world) {
  RunContext context;
  context.now = world.now;
  context.id_seed = {world.seed, 1};
  return context;
}

void ForEachWorld(uint64_t worlds, const std::function<void(const World&)>& check) {
  const uint64_t only = Environment("MUSTER_SEED", 0);
  const uint64_t first = only == 0 ? 1 : only;
  const uint64_t last = only == 0 ? worlds * Environment("SOAK", 1) : only;
  for (uint64_t seed = first; seed <= last && !testing::Test::HasFailure(); ++seed) {
    const World world = MakeWorld(seed);
    SCOPED_TRACE(StrCat("MUSTER_SEED=", seed, " ", world.rules.dump()));
    check(world);
  }
}

}  // namespace muster::match::alliance
