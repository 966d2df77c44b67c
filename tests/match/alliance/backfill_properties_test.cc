#include <algorithm>
#include <memory>
#include <random>
#include <set>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "match/alliance/alliance_backfill_run.h"
#include "tests/match/alliance/backfill_reference.h"

// Random sessions and tickets: what comes out is what the rules say step by step.
namespace muster::match::alliance {
namespace {

using base::StrCat;
using std::chrono::milliseconds;

constexpr base::Timestamp kNow{milliseconds(1'700'000'000'500)};
constexpr int kWorlds = 3000;

class Collector final : public ProposalSink {
 public:
  void Emit(BackfillProposal proposal) override { proposals.push_back(std::move(proposal)); }

  std::vector<BackfillProposal> proposals;
};

// Rules, tickets and sessions that meet often.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed) : random_(seed) {
    MakeRules();
    for (int64_t i = Pick(1, 3); i > 0; --i) sessions.push_back(MakeSession());
    const int64_t crowd = Chance(9) ? 80 : 14;
    for (int64_t i = Pick(1, crowd); i > 0; --i) tickets.push_back(MakeTicket("t"));
    options.prioritize_larger_parties = Chance(3);
  }

  Ruleset rules;
  LogicOptions options;
  std::vector<Ticket> tickets;
  std::vector<BackfillTicket> sessions;

 private:
  int64_t Pick(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_() % static_cast<uint64_t>(most - least + 1));
  }
  // One in `of`.
  bool Chance(int64_t of) { return Pick(1, of) == 1; }

  AllianceRule MakeAlliance() {
    AllianceRule alliance;
    alliance.max_teams = static_cast<int32_t>(Pick(1, 4));
    alliance.max_players = static_cast<int32_t>(Pick(1, 5));
    return alliance;
  }

  void MakeRules() {
    rules.alliance = MakeAlliance();
    if (Chance(3)) rules.alliance_flexing.push_back({Pick(0, 4), MakeAlliance()});
    for (const char* const attribute : {"mmr", "skill"}) {
      if (!Chance(2)) continue;
      const auto reference = static_cast<double>(Pick(0, 60));
      rules.matching.push_back({attribute, Criteria::kDistance, reference,
                                static_cast<double>(Pick(0, 2) * 50),
                                static_cast<double>(Pick(0, 2)), std::nullopt});
      const Criteria flexed = Chance(4) ? Criteria::kAverage : Criteria::kDistance;
      if (Chance(3)) rules.flexing.push_back({Pick(0, 4), attribute, flexed, reference + 20});
    }
    for (const OptionType type : {OptionType::kAll, OptionType::kAny, OptionType::kUnique}) {
      if (!Chance(4)) continue;
      rules.options.push_back({StrCat("option", rules.options.size()), type});
    }
    rules.ignore_plain_attributes = Chance(4);
    rules.blocked_players = static_cast<BlockedPlayers>(Pick(0, 2));
    rules.regions.expansion_rate_ms = 1000;
    rules.regions.initial_range_ms = Pick(0, 30);
    rules.regions.max_ms = Chance(2) ? Pick(40, 120) : 0;
  }

  List MakeTexts(const char* prefix, int64_t most) {
    List texts;
    for (int64_t i = 1; i <= most; ++i) {
      if (Chance(2)) texts.push_back(StrCat(prefix, i));
    }
    return texts;
  }

  Object MakeAttributes() {
    std::vector<Object::Entry> attributes;
    if (Chance(4)) attributes.emplace_back("m", static_cast<double>(Pick(1, 2)));
    if (Chance(4)) attributes.emplace_back("blocked_players", List{StrCat("p", Pick(1, 40))});
    for (const MatchOption& option : rules.options) {
      if (Chance(5)) continue;
      const Value one(StrCat("v", Pick(1, 3)));
      attributes.emplace_back(option.name, Chance(3) ? one : Value(MakeTexts("v", 3)));
    }
    return Object(std::move(attributes));
  }

  Ticket MakeTicket(const char* prefix) {
    Ticket ticket;
    ticket.id = StrCat(prefix, tickets.size(), "-", sessions.size());
    if (!Chance(9)) ticket.created_at = kNow - milliseconds(Pick(-500, 8) * 500);
    const size_t size = static_cast<size_t>(std::min(Pick(1, 4), Pick(1, 4)));
    while (ticket.players.size() < size) {
      // Now and then somebody stands in two tickets.
      const std::string id = StrCat("p", Chance(9) ? Pick(1, 40) : next_player_++);
      ticket.players.push_back({id, {}});
      for (const char* const attribute : {"mmr", "skill"}) {
        const double rating = static_cast<double>(Pick(0, 20) * 5);
        if (!Chance(6)) ticket.players.back().attributes.Set(attribute, rating);
      }
    }
    ticket.attributes = MakeAttributes();
    for (const char* const region : {"ap", "eu", "us"}) {
      if (!Chance(4)) ticket.latencies.push_back({region, Pick(1, 10) * 10});
    }
    if (Chance(6)) ticket.excluded_sessions = {StrCat("s", Pick(0, 2))};
    ticket.priority = Chance(8) ? 1 : 0;
    return ticket;
  }

  BackfillTicket MakeSession() {
    BackfillTicket session;
    session.session_id = StrCat("s", sessions.size());
    session.created_at = kNow - milliseconds(Pick(0, 10) * 500);
    const auto teams = static_cast<size_t>(Pick(0, rules.alliance.max_teams));
    for (size_t i = 0; i < teams; ++i) session.teams.push_back({StrCat("T", i), {}});
    for (size_t i = 0; i < teams; ++i) {
      session.tickets.push_back(MakeTicket("in"));
      SessionTeam& team = session.teams[Chance(5) ? random_() % teams : i];
      for (const Player& player : session.tickets.back().players) {
        if (!Chance(5)) team.user_ids.push_back(player.id);
      }
      if (Chance(4)) team.user_ids.push_back(StrCat("external", next_player_++));
    }
    session.attributes = MakeAttributes();
    if (!Chance(3)) session.region_preferences = {Chance(9) ? "nowhere" : "us", "eu"};
    return session;
  }

  std::mt19937_64 random_;
  int64_t next_player_ = 1;
};

std::vector<BackfillProposal> Backfill(const RandomWorld& world) {
  Collector collector;
  RunContext context;
  context.now = kNow;
  AllianceBackfillRun run(std::make_shared<CompiledRules>(world.rules, world.options), context,
                          collector);
  for (const BackfillTicket& session : world.sessions) run.AddBackfillTicket(session);
  for (const Ticket& ticket : world.tickets) (void)run.AddTicket(ticket);
  run.Finish();
  return collector.proposals;
}

std::vector<std::string> TextsOf(const Value* value) {
  std::set<std::string> texts;
  if (value != nullptr && value->text() != nullptr) texts.insert(*value->text());
  if (value != nullptr && value->list() != nullptr) {
    for (const Value& item : *value->list()) texts.insert(*item.text());
  }
  return {texts.begin(), texts.end()};
}

// In the form of the reference; `taken` are the places of the tickets that the run took.
ReferenceProposal Read(const RandomWorld& world, const BackfillProposal& proposal,
                       const std::vector<size_t>& taken) {
  const size_t teams = world.sessions[proposal.backfill].teams.size();
  ReferenceProposal read{proposal.backfill, {}, {}, {}};
  read.teams.resize(teams);
  for (const TeamAddition& addition : proposal.additions) {
    const bool is_new = addition.team == TeamAddition::kNewTeam;
    std::vector<size_t>& team = is_new ? read.teams.emplace_back() : read.teams.at(addition.team);
    for (const TicketIndex ticket : addition.tickets) team.push_back(taken.at(ticket));
  }
  const Value* const means = proposal.attributes.Find("member_attributes");
  for (const MatchingRule& rule : world.rules.matching) {
    read.means.push_back(*means->object()->Find(rule.attribute)->number());
  }
  for (const MatchOption& option : world.rules.options) {
    read.options.push_back(TextsOf(proposal.attributes.Find(option.name)));
  }
  return read;
}

std::vector<ReferenceProposal> ReadAll(const RandomWorld& world) {
  std::vector<size_t> taken;
  for (size_t i = 0; i < world.tickets.size(); ++i) {
    const size_t players = world.tickets[i].players.size();
    if (players <= static_cast<size_t>(world.rules.LargestTeam())) taken.push_back(i);
  }
  std::vector<ReferenceProposal> all;
  for (const BackfillProposal& proposal : Backfill(world))
    all.push_back(Read(world, proposal, taken));
  return all;
}

TEST(BackfillPropertiesTest, SessionsGetWhatTheRulesSayStepByStep) {
  size_t joined = 0;
  for (uint64_t seed = 1; seed <= kWorlds; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const RandomWorld world(seed);
    const std::vector<ReferenceProposal> expected =
        ReferenceBackfill({world.rules, world.tickets, world.sessions, kNow,
                           world.options.prioritize_larger_parties});

    const std::vector<ReferenceProposal> made = ReadAll(world);

    ASSERT_EQ(made, expected);
    for (const ReferenceProposal& proposal : made) joined += proposal.teams.size();
  }
  // Else the worlds would prove little.
  EXPECT_GT(joined, kWorlds / 2);
}

TEST(BackfillPropertiesTest, NoTicketAndNoPlayerJoinsTwice) {
  for (uint64_t seed = 1; seed <= kWorlds; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    std::set<TicketIndex> tickets;

    for (const BackfillProposal& proposal : Backfill(RandomWorld(seed))) {
      ASSERT_FALSE(proposal.additions.empty());
      for (const TeamAddition& addition : proposal.additions) {
        for (const TicketIndex ticket : addition.tickets) {
          ASSERT_TRUE(tickets.insert(ticket).second) << "ticket " << ticket;
        }
      }
    }
  }
}

}  // namespace
}  // namespace muster::match::alliance
