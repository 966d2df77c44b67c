#include "telemetry/call_metrics.h"

#include "gtest/gtest.h"
#include "tests/telemetry/scrape.h"

namespace muster::telemetry {
namespace {

class CallMetricsTest : public testing::Test {
 protected:
  // A line of a series of GetStatCodes.
  testing::AssertionResult ShowsUnary(const std::string& name, const std::string& code,
                                      const std::string& value) {
    const std::string code_label = code.empty() ? "" : "grpc_code=\"" + code + "\",";
    return Shows(registry_,
                 name + "{" + code_label +
                     R"(grpc_method="GetStatCodes",)"
                     R"(grpc_service="accelbyte.matchmaking.matchfunction.MatchFunction",)"
                     R"(grpc_type="unary"} )" +
                     value);
  }

  MetricRegistry registry_{"app"};
  CallMetrics metrics_{registry_};
};

TEST_F(CallMetricsTest, StartEverySeriesAtZeroUnderTheNamesThatDashboardsKnow) {
  EXPECT_TRUE(ShowsUnary("grpc_server_started_total", "", "0"));
  EXPECT_TRUE(ShowsUnary("grpc_server_msg_received_total", "", "0"));
  EXPECT_TRUE(ShowsUnary("grpc_server_msg_sent_total", "", "0"));
  EXPECT_TRUE(ShowsUnary("grpc_server_handled_total", "OK", "0"));
  EXPECT_TRUE(ShowsUnary("grpc_server_handled_total", "Unauthenticated", "0"));
  EXPECT_TRUE(ShowsUnary("grpc_server_handling_seconds_count", "", "0"));
}

TEST_F(CallMetricsTest, CountWhatHappened) {
  metrics_.Started(Method::kGetStatCodes);
  metrics_.MessageReceived(Method::kGetStatCodes);
  metrics_.MessageSent(Method::kGetStatCodes);
  metrics_.Handled(Method::kGetStatCodes, 1, std::chrono::milliseconds(3));

  EXPECT_TRUE(ShowsUnary("grpc_server_started_total", "", "1"));
  EXPECT_TRUE(ShowsUnary("grpc_server_msg_received_total", "", "1"));
  EXPECT_TRUE(ShowsUnary("grpc_server_msg_sent_total", "", "1"));
  EXPECT_TRUE(ShowsUnary("grpc_server_handled_total", "Canceled", "1"));
  EXPECT_TRUE(ShowsUnary("grpc_server_handling_seconds_sum", "", "0.003"));
}

TEST_F(CallMetricsTest, CallStreamsBidirectional) {
  EXPECT_NE(
      Scrape(registry_).find(R"(grpc_method="MakeMatches",)"
                             R"(grpc_service="accelbyte.matchmaking.matchfunction.MatchFunction",)"
                             R"(grpc_type="bidi_stream")"),
      std::string::npos);
}

TEST_F(CallMetricsTest, CountACodeThatDoesNotExistAsUnknown) {
  metrics_.Handled(Method::kGetStatCodes, 17, std::chrono::seconds(1));
  metrics_.Handled(Method::kGetStatCodes, -1, std::chrono::seconds(1));

  EXPECT_TRUE(ShowsUnary("grpc_server_handled_total", "Unknown", "2"));
}

}  // namespace
}  // namespace muster::telemetry
