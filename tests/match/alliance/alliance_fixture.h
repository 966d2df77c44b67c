#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/logic_options.h"
#include "match/match_logic.h"
#include "tests/support/match_driver.h"

// Verbs for tests that see the logic `alliance` from outside only.
namespace muster::match::alliance {

// What a test says of a ticket beside its name. By default one player without attributes who has
// just come.
struct TicketSpec {
  // Nothing: the ticket does not say when it came.
  std::optional<int64_t> age_ms = 0;
  // Ids. None: as many as `size` and `ratings` ask for, named NAME1, NAME2 and so on.
  std::vector<std::string> players = {};
  size_t size = 1;
  // The attribute `mmr` of each player in turn.
  std::vector<double> ratings = {};
  // Further attributes of each player in turn.
  std::vector<Object> player_attributes = {};
  std::vector<Object::Entry> attributes = {};
  // In any order.
  std::vector<Latency> latencies = {};
  std::vector<std::string> excluded_sessions = {};
  int32_t priority = 0;
};

Ticket MakeTicket(const std::string& name, const TicketSpec& spec);

// What a test says of a running session beside its name.
struct SessionSpec {
  int64_t age_ms = 0;
  // Player ids by team.
  std::vector<std::vector<std::string>> teams = {};
  // Where the session's players came from; those that no ticket names are external.
  std::vector<Ticket> tickets = {};
  std::vector<Object::Entry> attributes = {};
  std::string region = {};
  std::string server_name = {};
  std::string client_version = {};
  // Of the teams, in turn; none: T1, T2 and so on.
  std::vector<std::string> team_ids = {};
};

// The teams of a match in order, each a set of ticket names.
using Teams = std::vector<std::set<std::string>>;

// MatchOf({{"alice", "bob"}, {"carol"}})
Teams MatchOf(std::initializer_list<std::set<std::string>> teams);
// Two teams of one ticket each.
Teams Duel(const std::string& a, const std::string& b);

// Which tickets join which team of a session, in order of joining. Teams are T1, T2 ... by their
// place in the session, new ones new1, new2 ...
struct Joining {
  std::string session;
  std::map<std::string, std::vector<std::string>> added;

  bool operator==(const Joining&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Joining& joining);

// A matching rule that compares `attribute` by distance, with further members of the rule.
std::string DistanceRule(std::string_view attribute, int reference, std::string_view more = "");
// The key `matching_rule` with one such rule for `mmr`.
std::string MmrWithin(int reference);
// The key `match_options` with one option.
std::string Option(std::string_view name, std::string_view type);

// The texts of a list, without order; a text alone counts as a list of one; null: none.
std::multiset<std::string> TextsOf(const Value* value);

class AllianceFixture {
 protected:
  AllianceFixture();

  // Starts anew under a ruleset: `alliance` says "min_number,max_number,player_min_number,
  // player_max_number", `more` holds further keys.
  void UseRules(std::string_view alliance, const std::string& more = "");
  void UseRulesText(std::string_view rules_json);

  void Add(const std::string& name, const TicketSpec& spec = {});
  void AddSession(const std::string& name, const SessionSpec& spec);
  // Forgets tickets and sessions.
  void Clear();

  // One tick with the tickets added so far, in that order.
  std::vector<Teams> MakeMatches();
  // The same; fails the test unless it makes one match.
  Match OnlyMatch();
  // The tickets of the first match of the same, in order; none when there is no match.
  support::TicketIds FirstMatchInOrder();
  // The same, all matches as they are.
  const std::vector<Match>& RawMatches();
  // How many tickets the last tick of matches had no time for.
  size_t OutOfTime() const { return matches_->out_of_time(); }
  // One tick of backfill with the tickets and sessions added so far.
  std::vector<Joining> MakeProposals();
  // The same; fails the test unless it makes one proposal.
  BackfillProposal OnlyProposal();

  // Of the last tick: whether the run refused the ticket.
  bool WasLeftOut(const std::string& name) const { return left_out_.contains(name); }

  const MatchLogic& logic() const { return *logic_; }
  // Take effect with the next UseRules.
  LogicOptions options_;
  // Of each tick.
  RunContext context_;

 private:
  void RunMatches();
  void RunBackfill();

  std::shared_ptr<const MatchLogic> logic_;
  std::vector<Ticket> tickets_;
  std::vector<BackfillTicket> sessions_;
  std::map<std::string, LeftOut> left_out_;
  std::unique_ptr<support::MatchDriver> matches_;
  std::unique_ptr<support::BackfillDriver> proposals_;
};

class AllianceTest : public testing::Test, protected AllianceFixture {};

// As AllianceTest, for a table of cases.
template <typename Case>
class AllianceTableTest : public testing::TestWithParam<Case>, protected AllianceFixture {};

}  // namespace muster::match::alliance
