#include "lab/upper_bound.h"

#include <algorithm>
#include <bit>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lab/match_quality.h"
#include "lab/party_bound.h"
#include "lab/snapshot.h"

namespace muster::lab {
namespace {

using testing::ElementsAre;
using testing::Field;

constexpr base::Timestamp kNow{std::chrono::seconds(1'000'000)};

match::Ticket TicketOf(double rating, int players = 1) {
  match::Ticket ticket;
  ticket.created_at = kNow;
  for (int i = 0; i < players; ++i) ticket.players.emplace_back().attributes.Set("mmr", rating);
  return ticket;
}

match::Ticket At(std::chrono::milliseconds age, std::vector<match::Latency> latencies) {
  match::Ticket ticket = TicketOf(0);
  ticket.created_at = kNow - age;
  ticket.latencies = std::move(latencies);
  return ticket;
}

match::Ticket WithRoles(match::List roles) {
  match::Ticket ticket = TicketOf(0);
  ticket.players[0].attributes.Set("role", std::move(roles));
  return ticket;
}

std::vector<BoundTicket> Solos(const std::vector<double>& ratings) {
  std::vector<BoundTicket> tickets;
  for (const double rating : ratings) tickets.push_back({.rating = rating});
  return tickets;
}

// Tickets of one rating with these sizes.
std::vector<BoundTicket> Parties(const std::vector<int32_t>& sizes) {
  std::vector<BoundTicket> tickets;
  for (const int32_t players : sizes) tickets.push_back({.players = players});
  return tickets;
}

const GameRules kFives = {.team_players = 5};

TEST(BoundTickets, LeavesOutWhatFitsIntoNoTeam) {
  const auto tickets = BoundTickets({TicketOf(1, 0), TicketOf(2, 5), TicketOf(3, 6)}, kFives, kNow);

  EXPECT_THAT(tickets, ElementsAre(Field(&BoundTicket::rating, 2)));
}

TEST(BoundTickets, SharesABitWhereRegionsDoNotMatter) {
  const auto tickets = BoundTickets({At({}, {{"a", 1}}), At({}, {})}, kFives, kNow);

  EXPECT_EQ(tickets[0].regions, tickets[1].regions);
}

TEST(BoundTickets, AcceptsRegionsByAgeAndCap) {
  GameRules rules = kFives;
  rules.regions = RegionLimits();
  const std::vector<match::Latency> latencies = {{"a", 40}, {"b", 90}, {"c", 91}, {"d", 201}};
  const auto bits = [&](int age_ms) {
    const auto all = At(std::chrono::hours(1), {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
    return BoundTickets({all, At(std::chrono::milliseconds(age_ms), latencies)}, rules, kNow)[1]
        .regions;
  };

  EXPECT_EQ(bits(0), 0b0011U);
  EXPECT_EQ(bits(5000), 0b0011U);
  EXPECT_EQ(bits(5001), 0b0111U);
  EXPECT_EQ(bits(3'600'000), 0b0111U);
}

TEST(BoundTickets, TurnsNobodyAwayWhoTellsNoLatencies) {
  GameRules rules = kFives;
  rules.regions = RegionLimits();

  const auto tickets = BoundTickets({At({}, {{"a", 500}}), At({}, {})}, rules, kNow);

  EXPECT_EQ(tickets[0].regions, 0U);
  EXPECT_EQ(std::popcount(tickets[1].regions), 32);
}

TEST(SpanBound, SkipsWhoIsTooFarFromTheNext) {
  EXPECT_EQ(SpanBound(Solos({0, 150, 240, 250, 350}), 2, 100), 4);
  EXPECT_EQ(SpanBound(Solos({0, 150, 251}), 2, 100), 0);
  EXPECT_EQ(SpanBound(Solos({350, 0, 250}), 2, 100), 2);
  EXPECT_EQ(SpanBound({}, 2, 100), 0);
}

TEST(SpanBound, MayTearPartiesApart) { EXPECT_EQ(SpanBound(Parties({3, 3, 3}), 4, 100), 8); }

// The most solos in pairs, by trying all.
size_t BestPairs(std::vector<double> ratings, double distance) {
  if (ratings.size() < 2) return 0;
  const double last = ratings.back();
  ratings.pop_back();
  size_t best = BestPairs(ratings, distance);
  for (size_t i = 0; i < ratings.size(); ++i) {
    if (std::abs(ratings[i] - last) > distance) continue;
    std::vector<double> others = ratings;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    best = std::max(best, 2 + BestPairs(std::move(others), distance));
  }
  return best;
}

TEST(SpanBound, IsTheOptimumForPairs) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<double> ratings(3 + seed % 6);
    for (double& rating : ratings) rating = static_cast<double>(random() % 600);

    EXPECT_EQ(SpanBound(Solos(ratings), 2, 100), BestPairs(ratings, 100)) << "seed " << seed;
  }
}

TEST(RoleBound, CountsTheRarestSetOfRoles) {
  const GameRules rules = {.team_players = 3, .roles = {{"tank"}, {"healer"}, {"dps"}}};
  std::vector<match::Ticket> tickets(8, WithRoles({"dps"}));
  tickets.push_back(WithRoles({"tank", "healer"}));
  tickets.push_back(WithRoles({"tank", "healer"}));
  EXPECT_EQ(RoleBound(tickets, rules), 0);

  tickets.push_back(WithRoles({"healer"}));
  EXPECT_EQ(RoleBound(tickets, rules), 0);

  tickets.push_back(WithRoles({"any"}));
  EXPECT_EQ(RoleBound(tickets, rules), 6);
}

TEST(RoleBound, TakesPlayersWithoutRolesForAny) {
  const GameRules rules = {.team_players = 2, .roles = {{"tank"}, {"healer"}}};

  EXPECT_EQ(RoleBound(std::vector<match::Ticket>(9, TicketOf(0)), rules), 8);
}

struct Sizes {
  const char* name;
  std::vector<int32_t> sizes;
  int64_t most;
};

std::ostream& operator<<(std::ostream& out, const Sizes& sizes) { return out << sizes.name; }

class PartyBoundOf : public testing::TestWithParam<Sizes> {};

TEST_P(PartyBoundOf, CountsWhoNeedsWhom) {
  EXPECT_EQ(PartyBound(Parties(GetParam().sizes), 200), GetParam().most);
}

INSTANTIATE_TEST_SUITE_P(
    PartySizes, PartyBoundOf,
    testing::Values(Sizes{"Fives", {5, 5, 5}, 10}, Sizes{"Fours", {4, 4, 4, 4, 4}, 0},
                    Sizes{"FoursWithOneSolo", {4, 4, 4, 1}, 0},
                    Sizes{"FoursWithTwoSolos", {4, 4, 4, 1, 1}, 10},
                    Sizes{"ThreesAndTwos", {3, 3, 2, 2}, 10}, Sizes{"OnlyThrees", {3, 3, 3, 3}, 0},
                    Sizes{"ThreesAndSolos", {3, 3, 1, 1, 1, 1}, 10},
                    Sizes{"OnlyTwos", {2, 2, 2, 2, 2, 2}, 0},
                    Sizes{"TwosAndOneSolo", {2, 2, 2, 2, 2, 1}, 0},
                    Sizes{"TwosAndSolos", {2, 2, 2, 2, 1, 1}, 10},
                    Sizes{"ManySolos", {2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 10},
                    Sizes{"TooFew", {4, 1, 4}, 0}),
    [](const auto& sizes) { return sizes.param.name; });

TEST(PartyBound, PairsOnlyWhoShareARegion) {
  const std::vector<BoundTicket> apart = {
      {.players = 4, .regions = 1}, {.players = 4, .regions = 1}, {.players = 5, .regions = 1},
      {.players = 1, .regions = 2}, {.players = 1, .regions = 3}, {.players = 5, .regions = 2}};

  EXPECT_EQ(PartyBound(apart, 200), 10);
}

TEST(PartyBound, PairsOnlyWhoseRatingsAreNear) {
  std::vector<BoundTicket> tickets = Parties({4, 4, 1, 1, 3});
  tickets[2].rating = tickets[3].rating = 200;
  EXPECT_EQ(PartyBound(tickets, 200), 10);

  tickets[3].rating = 200.5;
  EXPECT_EQ(PartyBound(tickets, 200), 0);
}

TEST(PartyBound, LeavesOutWhoIsAloneAndThenWhoIsAloneWithoutThem) {
  std::vector<BoundTicket> tickets = Parties({5, 5, 5});
  tickets[1].rating = 200;
  tickets[2].rating = 401;
  EXPECT_EQ(PartyBound(tickets, 200), 10);

  tickets[0].players = 4;
  EXPECT_EQ(PartyBound(tickets, 200), 0);
}

// All legal matches of a small crowd tried in all ways: what no bound may be below.
class Exhaustive {
 public:
  Exhaustive(const std::vector<match::Ticket>& tickets, const GameRules& rules)
      : tickets_(tickets), rules_(rules), seen_(BoundTickets(tickets, rules, kNow)) {
    best_.assign(size_t{1} << tickets.size(), kUnknown);
  }

  int64_t Best() { return Best((uint32_t{1} << tickets_.size()) - 1); }

 private:
  static constexpr int64_t kUnknown = -1;

  int64_t Best(uint32_t left) {
    if (left == 0) return 0;
    if (best_[left] != kUnknown) return best_[left];
    const uint32_t first = left & -left;
    const uint32_t others = left ^ first;
    int64_t best = Best(others);
    // All subsets of the others with the first, none of them twice.
    for (uint32_t set = others;; set = (set - 1) & others) {
      if (Legal(set | first)) best = std::max(best, rules_.match_players() + Best(others ^ set));
      if (set == 0) break;
    }
    return best_[left] = best;
  }

  int32_t Players(uint32_t set) const {
    int32_t players = 0;
    for (; set != 0; set &= set - 1) players += seen_[std::countr_zero(set)].players;
    return players;
  }

  bool Legal(uint32_t set) const {
    if (Players(set) != rules_.match_players()) return false;
    int oldest = std::countr_zero(set);
    uint32_t regions = ~uint32_t{0};
    for (uint32_t rest = set; rest != 0; rest &= rest - 1) {
      const int i = std::countr_zero(rest);
      if (tickets_[i].created_at < tickets_[oldest].created_at) oldest = i;
      regions &= seen_[i].regions;
    }
    for (uint32_t rest = set; rest != 0; rest &= rest - 1) {
      const double rating = seen_[std::countr_zero(rest)].rating;
      if (std::abs(rating - seen_[oldest].rating) > rules_.distance) return false;
    }
    return regions != 0 && CanBeSplit(set);
  }

  bool CanBeSplit(uint32_t set) const {
    for (uint32_t team = set; team != 0; team = (team - 1) & set) {
      if (Players(team) == rules_.team_players) return true;
    }
    return false;
  }

  const std::vector<match::Ticket>& tickets_;
  const GameRules& rules_;
  const std::vector<BoundTicket> seen_;
  std::vector<int64_t> best_;
};

TEST(MostPlayers, IsNeverBelowWhatIsPossibleAndSeldomAbove) {
  GameRules rules = kFives;
  rules.regions = RegionLimits();
  int tight = 0;
  constexpr int kSeeds = 300;

  for (int seed = 1; seed <= kSeeds; ++seed) {
    const auto tickets = MakeSnapshot({.seed = static_cast<uint64_t>(seed),
                                       .tickets = 9 + seed % 4,
                                       .now = kNow,
                                       .rating_deviation = 60 + seed % 60,
                                       .party_size_weights = {3, 2, 2, 2, 1},
                                       .regions = 1 + seed % 2});
    const int64_t possible = Exhaustive(*tickets, rules).Best();
    const int64_t bound = MostPlayers(*tickets, rules, kNow);
    EXPECT_GE(bound, possible) << "seed " << seed;
    if (bound == possible) ++tight;
  }

  EXPECT_GE(tight, kSeeds / 2);
}

TEST(MostPlayers, OfPairsMayDifferByTheDistanceOnly) {
  EXPECT_EQ(MostPlayers({TicketOf(0), TicketOf(100)}, {}, kNow), 2);
  EXPECT_EQ(MostPlayers({TicketOf(0), TicketOf(101)}, {}, kNow), 0);
}

TEST(MostPlayers, OfLargerMatchesMayDifferByTwiceTheDistance) {
  std::vector<match::Ticket> tickets(9, TicketOf(0));
  tickets.push_back(TicketOf(200));
  EXPECT_EQ(MostPlayers(tickets, kFives, kNow), 10);

  tickets.back() = TicketOf(201);
  EXPECT_EQ(MostPlayers(tickets, kFives, kNow), 0);
}

TEST(MostPlayers, CountsRoles) {
  const GameRules rules = {.team_players = 2, .roles = {{"tank"}, {"healer"}}};
  std::vector<match::Ticket> tickets(7, WithRoles({"tank"}));
  tickets.push_back(WithRoles({"healer"}));
  EXPECT_EQ(MostPlayers(tickets, rules, kNow), 0);

  tickets.push_back(WithRoles({"healer"}));
  EXPECT_EQ(MostPlayers(tickets, rules, kNow), 4);
}

}  // namespace
}  // namespace muster::lab
