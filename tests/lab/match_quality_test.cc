#include "lab/match_quality.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::lab {
namespace {

using support::StatusIs;
using testing::HasSubstr;

constexpr base::Timestamp kNow{std::chrono::seconds(1000)};

// A ticket of players with these ratings, so many seconds old.
match::Ticket TicketOf(const std::vector<double>& ratings, int age_s = 0) {
  match::Ticket ticket;
  ticket.created_at = kNow - std::chrono::seconds(age_s);
  for (const double rating : ratings) {
    ticket.players.emplace_back().attributes.Set("mmr", rating);
  }
  return ticket;
}

// A match of teams that consist of these tickets.
match::Match MatchOf(const std::vector<std::vector<match::TicketIndex>>& teams) {
  match::Match match;
  for (const auto& tickets : teams) match.teams.push_back({"", tickets});
  return match;
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(Percentile({15, 20, 35, 40, 50}, 5), 15);
  EXPECT_EQ(Percentile({50, 40, 35, 20, 15}, 30), 20);
  EXPECT_EQ(Percentile({15, 20, 35, 40, 50}, 40), 20);
  EXPECT_EQ(Percentile({15, 20, 35, 40, 50}, 50), 35);
  EXPECT_EQ(Percentile({15, 20, 35, 40, 50}, 100), 50);
}

TEST(Percentile, OfNothingIsZero) { EXPECT_EQ(Percentile({}, 50), 0); }

TEST(MeanRating, CountsWhatIsMissingOrNoNumberAsZero) {
  match::Ticket ticket = TicketOf({300});
  ticket.players.emplace_back();
  ticket.players.emplace_back().attributes.Set("mmr", "600");

  EXPECT_EQ(MeanRating(ticket, "mmr"), 100);
  EXPECT_EQ(MeanRating(TicketOf({}), "mmr"), 0);
}

TEST(MatchQuality, CountsPlayersNotTickets) {
  const auto quality = MeasureQuality({TicketOf({1, 1, 1}), TicketOf({1}), TicketOf({1})},
                                      {MatchOf({{1}, {2}})}, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_EQ(quality->matches, 1);
  EXPECT_EQ(quality->players, 5);
  EXPECT_EQ(quality->matched_players, 2);
  EXPECT_EQ(quality->MatchedPercent(), 40);
}

TEST(MatchQuality, SpreadIsBetweenTheMeansOfTickets) {
  const auto quality = MeasureQuality({TicketOf({0, 200}), TicketOf({110}), TicketOf({130})},
                                      {MatchOf({{0}, {1, 2}})}, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_EQ(quality->spread_p50, 30);
  EXPECT_EQ(quality->spread_p95, 30);
}

TEST(MatchQuality, ImbalanceIsBetweenTheMeansOfTeamsByPlayer) {
  // given one team with players 0, 200, 130 and another with 100
  const auto quality = MeasureQuality({TicketOf({0, 200}), TicketOf({100}), TicketOf({130})},
                                      {MatchOf({{0, 2}, {1}})}, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_DOUBLE_EQ(quality->imbalance_p50, 10);
  EXPECT_DOUBLE_EQ(quality->imbalance_p95, 10);
}

TEST(MatchQuality, OfManyMatchesHasTheMiddleAndTheNearlyWorst) {
  std::vector<match::Ticket> tickets;
  std::vector<match::Match> matches;
  for (match::TicketIndex i = 0; i < 20; ++i) {
    tickets.push_back(TicketOf({1000}));
    tickets.push_back(TicketOf({1001.0 + i}));
    matches.push_back(MatchOf({{2 * i}, {2 * i + 1}}));
  }

  const auto quality = MeasureQuality(tickets, matches, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_EQ(quality->spread_p50, 10);
  EXPECT_EQ(quality->spread_p95, 19);
  EXPECT_EQ(quality->imbalance_p50, 10);
  EXPECT_EQ(quality->imbalance_p95, 19);
}

TEST(MatchQuality, TellsTheAgeOfTheOldestWithoutAMatch) {
  const auto quality = MeasureQuality({TicketOf({1}, 9), TicketOf({1}, 4), TicketOf({1}, 7)},
                                      {MatchOf({{0}})}, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_EQ(quality->oldest_waiting, std::chrono::seconds(7));
}

TEST(MatchQuality, OfNothingIsAllMatched) {
  const auto quality = MeasureQuality({}, {}, "mmr", kNow);

  ASSERT_THAT(quality, support::IsOk());
  EXPECT_EQ(quality->MatchedPercent(), 100);
  EXPECT_EQ(quality->oldest_waiting.count(), 0);
}

TEST(MatchQuality, RefusesATicketThatIsNotThere) {
  EXPECT_THAT(MeasureQuality({TicketOf({1})}, {MatchOf({{0}, {1}})}, "mmr", kNow),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("match 0 names ticket 1 of 1")));
}

TEST(MatchQuality, RefusesATicketThatIsTaken) {
  EXPECT_THAT(MeasureQuality({TicketOf({1}), TicketOf({1})}, {MatchOf({{0}, {1}}), MatchOf({{1}})},
                             "mmr", kNow),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("match 1 names ticket 1, which")));
}

}  // namespace
}  // namespace muster::lab
