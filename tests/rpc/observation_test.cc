// What a call leaves behind in metrics, log and trace.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fakes/fake_access_control.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using nlohmann::json;
using support::IsOk;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kTraceId[] = "463ac35c9f6413ad48485a3953bb6124";

class ObservationTest : public ServerFixture {
 protected:
  ObservationTest() { log_options_.level = telemetry::LogLevel::kInfo; }

  Labels LabelsOf(const std::string& method, const std::string& code = "") {
    Labels labels = {{"grpc_type", method == "MakeMatches" ? "bidi_stream" : "unary"},
                     {"grpc_service", "accelbyte.matchmaking.matchfunction.MatchFunction"},
                     {"grpc_method", method}};
    if (!code.empty()) labels["grpc_code"] = code;
    return labels;
  }

  absl::Status Validate(const std::string& rules = "") {
    pb::ValidateTicketRequest request;
    *request.mutable_ticket() = TicketOf("a");
    request.mutable_rules()->set_json(rules);
    return Call("ValidateTicket", request.SerializeAsString());
  }

  // The records of ended calls.
  std::vector<json> Ended() {
    std::vector<json> records;
    for (const std::string& line : logged_->Lines("\"msg\":\"call ended\"")) {
      records.push_back(json::parse(line));
    }
    return records;
  }

  std::vector<fakes::RecordedSpan> ServerSpans() {
    std::vector<fakes::RecordedSpan> found;
    for (const fakes::RecordedSpan& span : spans_.spans()) {
      if (span.is_server) found.push_back(span);
    }
    return found;
  }

  std::vector<std::string> SpanNames() {
    std::vector<std::string> names;
    for (const fakes::RecordedSpan& span : spans_.spans()) names.push_back(span.name);
    return names;
  }
};

TEST_F(ObservationTest, CountsAUnaryCall) {
  ASSERT_THAT(Validate(), IsOk());

  EXPECT_EQ(Metric("grpc_server_started_total", LabelsOf("ValidateTicket")), 1);
  EXPECT_EQ(Metric("grpc_server_msg_received_total", LabelsOf("ValidateTicket")), 1);
  EXPECT_EQ(Metric("grpc_server_msg_sent_total", LabelsOf("ValidateTicket")), 1);
  EXPECT_EQ(Metric("grpc_server_handled_total", LabelsOf("ValidateTicket", "OK")), 1);
  EXPECT_EQ(Metric("grpc_server_handling_seconds", LabelsOf("ValidateTicket")), 1);
}

TEST_F(ObservationTest, CountsAFailedCallByItsCode) {
  EXPECT_FALSE(Validate("{").ok());

  EXPECT_EQ(Metric("grpc_server_handled_total", LabelsOf("ValidateTicket", "InvalidArgument")), 1);
  EXPECT_EQ(Metric("grpc_server_msg_sent_total", LabelsOf("ValidateTicket")), 0);
}

TEST_F(ObservationTest, CountsTheMessagesOfAStream) {
  ASSERT_THAT(MakeMatches({TicketOf("a"), TicketOf("b"), TicketOf("c")}).status, IsOk());
  AwaitAtRest();

  EXPECT_EQ(Metric("grpc_server_msg_received_total", LabelsOf("MakeMatches")), 4);
  EXPECT_EQ(Metric("grpc_server_msg_sent_total", LabelsOf("MakeMatches")), 1);
  EXPECT_EQ(Metric("grpc_server_handled_total", LabelsOf("MakeMatches", "OK")), 1);
}

TEST_F(ObservationTest, CountsACancelledStreamAsCancelled) {
  const auto stream = OpenMatches();
  Await("the stream is open", [this] { return Metric("streams") == 1; });

  stream->Cancel();
  AwaitAtRest();

  EXPECT_EQ(Metric("grpc_server_handled_total", LabelsOf("MakeMatches", "Canceled")), 1);
}

TEST_F(ObservationTest, LogsALineForAUnaryCall) {
  ASSERT_THAT(Validate(), IsOk());

  const json record = Ended().at(0);
  EXPECT_EQ(record["method"], "ValidateTicket");
  EXPECT_EQ(record["code"], "OK");
  EXPECT_THAT(record["peer"].get<std::string>(), HasSubstr("127.0.0.1"));
  EXPECT_GT(record["bytes_in"].get<int64_t>(), 0);
  EXPECT_GT(record["bytes_out"].get<int64_t>(), 0);
  EXPECT_THAT(record["trace_id"].get<std::string>(), SizeIs(32));
  EXPECT_THAT(record["span_id"].get<std::string>(), SizeIs(16));
}

TEST_F(ObservationTest, MeasuresHowLongACallTook) {
  const auto stream = OpenMatches();
  Await("the stream is open", [this] { return Metric("streams") == 1; });
  fake_clock_.Advance(std::chrono::milliseconds(1500));

  ASSERT_THAT(stream->Close(), IsOk());
  AwaitAtRest();

  EXPECT_EQ(Ended().at(0)["duration_us"], 1'500'000);
}

TEST_F(ObservationTest, CountsTheBackfillTicketsOfAStream) {
  ASSERT_THAT(
      Backfill({BackfillFrame(BackfillOf("b", {"u"})), BackfillFrame(TicketOf("a"))}).status,
      IsOk());
  AwaitAtRest();

  const json record = Ended().at(0);
  EXPECT_EQ(record["tickets"], 2);
  EXPECT_EQ(record["backfill_tickets"], 1);
  EXPECT_EQ(record["placed"].get<int>() + record["left_over"].get<int>(), 1);
}

TEST_F(ObservationTest, LogsTheCountsOfAStream) {
  ASSERT_THAT(MakeMatches({TicketOf("a"), TicketOf("b"), TicketOf("c")}).status, IsOk());
  AwaitAtRest();

  const json record = Ended().at(0);
  EXPECT_EQ(record["tickets"], 3);
  EXPECT_EQ(record["placed"], 2);
  EXPECT_EQ(record["left_over"], 1);
  EXPECT_EQ(record["answers"], 1);
}

TEST_F(ObservationTest, LogsOnlyWhatFailedWhenCallsAreNotLogged) {
  options_.log_calls = false;

  EXPECT_THAT(Validate(), IsOk());
  EXPECT_FALSE(Validate("{").ok());

  EXPECT_THAT(Ended(), SizeIs(1));
}

TEST_F(ObservationTest, NeverLogsAToken) {
  fakes::FakeAccessControl access;
  access.Set("eyJ.secret.sig", auth::Verdict::kBadSignature);
  access_ = &access;
  log_options_.level = telemetry::LogLevel::kDebug;
  headers_ = {{"authorization", "Bearer eyJ.secret.sig"}};

  EXPECT_FALSE(Validate().ok());
  Stop();

  EXPECT_THAT(logged_->Lines(), SizeIs(1));
  EXPECT_THAT(logged_->Lines("secret"), IsEmpty());
}

TEST_F(ObservationTest, ContinuesTheCallersTrace) {
  headers_ = {{"b3", std::string(kTraceId) + "-a2fb4a1d1a96d312-1"}};

  ASSERT_THAT(Validate(), IsOk());

  const fakes::RecordedSpan span = ServerSpans().at(0);
  EXPECT_EQ(telemetry::ToHex(span.context.trace_id), kTraceId);
  EXPECT_EQ(span.parent_id, 0xa2fb4a1d1a96d312u);
  EXPECT_EQ(Ended().at(0)["trace_id"], kTraceId);
  EXPECT_EQ(Ended().at(0)["span_id"], telemetry::ToHex(span.context.span_id));
}

TEST_F(ObservationTest, ContinuesATraceFromEachKindOfHeader) {
  headers_ = {{"x-b3-traceid", kTraceId}, {"x-b3-spanid", "a2fb4a1d1a96d312"}};
  ASSERT_THAT(Validate(), IsOk());
  headers_ = {{"traceparent", std::string("00-") + kTraceId + "-a2fb4a1d1a96d312-01"}};
  ASSERT_THAT(Validate(), IsOk());

  for (const fakes::RecordedSpan& span : ServerSpans()) {
    EXPECT_EQ(telemetry::ToHex(span.context.trace_id), kTraceId);
    EXPECT_EQ(span.parent_id, 0xa2fb4a1d1a96d312u);
  }
  EXPECT_THAT(ServerSpans(), SizeIs(2));
}

TEST_F(ObservationTest, MakesNoSpanWhenTheCallerDoesNotSample) {
  headers_ = {{"b3", std::string(kTraceId) + "-a2fb4a1d1a96d312-0"}};

  ASSERT_THAT(Validate(), IsOk());

  EXPECT_THAT(spans_.spans(), IsEmpty());
  EXPECT_EQ(Ended().at(0)["trace_id"], kTraceId);
}

TEST_F(ObservationTest, TellsParsingAndMatchingApartInAStream) {
  ASSERT_THAT(MakeMatches({TicketOf("a"), TicketOf("b")}, "{\"shipCountMin\":1}").status, IsOk());
  AwaitAtRest();

  EXPECT_THAT(SpanNames(),
              ElementsAre("rules parse", "queue wait", "matching",
                          "accelbyte.matchmaking.matchfunction.MatchFunction/MakeMatches"));
  const auto spans = spans_.spans();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(spans[i].parent_id, spans[3].context.span_id);
    EXPECT_EQ(spans[i].context.trace_id, spans[3].context.trace_id);
    EXPECT_FALSE(spans[i].is_server);
  }
}

TEST_F(ObservationTest, TellsParsingOnceForRulesThatRepeat) {
  ASSERT_THAT(Validate("{}"), IsOk());
  ASSERT_THAT(Validate("{}"), IsOk());

  EXPECT_THAT(SpanNames(), ElementsAre("rules parse", HasSubstr("/ValidateTicket"),
                                       HasSubstr("/ValidateTicket")));
}

TEST_F(ObservationTest, TellsATokenCheckThatWasWork) {
  fakes::FakeAccessControl access;
  access.Set("fresh", auth::Verdict::kAllowed);
  access.Set("cached", auth::Verdict::kAllowed, true);
  access_ = &access;

  headers_ = {{"authorization", "Bearer fresh"}};
  EXPECT_THAT(Call("GetStatCodes", ""), IsOk());
  headers_ = {{"authorization", "Bearer cached"}};
  EXPECT_THAT(Call("GetStatCodes", ""), IsOk());

  EXPECT_THAT(SpanNames(), ElementsAre("token check", "rules parse", HasSubstr("/GetStatCodes"),
                                       HasSubstr("/GetStatCodes")));
}

TEST_F(ObservationTest, RecordsTheTraceIdOfTheScope) {
  pb::MakeMatchesRequest parameters = Parameters();
  parameters.mutable_parameters()->mutable_scope()->set_ab_trace_id("ab-1");

  ASSERT_THAT(StatusOf("MakeMatches", {parameters.SerializeAsString()}), IsOk());
  AwaitAtRest();

  EXPECT_EQ(Ended().at(0)["ab_trace_id"], "ab-1");
  EXPECT_THAT(spans_.spans().back().tags, Contains(Pair("ab_trace_id", "ab-1")));
}

TEST_F(ObservationTest, TellsInTheSpanHowACallEnded) {
  EXPECT_FALSE(Validate("{").ok());

  EXPECT_THAT(spans_.spans().back().tags, Contains(Pair("rpc.grpc.status_code", "3")));
  EXPECT_THAT(spans_.spans().back().tags, Contains(Pair("error", "INVALID_ARGUMENT")));
}

TEST_F(ObservationTest, MeasuresHowLongMatchedTicketsWaited) {
  pb::Ticket old = TicketOf("old");
  old.mutable_createdat()->set_seconds(1'767'225'600 - 20);
  const pb::Ticket undated = TicketOf("undated");

  ASSERT_THAT(MakeMatches({old, undated}).answers, SizeIs(1));
  AwaitAtRest();

  EXPECT_EQ(Metric("ticket_wait_seconds"), 1);
}

}  // namespace
}  // namespace muster::rpc
