#include "lab/snapshot.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lab/match_quality.h"
#include "tests/support/status_matchers.h"

namespace muster::lab {
namespace {

using support::StatusIs;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

std::vector<match::Ticket> Make(const SnapshotOptions& options) {
  return MakeSnapshot(options).value();
}

double Rating(const match::Player& player) { return *player.attributes.Find("mmr")->number(); }

size_t Blocked(const match::Ticket& ticket) {
  const match::Value* value = ticket.attributes.Find("blocked_players");
  return value == nullptr ? 0 : value->list()->size();
}

TEST(Snapshot, GivesTheSameTicketsForOneSeed) {
  const SnapshotOptions options = {.seed = 7, .party_size_weights = {1, 1}, .regions = 3};

  const auto first = Make(options);
  const auto second = Make(options);

  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].created_at, second[i].created_at);
    EXPECT_EQ(MeanRating(first[i], "mmr"), MeanRating(second[i], "mmr"));
    EXPECT_EQ(first[i].latencies[2].ms, second[i].latencies[2].ms);
  }
}

TEST(Snapshot, GivesOtherTicketsForAnotherSeed) {
  const auto first = Make({.seed = 1});
  const auto second = Make({.seed = 2});

  EXPECT_NE(MeanRating(first[0], "mmr"), MeanRating(second[0], "mmr"));
}

TEST(Snapshot, MakesSoManyTicketsAndNamesAllOnce) {
  std::set<std::string> ids;
  size_t names = 0;

  const auto tickets = Make({.tickets = 500, .party_size_weights = {1, 1, 1}});
  for (const match::Ticket& ticket : tickets) {
    ids.insert(ticket.id);
    for (const match::Player& player : ticket.players) ids.insert(player.id);
    names += 1 + ticket.players.size();
  }

  EXPECT_THAT(tickets, SizeIs(500));
  EXPECT_EQ(ids.size(), names);
}

TEST(Snapshot, MakesAllAgesUpToTheLargestInNoOrder) {
  const SnapshotOptions options = {.tickets = 2000};
  const auto tickets = Make(options);

  double sum_ms = 0;
  for (const match::Ticket& ticket : tickets) {
    const auto age = options.now - *ticket.created_at;
    EXPECT_THAT(age.count(), AllOf(Ge(0), Le(10'000)));
    sum_ms += static_cast<double>(age.count());
  }

  EXPECT_NEAR(sum_ms / 2000, 5000, 200);
  EXPECT_FALSE(std::ranges::is_sorted(tickets, {}, &match::Ticket::created_at));
}

TEST(Snapshot, RatesTicketsAroundTheMeanAndMembersAroundTheirTicket) {
  std::vector<double> ratings;
  double widest_party = 0;

  for (const match::Ticket& ticket : Make({.tickets = 4000, .party_size_weights = {0, 0, 1}})) {
    for (const match::Player& player : ticket.players) {
      ratings.push_back(Rating(player));
      widest_party = std::max(widest_party, std::abs(Rating(player) - Rating(ticket.players[0])));
    }
  }

  // A normal distribution has 68.3 % within one deviation of the mean.
  EXPECT_NEAR(Percentile(ratings, 50), 1500, 20);
  EXPECT_NEAR(Percentile(ratings, 84.13) - Percentile(ratings, 15.87), 2 * 304, 30);
  EXPECT_THAT(widest_party, AllOf(Ge(150), Le(600)));
}

TEST(Snapshot, GivesHardlyTwoPlayersTheSameRating) {
  std::set<double> ratings;

  for (const match::Ticket& ticket : Make({.tickets = 20'000})) {
    ratings.insert(Rating(ticket.players[0]));
  }

  EXPECT_THAT(ratings.size(), Ge(19'900u));
}

TEST(Snapshot, MakesPartiesOfTheAskedSizesAlike) {
  std::map<size_t, int> sizes;

  for (const match::Ticket& ticket : Make({.tickets = 3000, .party_size_weights = {1, 0, 1}})) {
    ++sizes[ticket.players.size()];
    EXPECT_EQ(ticket.party_session_id.empty(), ticket.players.size() == 1);
  }

  EXPECT_THAT(sizes, SizeIs(2));
  EXPECT_NEAR(sizes[1], 1500, 150);
  EXPECT_NEAR(sizes[3], 1500, 150);
}

TEST(Snapshot, PutsOneRegionNearAndTheOthersFurther) {
  std::set<std::string> homes;

  for (const match::Ticket& ticket : Make({.tickets = 1000, .regions = 5})) {
    ASSERT_THAT(ticket.latencies, SizeIs(5));
    EXPECT_TRUE(std::ranges::is_sorted(ticket.latencies, {}, &match::Latency::region));
    const auto home = *std::ranges::min_element(ticket.latencies, {}, &match::Latency::ms);
    homes.insert(home.region);
    EXPECT_THAT(home.ms, AllOf(Ge(20), Le(50)));
    for (const match::Latency& latency : ticket.latencies) {
      if (latency.region == home.region) continue;
      EXPECT_THAT(latency.ms - home.ms, AllOf(Ge(60), Le(210)));
    }
  }

  EXPECT_THAT(homes, SizeIs(5));
}

TEST(Snapshot, LeavesOutWhatIsNotAskedFor) {
  for (const match::Ticket& ticket : Make({.tickets = 100})) {
    EXPECT_TRUE(ticket.latencies.empty());
    EXPECT_TRUE(ticket.attributes.empty());
    EXPECT_EQ(ticket.players[0].attributes.size(), 1u);
  }
}

TEST(Snapshot, GivesPlayersTheirBestRoleAndEverySecondAnother) {
  std::map<std::string, int> best;
  int with_two = 0;

  for (const match::Ticket& ticket :
       Make({.tickets = 2000, .roles = {{"tank", 1}, {"healer", 1}, {"dps", 2}}})) {
    const match::List& roles = *ticket.players[0].attributes.Find("role")->list();
    ++best[*roles[0].text()];
    if (roles.size() == 1) continue;
    ++with_two;
    EXPECT_THAT(roles, SizeIs(2));
    EXPECT_NE(*roles[0].text(), *roles[1].text());
  }

  EXPECT_NEAR(best["tank"], 500, 75);
  EXPECT_NEAR(best["healer"], 500, 75);
  EXPECT_NEAR(best["dps"], 1000, 100);
  EXPECT_NEAR(with_two, 1000, 100);
}

TEST(Snapshot, BlocksAShareOfThePairsNextByRating) {
  auto tickets = Make({.tickets = 3000, .blocked_percent = 20});
  std::ranges::sort(tickets, {}, [](const auto& ticket) { return Rating(ticket.players[0]); });

  size_t pairs = 0;
  for (size_t i = 0; i < tickets.size(); ++i) {
    if (Blocked(tickets[i]) == 0) continue;
    for (const match::Value& id : *tickets[i].attributes.Find("blocked_players")->list()) {
      const size_t end = std::min(i + 11, tickets.size());
      EXPECT_TRUE(std::any_of(tickets.begin() + i + 1, tickets.begin() + end,
                              [&](const auto& next) { return next.players[0].id == *id.text(); }));
      ++pairs;
    }
  }

  EXPECT_NEAR(static_cast<double>(pairs), 0.2 * 10 * 3000, 200);
}

struct BadOptions {
  const char* name;
  SnapshotOptions options;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadOptions& bad) { return out << bad.name; }

class SnapshotRefuses : public testing::TestWithParam<BadOptions> {};

TEST_P(SnapshotRefuses, NamingOptionAndValue) {
  EXPECT_THAT(MakeSnapshot(GetParam().options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Options, SnapshotRefuses,
    testing::Values(
        BadOptions{"Tickets", {.tickets = -1}, "tickets -1"},
        BadOptions{"Age", {.max_age = std::chrono::hours(25)}, "age in milliseconds 90000000"},
        BadOptions{"Mean", {.rating_mean = 2'000'000}, "rating mean 2000000"},
        BadOptions{"Deviation", {.rating_deviation = -1}, "rating deviation -1"},
        BadOptions{"MemberDeviation", {.member_deviation = -2}, "member deviation -2"},
        BadOptions{"NoSizes", {.party_size_weights = {}}, "weights of party sizes ``"},
        BadOptions{"ZeroSizes", {.party_size_weights = {0, 0}}, "weights of party sizes `0,0`"},
        BadOptions{"Regions", {.regions = 10}, "regions 10"},
        BadOptions{"Roles", {.roles = {{"tank", -1}}}, "weights of roles `-1`"},
        BadOptions{"Percent", {.blocked_percent = 101}, "blocked percent 101"}),
    [](const auto& bad) { return bad.param.name; });

}  // namespace
}  // namespace muster::lab
