#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/alliance/oldest_first.h"
#include "tests/match/alliance/world_run.h"

// Ticks that are hard: illegal rules, too little time, pools made to be slow.
namespace muster::match::alliance {
namespace {

using base::StrCat;
using nlohmann::json;
using std::chrono::milliseconds;

// Replaces, drops or copies a value somewhere in the tree.
void Spoil(Dice* dice, json* node) {
  while (node->is_structured() && !node->empty() && !dice->Chance(20)) {
    auto child = node->begin();
    std::advance(child, dice->Number(0, static_cast<int>(node->size()) - 1));
    node = &*child;
  }
  const std::vector<json> values = {
      nullptr, -1, 0, 1, 2147483648, 1e300, 0.5, "", "x", json::array(), json::object(), true, 99};
  *node = dice->Pick(values);
}

TEST(HardTicksTest, SpoiledRulesAreRefusedOrMakeLegalMatches) {
  size_t refused = 0;
  size_t accepted = 0;

  ForEachWorld(10'000, [&](const World& world) {
    Dice dice(world.seed);
    World spoiled = world;
    const int times = dice.Number(1, 3);
    for (int i = 0; i < times; ++i) Spoil(&dice, &spoiled.rules);
    if (!spoiled.rules.is_object()) spoiled.rules = json::object();
    const auto rules = Compile(spoiled, Strategy::kOldestFirst);
    ++(rules == nullptr ? refused : accepted);
    if (rules == nullptr) return;
    const WorldRun run(rules, ContextOf(spoiled), spoiled.tickets);
    const Judge judge(*rules, run.taken(), spoiled.now);
    for (const Match& match : run.matches()) EXPECT_EQ(judge.Problem(judge.Read(match)), "");
  });

  RecordProperty("refused", StrCat(refused, " of ", refused + accepted));
}

// Each look at the monotonic clock takes a while.
class ImpatientClock final : public base::Clock {
 public:
  explicit ImpatientClock(milliseconds per_look) : per_look_(per_look) {}
  base::PreciseTimestamp PreciseNow() const override { return {}; }
  base::MonotonicTime MonotonicNow() const override { return monotonic_now_ += per_look_; }

 private:
  const milliseconds per_look_;
  mutable base::MonotonicTime monotonic_now_;
};

constexpr int64_t kTooMany = -1;

struct Pool {
  const char* name;
  std::string alliance;
  std::string more;
  // Fills in what is special about a ticket.
  std::function<void(int, Ticket*)> make;
  size_t players = 1;
  // Looks at candidates that one ticket may cost on average; kTooMany: it ends at the deadline.
  int64_t looks = 0;
};

std::vector<Ticket> MakePool(const Pool& pool, int tickets) {
  std::vector<Ticket> made;
  for (int i = 0; i < tickets; ++i) {
    Ticket& ticket = made.emplace_back();
    ticket.id = StrCat("t", i);
    ticket.created_at = base::Timestamp(milliseconds(100'000'000 + i));
    for (size_t j = 0; j < pool.players; ++j) {
      ticket.players.push_back({StrCat(ticket.id, "-", j), Object({{"mmr", 1000}, {"m", 1}})});
    }
    pool.make(i, &ticket);
  }
  return made;
}

std::string RulesOf(const Pool& pool) {
  const auto number = [&](size_t place) { return pool.alliance.substr(2 * place, 1); };
  return StrCat(R"({"alliance":{"min_number":)", number(0), R"(,"max_number":)", number(1),
                R"(,"player_min_number":)", number(2), R"(,"player_max_number":)", number(3),
                R"(},"matching_rule":[{"attribute":"mmr","criteria":"distance","reference":100}])",
                pool.more, "}");
}

std::shared_ptr<const CompiledRules> CompileText(const std::string& text) {
  World world;
  world.rules = json::parse(text);
  return Compile(world, Strategy::kOldestFirst);
}

void Nothing(int /*number*/, Ticket* /*ticket*/) {}

void BlockEveryNeighbour(int number, Ticket* ticket) {
  List blocked;
  for (int i = 0; i < number; ++i) blocked.emplace_back(StrCat("t", i, "-0"));
  ticket->attributes.Set("blocked_players", std::move(blocked));
}

// More of them than the deadline leaves time for, and no more: the lists alone would fill the
// memory.
void BlockTheOldest(int number, Ticket* ticket) {
  BlockEveryNeighbour(std::min(number, 200), ticket);
}

TEST(HardTicksTest, TheDeadlineKeepsTheMatchesSoFarOldestFirst) {
  const Pool pool = {"everyone blocks everyone", "2,2,1,1", "", [](int number, Ticket* ticket) {
                       if (number >= 4) BlockEveryNeighbour(number, ticket);
                     }};
  const std::vector<Ticket> tickets = MakePool(pool, 400);
  const ImpatientClock clock(milliseconds(1500));
  RunContext context{.now = base::Timestamp(milliseconds(200'000'000)), .clock = &clock};

  const auto rules = CompileText(RulesOf(pool));
  const WorldRun run(rules, context, tickets);
  context.clock = nullptr;
  const WorldRun patient(rules, context, tickets);

  ASSERT_EQ(run.matches().size(), 2U);
  EXPECT_EQ(run.SpelledWithoutIds(), patient.SpelledWithoutIds());
  EXPECT_EQ(run.TimesMatched()[0] + run.TimesMatched()[3], 2);
  EXPECT_GT(run.out_of_time(), 300U);
  EXPECT_LT(run.out_of_time(), 396U);
  EXPECT_EQ(patient.out_of_time(), 0U);
}

// With less and less time the matches are the first ones of those with all the time there is, and
// who is not matched was passed over or is reported.
TEST(HardTicksTest, LessTimeMakesABeginningOfTheSameMatches) {
  const Pool pool = {"pairs", "2,2,5,5", "", [](int number, Ticket* ticket) {
                       ticket->players[0].attributes.Set("mmr", number * 37 % 900);
                     }};
  const std::vector<Ticket> tickets = MakePool(pool, 3000);
  const auto rules = CompileText(RulesOf(pool));
  RunContext context{.now = base::Timestamp(milliseconds(200'000'000))};
  const WorldRun patient(rules, context, tickets);

  size_t last_matches = patient.matches().size() + 1;
  for (const int per_look_ms : {1, 500, 1500, 5000}) {
    const ImpatientClock clock{milliseconds(per_look_ms)};
    context.clock = &clock;
    const WorldRun run(rules, context, tickets);

    const std::vector<std::string> all = patient.SpelledWithoutIds();
    const std::vector<std::string> some = run.SpelledWithoutIds();
    ASSERT_LE(some.size(), all.size());
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
    EXPECT_LE(some.size(), last_matches);
    EXPECT_EQ(run.out_of_time() == 0, some.size() == all.size());
    last_matches = some.size();
  }
  EXPECT_EQ(last_matches == 0, false);
}

json LargeRules(Dice* dice, Profile profile) {
  json rules = json::parse(R"({
      "alliance": {"min_number": 2, "max_number": 2, "player_max_number": 5},
      "matching_rule": [{"attribute": "mmr", "criteria": "distance", "reference": 100}],
      "region_latency_max_ms": 200, "region_latency_initial_range_ms": 40,
      "region_expansion_rate_ms": 5000, "region_expansion_range_ms": 30})");
  rules["alliance"]["player_min_number"] = dice->Pick(std::vector{3, 4, 5, 5});
  rules["blocked_player_option"] = dice->Pick(
      std::vector<std::string>{"blockedPlayerCannotMatch", "blockedPlayerCanMatchOnDifferentTeam"});
  if (profile == Profile::kHosted) {
    rules["alliance"]["combination"] = json::parse(R"({"has_combination": true, "alliances": [[
        {"name": "tank", "min": 1, "max": 2}, {"name": "dps", "min": 1, "max": 4}]]})");
  }
  return rules;
}

Ticket LargePoolTicket(Dice* dice, int number, int regions) {
  Ticket ticket{.id = StrCat("t", number)};
  const int size = dice->Chance(50) ? 1 : dice->Number(1, 5);
  for (int i = 0; i < size; ++i) {
    Player& player = ticket.players.emplace_back(Player{StrCat("t", number, "-", i), {}});
    // A sum of many is about normal, here with a deviation of 200.
    int mmr = 1500;
    for (int j = 0; j < 12; ++j) mmr += dice->Number(-100, 100);
    player.attributes.Set("mmr", mmr);
    player.attributes.Set("role", dice->Chance(30) ? "tank" : "dps");
  }
  const int home = dice->Number(0, regions - 1);
  for (int i = 0; i < regions; ++i) {
    ticket.latencies.push_back({StrCat("r", i), 60 * std::abs(i - home) + dice->Number(10, 60)});
  }
  if (number > 0 && dice->Chance(20)) {
    ticket.attributes.Set("blocked_players", List{StrCat("t", dice->Number(0, number - 1), "-0")});
  }
  return ticket;
}

// Every sixth one has roles.
World MakeLargeWorld(uint64_t seed) {
  Dice dice(seed);
  World world;
  world.seed = seed;
  world.options.profile = seed % 6 == 0 ? Profile::kHosted : Profile::kCore;
  world.rules = LargeRules(&dice, world.options.profile);
  world.options.tick_time_limit = std::chrono::hours(1);
  world.now = base::Timestamp(std::chrono::hours(1000));
  const int tickets = dice.Number(400, 1500);
  for (int i = 0; i < tickets; ++i) {
    world.tickets.push_back(LargePoolTicket(&dice, i, static_cast<int>(seed % 5) + 1));
    const milliseconds age(dice.Number(0, 20'000));
    world.tickets.back().created_at = world.now - age;
  }
  return world;
}

void ExpectLegal(const World& world, const CompiledRules& rules, const WorldRun& run) {
  const Judge judge(rules, run.taken(), world.now);
  EXPECT_THAT(run.TimesMatched(), testing::Each(testing::Le(1)));
  EXPECT_THAT(run.matches(), testing::Not(testing::IsEmpty()));
  for (const Match& match : run.matches()) EXPECT_EQ(judge.Problem(judge.Read(match)), "");
}

TEST(HardTicksTest, QualityHoldsInLargePoolsToo) {
  for (uint64_t seed = 1; seed <= 6 && !HasFailure(); ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const World world = MakeLargeWorld(seed);
    const auto rules = Compile(world, Strategy::kQuality);
    ASSERT_NE(rules, nullptr);
    RunContext context = ContextOf(world);
    const WorldRun plain(Compile(world, Strategy::kOldestFirst), context, world.tickets);
    const ImpatientClock patient(milliseconds(1));
    context.clock = &patient;

    const WorldRun run(rules, context, world.tickets);
    const milliseconds::rep looks = patient.MonotonicNow().time_since_epoch() / milliseconds(1);
    const ImpatientClock impatient(world.options.tick_time_limit / (looks / 2));
    context.clock = &impatient;
    const WorldRun cut_short(rules, context, world.tickets);

    ExpectLegal(world, *rules, run);
    EXPECT_THAT(run.TimesMatched(), testing::Pointwise(testing::Ge(), plain.TimesMatched()));
    ExpectLegal(world, *rules, cut_short);
    EXPECT_GE(impatient.MonotonicNow().time_since_epoch(), world.options.tick_time_limit);
  }
}

class WorstPoolTest : public testing::TestWithParam<Pool> {};
std::ostream& operator<<(std::ostream& out, const Pool& pool) { return out << pool.name; }

TEST_P(WorstPoolTest, CostsFewLooksATicketOrEndsAtTheDeadline) {
  constexpr int kTickets = 10'000;
  const Pool& pool = GetParam();
  const std::vector<Ticket> made = MakePool(pool, kTickets);
  const auto rules = CompileText(RulesOf(pool));
  const Judge judge(*rules, made, base::Timestamp(milliseconds(100'000'000 + kTickets)));
  TermsFinder terms(judge.legality(), rules->alliances, {1, 2});
  OldestFirst matcher(judge.legality(), terms, {});
  const ImpatientClock clock(milliseconds(10));
  const RunContext context{.clock = pool.looks == kTooMany ? &clock : nullptr};
  TickDeadline deadline(context, milliseconds(1000));

  const size_t missed =
      matcher.Run(judge.legality().pool().ServiceOrder(), deadline, [](Composition& /*match*/) {});

  RecordProperty("looks", StrCat(matcher.looks()));
  if (pool.looks == kTooMany) {
    EXPECT_GT(missed, 0U);
  } else {
    EXPECT_EQ(missed, 0U);
    EXPECT_LE(matcher.looks(), pool.looks * kTickets);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pools, WorstPoolTest,
    testing::Values(
        Pool{"all ratings equal", "2,2,5,5", "", Nothing, 1, 4},
        Pool{"all ratings equal, one of each match left over", "2,2,1,1", "", Nothing, 1, 4},
        Pool{"one hot region", "2,2,5,5", R"(,"region_latency_max_ms":200)",
             [](int number, Ticket* ticket) {
               ticket->latencies = {
                   {"ap", 150 + number % 50}, {"eu", 20 + number % 7}, {"us", 90 + number % 30}};
             },
             1, 4},
        Pool{"all parties of the largest size", "2,2,5,5", "", Nothing, 5, 4},
        Pool{"parties that never fit", "2,2,5,5", "", Nothing, 3, 4},
        Pool{"every option distinct", "2,2,1,1",
             R"(,"match_options":{"options":[{"name":"maps","type":"any"}]})",
             [](int number, Ticket* ticket) {
               ticket->attributes.Set("maps", List{StrCat("x", number)});
             },
             1, 4},
        Pool{"every plain attribute distinct", "2,2,1,1", "",
             [](int number, Ticket* ticket) { ticket->attributes.Set("m", number); }, 1, 4},
        Pool{"everyone blocks the oldest", "2,2,1,1", "", BlockTheOldest, 1, kTooMany},
        Pool{"all share a player", "2,2,1,1", "",
             [](int, Ticket* ticket) { ticket->players[0].id = "same"; }, 1, kTooMany},
        Pool{"all alike and unique", "2,2,1,1",
             R"(,"match_options":{"options":[{"name":"maps","type":"unique"}]})",
             [](int, Ticket* ticket) { ticket->attributes.Set("maps", "x"); }, 1, 0},
        Pool{"ratings out of reach", "2,2,1,1", "",
             [](int number, Ticket* ticket) {
               ticket->players[0].attributes.Set("mmr", number * 101);
             },
             1, 4},
        Pool{"equal in one rating, out of reach in another", "2,2,1,1",
             R"(,"matching_rule":[{"attribute":"mmr","criteria":"distance","reference":100},)"
             R"({"attribute":"skill","criteria":"distance","reference":1}])",
             [](int number, Ticket* ticket) {
               ticket->players[0].attributes.Set("skill", number * 2);
             },
             1, 4},
        Pool{"parties of four and of two", "2,2,5,5", "",
             [](int number, Ticket* ticket) {
               if (number % 2 == 0) ticket->players.resize(2);
             },
             4, 4},
        Pool{"rules that compare no more", "2,2,1,1",
             R"(,"flexing_rule":[{"attribute":"mmr","criteria":"average","duration":1}])", Nothing,
             1, 4}));

}  // namespace
}  // namespace muster::match::alliance
