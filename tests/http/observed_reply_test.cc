#include "http/observed_reply.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/edge_fixture.h"
#include "tests/telemetry/scrape.h"

namespace muster::http {
namespace {

using telemetry::Shows;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

TEST(ObservedReply, CountsTheCall) {
  Edge edge;
  edge.Call("POST", "/request", "alice");
  edge.Call("POST", "/request", "");
  edge.Call("GET", "/nothing", "");

  EXPECT_TRUE(Shows(edge.registry(), "app_http_calls_total{call=\"request\",status=\"202\"} 1"));
  EXPECT_TRUE(Shows(edge.registry(), "app_http_calls_total{call=\"request\",status=\"401\"} 1"));
  EXPECT_TRUE(Shows(edge.registry(), "app_http_calls_total{call=\"unknown\",status=\"404\"} 1"));
  EXPECT_TRUE(Shows(edge.registry(), "app_http_call_seconds_count{call=\"request\"} 2"));
}

TEST(ObservedReply, LogsTheCall) {
  Edge edge;

  edge.Call("POST", "/request?secret=1", "alice");

  EXPECT_THAT(edge.log().Lines("call ended"),
              ElementsAre(AllOf(HasSubstr(R"("level":"info")"), HasSubstr(R"("call":"request")"),
                                HasSubstr(R"("method":"POST")"), HasSubstr(R"("path":"/request")"),
                                HasSubstr(R"("status":202)"), HasSubstr(R"("client_id":"alice")"),
                                HasSubstr(R"("peer":"198.51.100.7")"),
                                HasSubstr(R"("duration_us":0)"), Not(HasSubstr("secret")))));
}

TEST(ObservedReply, SaysNothingOfProbesThatSucceed) {
  Edge edge;
  edge.Call("GET", "/healthz", "");
  edge.Call("GET", "/readyz", "");
  edge.store().CrashAfter(0);

  edge.Call("GET", "/readyz", "");

  EXPECT_THAT(edge.log().Lines("call ended"), ElementsAre(HasSubstr(R"("status":503)")));
}

TEST(ObservedReply, LogsNoTokens) {
  Edge edge;

  edge.Call("GET", "/v1/servers", Edge::Admin());
  edge.Call("POST", "/v1/servers/s/changed", Edge::ServerToken("s"));

  EXPECT_THAT(edge.log().Lines(kAdminToken), IsEmpty());
  EXPECT_THAT(edge.log().Lines("ms1."), IsEmpty());
}

TEST(ObservedReply, LogsALittleOfWhatCallersMakeUp) {
  Edge edge;
  const std::string method(5000, 'M');
  const std::string path = "/" + std::string(5000, 'p');

  edge.Call(method, path, "");
  edge.Call("GET", "/v1/servers", std::string(5000, 'c'));

  EXPECT_THAT(edge.log().Lines(), SizeIs(2));
  for (const std::string& line : edge.log().Lines()) EXPECT_LT(line.size(), 1000u);
}

TEST(ObservedReply, WarnsOfCallsThatFail) {
  Edge edge({.log_calls = false});
  edge.Call("POST", "/request", "alice");
  edge.authorizer().Set("ghost", auth::Identity{.client_id = ""});

  edge.Call("POST", "/request", "ghost");

  EXPECT_THAT(edge.log().Lines("call ended"),
              ElementsAre(AllOf(HasSubstr(R"("level":"warn")"), HasSubstr(R"("status":500)"))));
}

TEST(ObservedReply, TracesTheCallWithinTheCallersTrace) {
  Edge edge;

  edge.Call("POST", "/request", "alice",
            {{"B3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}});

  ASSERT_THAT(edge.spans().spans(), SizeIs(1));
  const fakes::RecordedSpan span = edge.spans().spans().front();
  EXPECT_EQ(telemetry::ToHex(span.context.trace_id), "80f198ee56343ba864fe8b2a57d3eff7");
  EXPECT_EQ(telemetry::ToHex(span.parent_id), "e457b5a2e4d86bd1");
  EXPECT_EQ(span.name, "request");
  EXPECT_TRUE(span.is_server);
  EXPECT_THAT(span.tags, ElementsAre(Pair("http.method", "POST"), Pair("http.path", "/request"),
                                     Pair("http.status_code", "202")));
  EXPECT_THAT(edge.log().Lines("80f198ee56343ba864fe8b2a57d3eff7"), SizeIs(1));
}

TEST(ObservedReply, TracesNothingThatTheCallerDoesNotWant) {
  Edge edge;

  edge.Call("POST", "/request", "alice", {{"b3", "0"}});

  EXPECT_THAT(edge.spans().spans(), IsEmpty());
}

TEST(ObservedReply, MarksSpansOfCallsThatFail) {
  Edge edge;
  edge.store().FailNext(absl::UnavailableError("away"));

  edge.Call("POST", "/request", "alice");

  EXPECT_THAT(edge.spans().spans().at(0).tags, Contains(Pair("error", "503")));
}

TEST(ObservedReply, TakesAWebSocketForAnAnswer) {
  Edge edge;

  edge.Upgrade("alice");

  EXPECT_TRUE(Shows(edge.registry(), "app_http_calls_total{call=\"web_socket\",status=\"101\"} 1"));
}

// The parts that a call is told to, without a lobby.
struct Told {
  fakes::FakeClock clock;
  telemetry::MetricRegistry registry{"app"};
  telemetry::LobbyMetrics metrics{registry, {}};
  telemetry::Tracer tracer{{}, nullptr};
  telemetry::Logger log{telemetry::LogLevel::kInfo, clock, {}};
  Observer observer{log, metrics, tracer, clock};
};

TEST(ObservedReply, ThatIsDroppedIsA500) {
  Told told;
  const auto sink = std::make_shared<AnswerSink>();
  const auto record =
      std::make_shared<CallRecord>(told.observer, "ask", net::server::Request{.path = "/"});

  { const net::server::Reply reply = ObservedReply(record, net::server::Reply(sink)); }

  EXPECT_EQ(sink->Await().status, 500);
  EXPECT_TRUE(Shows(told.registry, "app_http_calls_total{call=\"ask\",status=\"500\"} 1"));
}

TEST(ObservedReply, MeasuresFromTheCallToItsAnswer) {
  Told told;
  const auto sink = std::make_shared<AnswerSink>();
  const auto record =
      std::make_shared<CallRecord>(told.observer, "ask", net::server::Request{.path = "/"});
  net::server::Reply reply = ObservedReply(record, net::server::Reply(sink));

  told.clock.Advance(std::chrono::seconds(2));
  reply.Send({.status = 204});

  EXPECT_EQ(sink->Await().status, 204);
  EXPECT_TRUE(Shows(told.registry, "app_http_call_seconds_sum{call=\"ask\"} 2"));
}

}  // namespace
}  // namespace muster::http
