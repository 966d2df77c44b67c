#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/pairs/pair_rules.h"
#include "match/pairs/pairs_logic.h"
#include "tests/support/match_driver.h"

// What holds for any rules and any tickets. Each seed makes rules and tickets of its own; a failure
// prints its seed.
namespace muster::match::pairs {
namespace {

using support::BackfillDriver;
using support::MatchDriver;
using support::Party;
using support::TicketIds;

constexpr uint64_t kSeeds = 200;

// Rules and tickets, made from a seed.
class World {
 public:
  explicit World(uint64_t seed) : random_(seed), rules_text_(MakeRules()) {
    const int tickets = Number(0, 200);
    for (int i = 0; i < tickets; ++i) tickets_.push_back(MakeTicket(i));
  }

  PairRules rules() const { return ParsePairRules(rules_text_, LogicOptions()).value(); }
  std::shared_ptr<const MatchLogic> logic() const {
    return MakePairsLogic(rules_text_, LogicOptions()).value();
  }
  const std::string& rules_text() const { return rules_text_; }
  const std::vector<Ticket>& tickets() const { return tickets_; }

  int Number(int min, int max) { return std::uniform_int_distribution<int>(min, max)(random_); }

  BackfillTicket MakeSession(int number) {
    BackfillTicket session;
    session.id = "b" + std::to_string(number);
    session.session_id = "s" + std::to_string(number);
    const int teams = Number(0, 3);
    for (int i = 0; i < teams; ++i) {
      const std::string name = session.id + "-" + std::to_string(i);
      session.teams.push_back({name, std::vector<std::string>(1, name + "-user")});
    }
    return session;
  }

 private:
  std::string MakeRules() {
    const std::string ships = Range("shipCountMin", "shipCountMax");
    if (Number(0, 1) == 0) return "{" + ships + "}";
    return "{" + ships + ",\"alliance\":{" + Range("min_number", "max_number") + "," +
           Range("player_min_number", "player_max_number") + "}}";
  }

  std::string Range(const std::string& min_key, const std::string& max_key) {
    const int min = Number(0, 3);
    const int max = Number(0, 1) == 0 ? 0 : min + Number(0, 3);
    return "\"" + min_key + "\":" + std::to_string(min) + ",\"" + max_key +
           "\":" + std::to_string(max);
  }

  Ticket MakeTicket(int number) {
    const std::string id = "t" + std::to_string(number);
    std::vector<std::string> players;
    const int party = Number(1, 4);
    for (int i = 0; i < party; ++i) players.push_back(id + "-" + std::to_string(i));
    Ticket ticket = Party(id, players);
    if (Number(0, 3) == 0) {
      for (int i = 0; i < 5; ++i) ticket.excluded_sessions.push_back("s" + std::to_string(i));
    }
    if (Number(0, 1) == 0) ticket.latencies = {{"eu", Number(1, 300)}, {"us", Number(1, 300)}};
    return ticket;
  }

  std::mt19937_64 random_;
  std::string rules_text_;
  std::vector<Ticket> tickets_;
};

// All that two equal runs have in common, as text.
std::string Spelled(const std::vector<Match>& matches) {
  std::string text;
  for (const Match& match : matches) {
    for (const Team& team : match.teams) {
      text += team.id + ":";
      for (const TicketIndex index : team.tickets) text += " " + std::to_string(index);
    }
    for (const std::string& region : match.region_preferences) text += " " + region;
    text += match.backfill ? " backfill\n" : "\n";
  }
  return text;
}

std::string Spelled(const std::vector<BackfillProposal>& proposals) {
  std::string text;
  for (const BackfillProposal& proposal : proposals) {
    text += proposal.id + " " + *proposal.attributes.Find("generatedID")->text();
    for (const TeamAddition& addition : proposal.additions) {
      text += " " + std::to_string(addition.team) + " " + addition.new_team_id;
    }
    text += "\n";
  }
  return text;
}

RunContext Context(uint64_t seed) { return {.now = {}, .id_seed = {seed, seed}, .stop = {}}; }

class PairPropertiesTest : public testing::TestWithParam<uint64_t> {
 protected:
  PairPropertiesTest() : world_(GetParam()), logic_(world_.logic()), rules_(world_.rules()) {}

  void FeedMatches(MatchDriver& run) const {
    for (const Ticket& ticket : world_.tickets()) run.Add(ticket);
    run.Finish();
  }

  // Tickets and twenty sessions, shuffled together.
  void FeedBackfill(BackfillDriver& run) const {
    World world(GetParam());
    int sessions = 0;
    for (const Ticket& ticket : world.tickets()) {
      if (sessions < 20 && world.Number(0, 4) == 0) run.Add(world.MakeSession(sessions++));
      run.Add(ticket);
    }
    run.Finish();
  }

  const World world_;
  const std::shared_ptr<const MatchLogic> logic_;
  const PairRules rules_;
};

TEST_P(PairPropertiesTest, NoTicketIsInTwoMatchesAndNoneIsLost) {
  SCOPED_TRACE(world_.rules_text());
  MatchDriver run(*logic_, Context(GetParam()));

  FeedMatches(run);

  TicketIds matched;
  for (const TicketIds& ids : run.matched()) matched.insert(matched.end(), ids.begin(), ids.end());
  const size_t waiting = run.taken().size() - matched.size();
  EXPECT_LT(waiting, static_cast<size_t>(rules_.min_tickets));
  const TicketIds taken_first(run.taken().begin(), run.taken().end() - waiting);
  EXPECT_EQ(matched, taken_first);
}

TEST_P(PairPropertiesTest, EveryMatchIsOfASizeThatTheRulesAllow) {
  SCOPED_TRACE(world_.rules_text());
  MatchDriver run(*logic_, Context(GetParam()));

  FeedMatches(run);

  for (const TicketIds& ids : run.matched()) {
    EXPECT_GE(ids.size(), static_cast<size_t>(rules_.min_tickets));
    EXPECT_LE(ids.size(), static_cast<size_t>(rules_.max_tickets));
    EXPECT_FALSE(ids.empty());
  }
}

TEST_P(PairPropertiesTest, TicketsAreLeftOutOnlyForTheirSize) {
  SCOPED_TRACE(world_.rules_text());
  MatchDriver run(*logic_, Context(GetParam()));

  for (const Ticket& ticket : world_.tickets()) {
    const bool fits = !rules_.alliance ||
                      ticket.players.size() <= static_cast<size_t>(rules_.alliance->max_players);
    EXPECT_EQ(run.Add(ticket).value_or(LeftOut::kNoPlayers),
              fits ? LeftOut::kNoPlayers : LeftOut::kTooLarge);
  }
}

TEST_P(PairPropertiesTest, TheSameInputGivesTheSameMatches) {
  SCOPED_TRACE(world_.rules_text());
  MatchDriver one(*logic_, Context(GetParam()));
  MatchDriver other(*world_.logic(), Context(GetParam()));

  FeedMatches(one);
  FeedMatches(other);

  EXPECT_EQ(Spelled(one.matches()), Spelled(other.matches()));
}

TEST_P(PairPropertiesTest, AnotherSeedChangesTheIdsAndNothingElse) {
  SCOPED_TRACE(world_.rules_text());
  MatchDriver one(*logic_, Context(GetParam()));
  MatchDriver other(*logic_, Context(GetParam() + kSeeds));

  FeedMatches(one);
  FeedMatches(other);

  EXPECT_EQ(one.matched(), other.matched());
  EXPECT_EQ(one.matches().empty(), Spelled(one.matches()) == Spelled(other.matches()));
}

TEST_P(PairPropertiesTest, BackfillPlacesNobodyAndNothingTwice) {
  SCOPED_TRACE(world_.rules_text());
  BackfillDriver run(*logic_, Context(GetParam()));

  FeedBackfill(run);

  std::set<std::string> seen;
  for (const TicketIds& ids : run.placed()) {
    EXPECT_THAT(ids, testing::SizeIs(2));
    for (const std::string& id : ids) EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

TEST_P(PairPropertiesTest, TheSameInputGivesTheSameProposals) {
  SCOPED_TRACE(world_.rules_text());
  BackfillDriver one(*logic_, Context(GetParam()));
  BackfillDriver other(*world_.logic(), Context(GetParam()));

  FeedBackfill(one);
  FeedBackfill(other);

  EXPECT_EQ(one.placed(), other.placed());
  EXPECT_EQ(Spelled(one.proposals()), Spelled(other.proposals()));
}

INSTANTIATE_TEST_SUITE_P(Seed, PairPropertiesTest, testing::Range(uint64_t{1}, kSeeds + 1));

}  // namespace
}  // namespace muster::match::pairs
