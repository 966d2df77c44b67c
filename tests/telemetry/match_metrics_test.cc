#include "telemetry/match_metrics.h"

#include <string>

#include "base/byte_budget.h"
#include "gtest/gtest.h"
#include "tests/telemetry/scrape.h"

namespace muster::telemetry {
namespace {

TEST(MatchMetrics, StartEverySeriesOfAMethodOrLimitAtZero) {
  MetricRegistry registry("app");
  const MatchMetrics metrics(registry);

  EXPECT_TRUE(Shows(registry, "app_tickets_received_total{method=\"EnrichTicket\"} 0"));
  EXPECT_TRUE(Shows(registry, "app_bad_requests_total{method=\"GetStatCodes\"} 0"));
  EXPECT_TRUE(Shows(registry, "app_limits_reached_total{limit=\"worker_queue\"} 0"));
  EXPECT_TRUE(Shows(registry, "app_streams 0"));
  EXPECT_TRUE(Shows(registry, "app_buffered_bytes 0"));
}

TEST(MatchMetrics, CountWhatBecameOfTickets) {
  MetricRegistry registry("app");
  MatchMetrics metrics(registry);
  metrics.TicketReceived(Method::kMakeMatches);
  metrics.TicketLeftOut(Method::kMakeMatches, "other_pool");
  metrics.TicketsLeftOver(Method::kBackfillMatches, 3);
  metrics.MatchMade(4);
  metrics.ProposalMade(2);

  EXPECT_TRUE(Shows(registry, "app_tickets_received_total{method=\"MakeMatches\"} 1"));
  EXPECT_TRUE(Shows(registry,
                    "app_tickets_left_out_total{method=\"MakeMatches\",reason=\"other_pool\"} 1"));
  EXPECT_TRUE(Shows(registry, "app_tickets_left_over_total{method=\"BackfillMatches\"} 3"));
  EXPECT_TRUE(Shows(registry, "app_matches_total 1"));
  EXPECT_TRUE(Shows(registry, "app_players_matched_total 4"));
  EXPECT_TRUE(Shows(registry, "app_proposals_total 1"));
  EXPECT_TRUE(Shows(registry, "app_players_proposed_total 2"));
}

TEST(MatchMetrics, CountTicksThatRanOutOfTime) {
  MetricRegistry registry("app");
  MatchMetrics metrics(registry);
  metrics.TickOutOfTime(Method::kMakeMatches, 3);
  metrics.TickOutOfTime(Method::kMakeMatches, 4);

  EXPECT_TRUE(Shows(registry, "app_ticks_out_of_time_total{method=\"MakeMatches\"} 2"));
  EXPECT_TRUE(Shows(registry, "app_tickets_not_looked_at_total{method=\"MakeMatches\"} 7"));
  EXPECT_TRUE(Shows(registry, "app_ticks_out_of_time_total{method=\"BackfillMatches\"} 0"));
}

TEST(MatchMetrics, BoundTheReasonsThatALogicMakesUp) {
  MetricRegistry registry("app");
  MatchMetrics metrics(registry);
  for (int i = 0; i < 40; ++i) metrics.TicketInvalid("reason_" + std::to_string(i));
  metrics.TicketInvalid("reason_0");

  EXPECT_TRUE(Shows(registry, "app_tickets_invalid_total{reason=\"reason_0\"} 2"));
  EXPECT_TRUE(Shows(registry, "app_tickets_invalid_total{reason=\"reason_31\"} 1"));
  EXPECT_TRUE(Shows(registry, "app_tickets_invalid_total{reason=\"other\"} 8"));
}

TEST(MatchMetrics, TellHowLongTicketsWaited) {
  MetricRegistry registry("app");
  MatchMetrics metrics(registry);
  metrics.TicketWaited(std::chrono::milliseconds(700));
  metrics.TicketWaited(std::chrono::milliseconds(40'000));

  EXPECT_TRUE(Shows(registry, "app_ticket_wait_seconds_count 2"));
  EXPECT_TRUE(Shows(registry, "app_ticket_wait_seconds_bucket{le=\"0.5\"} 0"));
  EXPECT_TRUE(Shows(registry, "app_ticket_wait_seconds_bucket{le=\"1\"} 1"));
  EXPECT_TRUE(Shows(registry, "app_ticket_wait_seconds_bucket{le=\"45\"} 2"));
}

TEST(MatchMetrics, ShowTheBudgetAsItIsWhenRead) {
  MetricRegistry registry("app");
  MatchMetrics metrics(registry);
  const auto budget = std::make_shared<base::ByteBudget>(100);
  metrics.ShowBuffered(budget);

  ASSERT_TRUE(budget->TryTake(70));
  EXPECT_TRUE(Shows(registry, "app_buffered_bytes 70"));
  budget->Return(70);
  EXPECT_TRUE(Shows(registry, "app_buffered_bytes 0"));
}

}  // namespace
}  // namespace muster::telemetry
