#include "lab/population.h"

#include <algorithm>
#include <ostream>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::lab {
namespace {

using support::StatusIs;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<match::Ticket> Make(size_t count, PopulationOptions options = {}) {
  Population population = Population::Create(std::move(options)).value();
  std::vector<match::Ticket> tickets;
  for (size_t i = 0; i < count; ++i) tickets.push_back(population.Next());
  return tickets;
}

double Rating(const match::Player& player) { return *player.attributes.Find("mmr")->number(); }

bool SameTicket(const match::Ticket& a, const match::Ticket& b) {
  const auto same_player = [](const match::Player& x, const match::Player& y) {
    return x.id == y.id && x.attributes == y.attributes;
  };
  const auto same_latency = [](const match::Latency& x, const match::Latency& y) {
    return x.region == y.region && x.ms == y.ms;
  };
  return a.id == b.id && a.created_at == b.created_at &&
         std::equal(a.players.begin(), a.players.end(), b.players.begin(), b.players.end(),
                    same_player) &&
         std::equal(a.latencies.begin(), a.latencies.end(), b.latencies.begin(), b.latencies.end(),
                    same_latency);
}

TEST(Population, GivesTheSameTicketsForOneSeed) {
  const auto first = Make(500);
  const auto second = Make(500);

  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin(), SameTicket));
}

TEST(Population, GivesOtherTicketsForAnotherSeed) {
  const auto first = Make(500);
  const auto second = Make(500, {.seed = 2});

  EXPECT_FALSE(std::equal(first.begin(), first.end(), second.begin(), SameTicket));
}

TEST(Population, NamesEveryTicketPlayerAndPartyOnce) {
  std::set<std::string> ids;
  size_t names = 0;

  for (const match::Ticket& ticket : Make(2000)) {
    ids.insert(ticket.id);
    ++names;
    for (const match::Player& player : ticket.players) ids.insert(player.id);
    names += ticket.players.size();
    if (ticket.party_session_id.empty()) continue;
    ids.insert(ticket.party_session_id);
    ++names;
  }

  EXPECT_EQ(ids.size(), names);
}

TEST(Population, PutsThePrefixBeforeEveryId) {
  for (const match::Ticket& ticket : Make(200, {.id_prefix = "eu-"})) {
    EXPECT_THAT(ticket.id, StartsWith("eu-t"));
    EXPECT_THAT(ticket.players[0].id, StartsWith("eu-p"));
    if (ticket.players.size() == 1) continue;
    EXPECT_THAT(ticket.party_session_id, StartsWith("eu-party"));
  }
}

TEST(Population, MakesPartiesOfTheAskedSizesOnly) {
  for (const match::Ticket& ticket : Make(300, {.party_size_weights = {0, 1, 0, 1}})) {
    EXPECT_TRUE(ticket.players.size() == 2 || ticket.players.size() == 4);
    EXPECT_FALSE(ticket.party_session_id.empty());
  }
  for (const match::Ticket& ticket : Make(300, {.party_size_weights = {1}})) {
    EXPECT_EQ(ticket.players.size(), 1u);
    EXPECT_TRUE(ticket.party_session_id.empty());
  }
}

TEST(Population, RatesPlayersAroundTheMeanAndPartiesAlike) {
  double sum = 0;
  double players = 0;
  double widest_party = 0;

  for (const match::Ticket& ticket : Make(5000)) {
    for (const match::Player& player : ticket.players) {
      sum += Rating(player);
      ++players;
      widest_party =
          std::max(widest_party, std::abs(Rating(player) - Rating(ticket.players.front())));
    }
  }

  EXPECT_NEAR(sum / players, 1500, 15);
  EXPECT_LT(widest_party, 12 * 120);
}

TEST(Population, MeasuresLatenciesToAllRegionsInOrderOfName) {
  for (const match::Ticket& ticket : Make(300, {.regions = {"us-east-2", "eu-central-1"}})) {
    ASSERT_EQ(ticket.latencies.size(), 2u);
    EXPECT_EQ(ticket.latencies[0].region, "eu-central-1");
    EXPECT_EQ(ticket.latencies[1].region, "us-east-2");
    EXPECT_GE(std::min(ticket.latencies[0].ms, ticket.latencies[1].ms), 8);
    EXPECT_GE(std::max(ticket.latencies[0].ms, ticket.latencies[1].ms), 100);
  }
}

TEST(Population, LeavesLatenciesOutWithoutRegions) {
  for (const match::Ticket& ticket : Make(100, {.regions = {}})) {
    EXPECT_TRUE(ticket.latencies.empty());
  }
}

TEST(Population, MakesTicketsInOrderOfTime) {
  const auto tickets = Make(10'000);
  const auto earlier = [](const match::Ticket& a, const match::Ticket& b) {
    return *a.created_at < *b.created_at;
  };

  EXPECT_TRUE(std::is_sorted(tickets.begin(), tickets.end(), earlier));
  EXPECT_EQ(*tickets.front().created_at, PopulationOptions().first_created_at);
  const auto gap = (*tickets.back().created_at - *tickets.front().created_at) / 9999.0;
  EXPECT_NEAR(gap.count(), 20, 1);
}

struct BadOptions {
  const char* name;
  PopulationOptions options;
  const char* problem;
};

std::ostream& operator<<(std::ostream& out, const BadOptions& bad) { return out << bad.name; }

class PopulationRefuses : public testing::TestWithParam<BadOptions> {};

TEST_P(PopulationRefuses, NamingOptionAndValue) {
  EXPECT_THAT(Population::Create(GetParam().options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Options, PopulationRefuses,
    testing::Values(
        BadOptions{"NoSizes", {.party_size_weights = {}}, "party size weights ``"},
        BadOptions{"OnlyZero", {.party_size_weights = {0, 0}}, "party size weights `0,0`"},
        BadOptions{"Negative", {.party_size_weights = {1, -1}}, "party size weights `1,-1`"},
        BadOptions{"Region", {.regions = {"moon"}}, "regions `moon`"},
        BadOptions{"Deviation", {.rating_deviation = -1}, "rating deviation -1"},
        BadOptions{"PartyDeviation", {.party_rating_deviation = -2}, "party rating deviation -2"},
        BadOptions{"Mean", {.rating_mean = 2'000'000'000}, "rating mean 2000000000"},
        BadOptions{"Gap", {.mean_gap = std::chrono::milliseconds(-5)}, "mean gap"}),
    [](const auto& bad) { return bad.param.name; });

}  // namespace
}  // namespace muster::lab
