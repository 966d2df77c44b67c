#include "telemetry/match_metrics.h"

#include <string>

#include "base/byte_budget.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace muster::telemetry {
namespace {

// A line of the page that Prometheus reads.
testing::AssertionResult Shows(const MatchMetrics& metrics, const std::string& line) {
  const std::string page =
      "\n" + prometheus::TextSerializer().Serialize(metrics.registry()->Collect());
  if (page.find("\n" + line + "\n") != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no line `" << line << "` in" << page;
}

TEST(MatchMetrics, StartEverySeriesOfAMethodOrLimitAtZero) {
  const MatchMetrics metrics("app", "1.2");

  EXPECT_TRUE(Shows(metrics, "app_tickets_received_total{method=\"EnrichTicket\"} 0"));
  EXPECT_TRUE(Shows(metrics, "app_bad_requests_total{method=\"GetStatCodes\"} 0"));
  EXPECT_TRUE(Shows(metrics, "app_limits_reached_total{limit=\"worker_queue\"} 0"));
  EXPECT_TRUE(Shows(metrics, "app_streams 0"));
  EXPECT_TRUE(Shows(metrics, "app_buffered_bytes 0"));
  EXPECT_TRUE(Shows(metrics, "app_build_info{version=\"1.2\"} 1"));
}

TEST(MatchMetrics, CountWhatBecameOfTickets) {
  MatchMetrics metrics("app", "0");
  metrics.TicketReceived(Method::kMakeMatches);
  metrics.TicketLeftOut(Method::kMakeMatches, "other_pool");
  metrics.TicketsLeftOver(Method::kBackfillMatches, 3);
  metrics.MatchMade(4);
  metrics.ProposalMade(2);

  EXPECT_TRUE(Shows(metrics, "app_tickets_received_total{method=\"MakeMatches\"} 1"));
  EXPECT_TRUE(
      Shows(metrics, "app_tickets_left_out_total{method=\"MakeMatches\",reason=\"other_pool\"} 1"));
  EXPECT_TRUE(Shows(metrics, "app_tickets_left_over_total{method=\"BackfillMatches\"} 3"));
  EXPECT_TRUE(Shows(metrics, "app_matches_total 1"));
  EXPECT_TRUE(Shows(metrics, "app_players_matched_total 4"));
  EXPECT_TRUE(Shows(metrics, "app_proposals_total 1"));
  EXPECT_TRUE(Shows(metrics, "app_players_proposed_total 2"));
}

TEST(MatchMetrics, BoundTheReasonsThatALogicMakesUp) {
  MatchMetrics metrics("app", "0");
  for (int i = 0; i < 40; ++i) metrics.TicketInvalid("reason_" + std::to_string(i));
  metrics.TicketInvalid("reason_0");

  EXPECT_TRUE(Shows(metrics, "app_tickets_invalid_total{reason=\"reason_0\"} 2"));
  EXPECT_TRUE(Shows(metrics, "app_tickets_invalid_total{reason=\"reason_31\"} 1"));
  EXPECT_TRUE(Shows(metrics, "app_tickets_invalid_total{reason=\"other\"} 8"));
}

TEST(MatchMetrics, ShowTheBudgetAsItIsWhenRead) {
  MatchMetrics metrics("app", "0");
  const auto budget = std::make_shared<base::ByteBudget>(100);
  metrics.ShowBuffered(budget);

  ASSERT_TRUE(budget->TryTake(70));
  EXPECT_TRUE(Shows(metrics, "app_buffered_bytes 70"));
  budget->Return(70);
  EXPECT_TRUE(Shows(metrics, "app_buffered_bytes 0"));
}

}  // namespace
}  // namespace muster::telemetry
