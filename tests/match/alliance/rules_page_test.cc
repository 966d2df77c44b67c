#include "tests/match/alliance/rules_page.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/alliance_logic.h"
#include "match/alliance/ruleset_words.h"
#include "tests/match/alliance/alliance_fixture.h"

// Each example of docs/rules.md does what the page says.
namespace muster::match::alliance {
namespace {

using base::StrCat;
using nlohmann::json;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

using Lines = std::vector<std::string>;

std::vector<Object::Entry> EntriesOf(const json& from);

Value ToValue(const json& from) {
  if (from.is_boolean()) return from.get<bool>();
  if (from.is_number()) return from.get<double>();
  if (from.is_string()) return from.get<std::string>();
  if (from.is_array()) {
    List list;
    for (const json& item : from) list.push_back(ToValue(item));
    return list;
  }
  return from.is_object() ? Value(Object(EntriesOf(from))) : Value();
}

std::vector<Object::Entry> EntriesOf(const json& from) {
  std::vector<Object::Entry> entries;
  for (const auto& [name, value] : from.items()) entries.emplace_back(name, ToValue(value));
  return entries;
}

// Whole numbers without a fraction.
json ToJson(const Value& from) {
  if (from.bool_value() != nullptr) return *from.bool_value();
  if (from.text() != nullptr) return *from.text();
  json to;
  if (const double* number = from.number()) {
    const auto whole = static_cast<int64_t>(*number);
    to = *number;
    if (static_cast<double>(whole) == *number) to = whole;
  } else if (from.list() != nullptr) {
    to = json::array();
    for (const Value& item : *from.list()) to.push_back(ToJson(item));
  } else if (from.object() != nullptr) {
    to = json::object();
    for (const auto& [name, value] : *from.object()) to[name] = ToJson(value);
  }
  return to;
}

// `players`: how many, or the attributes of each. `mmr`: of the only player, or a list. The only
// player is named as the ticket, others NAME1, NAME2 and so on.
TicketSpec TicketOf(const json& from) {
  TicketSpec spec;
  spec.age_ms = from.value("age_ms", 0);
  const json ratings = from.value("mmr", json::array());
  if (ratings.is_array()) spec.ratings = ratings.get<std::vector<double>>();
  if (ratings.is_number()) spec.ratings = {ratings.get<double>()};
  const json players = from.value("players", json(1));
  if (players.is_number()) spec.size = players.get<size_t>();
  if (players.is_array()) {
    spec.size = players.size();
    for (const json& player : players) spec.player_attributes.emplace_back(EntriesOf(player));
  }
  if (std::max(spec.size, spec.ratings.size()) == 1) spec.players = {from.at("ticket")};
  spec.attributes = EntriesOf(from.value("attributes", json::object()));
  const json latencies = from.value("latencies", json::object());
  for (const auto& [region, ms] : latencies.items()) {
    spec.latencies.push_back({region, ms.get<int64_t>()});
  }
  // The fixture's names of sessions.
  for (const std::string& name : from.value("excluded_sessions", Lines())) {
    spec.excluded_sessions.push_back(name.empty() ? "" : name + "-session");
  }
  return spec;
}

// `tickets`: of players who are in the session.
SessionSpec SessionOf(const json& from) {
  SessionSpec spec;
  spec.age_ms = from.value("age_ms", 0);
  spec.teams = from.at("teams").get<std::vector<Lines>>();
  spec.region = from.value("region", "");
  for (const json& ticket : from.value("tickets", json::array())) {
    spec.tickets.push_back(MakeTicket(ticket.at("ticket"), TicketOf(ticket)));
  }
  spec.attributes = EntriesOf(from.value("attributes", json::object()));
  return spec;
}

bool IsTrue(const std::string& text) { return text == "true"; }

LogicOptions OptionsOf(const PageTick& tick) {
  LogicOptions options;
  for (const auto& [name, value] : tick.settings) {
    if (name == "MATCH_PROFILE") {
      options.profile = value == "hosted" ? Profile::kHosted : Profile::kCore;
    } else if (name == "MATCH_STRATEGY") {
      options.strategy = FindWord(kStrategies, value).value();
    } else if (name == "PRIORITIZE_LARGER_PARTIES") {
      options.prioritize_larger_parties = IsTrue(value);
    } else if (name == "FLAG_ANY_MATCH_OPTION_ALL_COMMON") {
      options.any_options_all_common = IsTrue(value);
    } else if (name == "MATCH_COMPAT") {
      options.empty_options_count = value == "Q20";
      options.empty_exclusion_excludes_all = value == "Q50";
    } else {
      ADD_FAILURE() << "no test knows the variable " << name;
    }
  }
  return options;
}

std::string Join(const auto& texts, const char* between) { return absl::StrJoin(texts, between); }

class RulesPageTest : public AllianceTableTest<PageExample> {
 protected:
  // The lines that the page should have under these rules.
  Lines Run(const std::string& rules, const PageTick& tick) {
    options_ = OptionsOf(tick);
    const auto logic = MakeAllianceLogic(rules, options_);
    if (!logic.ok()) return {StrCat("error: ", logic.status().message())};
    UseRulesText(rules);
    std::set<std::string> free;
    for (const json& ticket : tick.tickets) free.insert(ticket.at("ticket").get<std::string>());
    for (const json& ticket : tick.tickets) Add(ticket.at("ticket"), TicketOf(ticket));
    for (const json& session : tick.sessions) AddSession(session.at("session"), SessionOf(session));
    Lines lines = TellRules(tick);
    TellTickets(tick, &lines);
    tick.sessions.empty() ? TellMatches(tick, &free, &lines) : TellProposals(&free, &lines);
    if (!free.empty()) lines.push_back(StrCat("waiting: ", Join(free, " ")));
    return lines;
  }

 private:
  Lines TellRules(const PageTick& tick) {
    Lines lines;
    if (tick.Mentions("stat codes: ")) {
      lines.push_back(StrCat("stat codes: ", Join(logic().StatCodes(), " ")));
    }
    if (!tick.Mentions("remark: ")) return lines;
    for (const std::string& remark : logic().Remarks()) lines.push_back(StrCat("remark: ", remark));
    return lines;
  }

  void TellTickets(const PageTick& tick, Lines* lines) {
    if (!tick.Mentions("invalid: ")) return;
    for (const json& ticket : tick.tickets) {
      const std::string name = ticket.at("ticket");
      const auto invalid = logic().ValidateTicket(MakeTicket(name, TicketOf(ticket)));
      if (invalid) lines->push_back(StrCat("invalid: ", name, ", ", invalid->reason));
    }
  }

  void TellMatches(const PageTick& tick, std::set<std::string>* free, Lines* lines) {
    const std::vector<Teams> matches = MakeMatches();
    for (const json& ticket : tick.tickets) {
      const std::string name = ticket.at("ticket");
      if (!WasLeftOut(name)) continue;
      free->erase(name);
      lines->push_back(StrCat("left out: ", name));
    }
    const std::vector<Match> details = RawMatches();
    for (size_t i = 0; i < matches.size(); ++i) {
      lines->push_back(StrCat("match: ", TellTeams(matches[i], free), Details(details[i], tick)));
    }
  }

  static std::string TellTeams(const Teams& teams, std::set<std::string>* free) {
    Lines texts;
    for (const std::set<std::string>& team : teams) {
      texts.push_back(Join(team, " "));
      for (const std::string& name : team) EXPECT_EQ(free->erase(name), 1u) << name;
    }
    std::sort(texts.begin(), texts.end());
    return Join(texts, " | ");
  }

  // Only what the page speaks of.
  static std::string Details(const Match& match, const PageTick& tick) {
    std::string text;
    if (tick.Mentions(", region "))
      text += StrCat(", region ", Join(match.region_preferences, " "));
    if (tick.Mentions(", backfill") && match.backfill) text += ", backfill";
    if (tick.Mentions(", attributes ")) {
      text += StrCat(", attributes ", ToJson(Value(match.attributes)).dump());
    }
    return text;
  }

  void TellProposals(std::set<std::string>* free, Lines* lines) {
    for (const Joining& joining : MakeProposals()) {
      Lines teams;
      for (const auto& [team, tickets] : joining.added) {
        teams.push_back(StrCat(team, " gets ", Join(tickets, " ")));
        for (const std::string& name : tickets) EXPECT_EQ(free->erase(name), 1u) << name;
      }
      lines->push_back(StrCat("join: ", joining.session, ", ", Join(teams, ", ")));
    }
  }
};

TEST_P(RulesPageTest, DoesWhatThePageSays) {
  ASSERT_THAT(GetParam().ticks, Not(IsEmpty())) << "nothing is said to come out";

  for (const PageTick& tick : GetParam().ticks) {
    EXPECT_THAT(tick.expected, Not(IsEmpty()));
    EXPECT_THAT(Run(GetParam().rules, tick), ElementsAreArray(tick.expected));
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, RulesPageTest, testing::ValuesIn(ReadPageExamples()),
                         testing::PrintToStringParamName());

TEST(RulesPage, HasItsExamples) { EXPECT_GE(ReadPageExamples().size(), 48u); }

}  // namespace
}  // namespace muster::match::alliance
