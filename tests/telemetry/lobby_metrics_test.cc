#include "telemetry/lobby_metrics.h"

#include "gtest/gtest.h"
#include "tests/telemetry/scrape.h"

namespace muster::telemetry {
namespace {

using std::chrono::milliseconds;

class LobbyMetricsTest : public testing::Test {
 protected:
  testing::AssertionResult ShowsLine(const std::string& line) const {
    return Shows(registry_, "app_" + line);
  }

  MetricRegistry registry_{"app"};
  LobbyMetrics metrics_{registry_, {"malformed", "too_slow"}};
};

TEST_F(LobbyMetricsTest, BeginAtZero) {
  EXPECT_TRUE(ShowsLine("http_rate_limited_total 0"));
  EXPECT_TRUE(ShowsLine("http_refused_total{reason=\"malformed\"} 0"));
  EXPECT_TRUE(ShowsLine("web_socket_messages_total{direction=\"in\"} 0"));
  EXPECT_TRUE(ShowsLine("request_wait_seconds_count 0"));
  EXPECT_TRUE(ShowsLine("requests_failed_total 0"));
  EXPECT_TRUE(ShowsLine("servers{state=\"draining\"} 0"));
  EXPECT_TRUE(ShowsLine("fleet_owner 0"));
}

TEST_F(LobbyMetricsTest, CountCallsByNameAndStatus) {
  metrics_.CallEnded("ask", 202, milliseconds(2));
  metrics_.CallEnded("ask", 202, milliseconds(200));
  metrics_.CallEnded("ask", 503, milliseconds(2));

  EXPECT_TRUE(ShowsLine("http_calls_total{call=\"ask\",status=\"202\"} 2"));
  EXPECT_TRUE(ShowsLine("http_calls_total{call=\"ask\",status=\"503\"} 1"));
  EXPECT_TRUE(ShowsLine("http_call_seconds_count{call=\"ask\"} 3"));
  EXPECT_TRUE(ShowsLine("http_call_seconds_bucket{call=\"ask\",le=\"0.0025\"} 2"));
  EXPECT_TRUE(ShowsLine("http_call_seconds_bucket{call=\"ask\",le=\"0.25\"} 3"));
}

TEST_F(LobbyMetricsTest, CountWhatWasRefused) {
  metrics_.Refused(1);
  metrics_.RateLimited();

  EXPECT_TRUE(ShowsLine("http_refused_total{reason=\"malformed\"} 0"));
  EXPECT_TRUE(ShowsLine("http_refused_total{reason=\"too_slow\"} 1"));
  EXPECT_TRUE(ShowsLine("http_rate_limited_total 1"));
}

TEST_F(LobbyMetricsTest, CountMessagesByDirection) {
  metrics_.SocketMessage(/*sent=*/true);
  metrics_.SocketMessage(/*sent=*/true);
  metrics_.SocketMessage(/*sent=*/false);

  EXPECT_TRUE(ShowsLine("web_socket_messages_total{direction=\"in\"} 1"));
  EXPECT_TRUE(ShowsLine("web_socket_messages_total{direction=\"out\"} 2"));
}

TEST_F(LobbyMetricsTest, TellWhatBecameOfRequests) {
  metrics_.RequestDone(milliseconds(4));
  metrics_.RequestDone(milliseconds(90'000));
  metrics_.RequestFailed();

  EXPECT_TRUE(ShowsLine("request_wait_seconds_count 2"));
  EXPECT_TRUE(ShowsLine("request_wait_seconds_bucket{le=\"0.005\"} 1"));
  EXPECT_TRUE(ShowsLine("request_wait_seconds_bucket{le=\"120\"} 2"));
  EXPECT_TRUE(ShowsLine("requests_failed_total 1"));
}

TEST_F(LobbyMetricsTest, TellWhatBecameOfServers) {
  metrics_.ServerStarted(milliseconds(1500));
  metrics_.ServerFailed();
  metrics_.ServerEnded();

  EXPECT_TRUE(ShowsLine("server_start_seconds_bucket{le=\"1\"} 0"));
  EXPECT_TRUE(ShowsLine("server_start_seconds_bucket{le=\"2\"} 1"));
  EXPECT_TRUE(ShowsLine("servers_failed_total 1"));
  EXPECT_TRUE(ShowsLine("servers_ended_total 1"));
}

TEST_F(LobbyMetricsTest, CountTroublesByNeighbour) {
  metrics_.Trouble("store");

  EXPECT_TRUE(ShowsLine("troubles_total{what=\"store\"} 1"));
}

TEST_F(LobbyMetricsTest, ShowTheStateAsItIsWhenRead) {
  LobbyGauges now{.is_owner = true,
                  .waiting_requests = 1,
                  .servers_starting = 2,
                  .servers_ready = 3,
                  .servers_draining = 4};
  metrics_.Show([&now] { return now; });
  EXPECT_TRUE(ShowsLine("fleet_owner 1"));
  EXPECT_TRUE(ShowsLine("requests_waiting 1"));
  EXPECT_TRUE(ShowsLine("servers{state=\"starting\"} 2"));
  EXPECT_TRUE(ShowsLine("servers{state=\"ready\"} 3"));
  EXPECT_TRUE(ShowsLine("servers{state=\"draining\"} 4"));

  now.is_owner = false;
  EXPECT_TRUE(ShowsLine("fleet_owner 0"));
}

TEST_F(LobbyMetricsTest, ShowWhatIsUsedAsItIsWhenRead) {
  LobbyGauges now{.slots = 5, .slots_used = 6, .connections = 7, .web_sockets = 8};
  now.pending_server_calls = 9;
  now.bus_dropped = 10;
  now.unreadable_records = 11;

  metrics_.Show([&now] { return now; });

  EXPECT_TRUE(ShowsLine("fleet_owner 0"));
  EXPECT_TRUE(ShowsLine("slots 5"));
  EXPECT_TRUE(ShowsLine("slots_used 6"));
  EXPECT_TRUE(ShowsLine("http_connections 7"));
  EXPECT_TRUE(ShowsLine("web_sockets 8"));
  EXPECT_TRUE(ShowsLine("server_calls_pending 9"));
  EXPECT_TRUE(ShowsLine("bus_messages_dropped 10"));
  EXPECT_TRUE(ShowsLine("unreadable_records 11"));
}

TEST(LobbyMetrics, AreReadAfterTheirEnd) {
  MetricRegistry registry("app");
  {
    LobbyMetrics(registry, {}).Show([] { return LobbyGauges{.slots = 4}; });
  }

  EXPECT_TRUE(Shows(registry, "app_slots 4"));
}

}  // namespace
}  // namespace muster::telemetry
