#include "rpc/client/load.h"

#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_match_function.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc::client {
namespace {

using fakes::FakeMatchFunction;
using support::StatusIs;
using testing::_;
using testing::HasSubstr;

ClientOptions To(const FakeMatchFunction& server) {
  ClientOptions options;
  options.target = server.address();
  return options;
}

LoadOptions SmallLoad(LoadMethod method) {
  LoadOptions options;
  options.method = method;
  options.in_flight = 3;
  options.count = 20;
  options.tickets = {TicketFromJson(R"({"ticketId":"a","players":[{"playerId":"p"}]})").value(),
                     TicketFromJson(R"({"ticketId":"b","players":[{"playerId":"q"}]})").value()};
  return options;
}

TEST(RunLoad, MakesExactlyTheAskedNumberOfCallsOfEveryMethod) {
  const FakeMatchFunction server;

  for (const LoadMethod method : {LoadMethod::kStatCodes, LoadMethod::kValidate,
                                  LoadMethod::kEnrich, LoadMethod::kMakeMatches}) {
    const LoadReport report = RunLoad(To(server), SmallLoad(method)).value();
    EXPECT_EQ(report.calls, 20);
    EXPECT_EQ(report.errors, 0) << report.first_error;
  }
}

TEST(RunLoad, CountsTheTicketsAndMatchesOfStreamsOnly) {
  const FakeMatchFunction server;

  const LoadReport unary = RunLoad(To(server), SmallLoad(LoadMethod::kValidate)).value();
  const LoadReport streams = RunLoad(To(server), SmallLoad(LoadMethod::kMakeMatches)).value();

  EXPECT_EQ(unary.tickets_sent, 0);
  EXPECT_EQ(streams.tickets_sent, 40);
  EXPECT_EQ(streams.matches_received, 20);
}

TEST(RunLoad, StartsNoCallBeforeItsTurn) {
  const FakeMatchFunction server;

  for (const LoadMethod method : {LoadMethod::kValidate, LoadMethod::kMakeMatches}) {
    LoadOptions options = SmallLoad(method);
    options.calls_per_second = 200;
    const LoadReport report = RunLoad(To(server), options).value();

    EXPECT_EQ(report.calls, 20);
    EXPECT_GE(report.elapsed, std::chrono::milliseconds(95));
  }
}

TEST(RunLoad, EndsInTimeThoughTheNextTurnIsFarAway) {
  const FakeMatchFunction server;
  LoadOptions options = SmallLoad(LoadMethod::kValidate);
  options.count = 0;
  options.duration = std::chrono::milliseconds(50);
  options.calls_per_second = 0.001;

  const LoadReport report = RunLoad(To(server), options).value();

  EXPECT_EQ(report.calls, 1);
  EXPECT_LT(report.elapsed, std::chrono::seconds(30));
}

TEST(RunLoad, CountsFailedCalls) {
  const FakeMatchFunction server;
  LoadOptions options = SmallLoad(LoadMethod::kStatCodes);
  options.rules = "bad";

  const LoadReport report = RunLoad(To(server), options).value();

  EXPECT_EQ(report.errors, 20);
  EXPECT_THAT(report.first_error, StatusIs(absl::StatusCode::kInvalidArgument, "rules: bad"));
}

TEST(RunLoad, IsUnavailableWithoutAServer) {
  ClientOptions nobody;
  nobody.target = "127.0.0.1:1";

  EXPECT_THAT(RunLoad(nobody, SmallLoad(LoadMethod::kValidate)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("127.0.0.1:1")));
}

TEST(RunLoad, RefusesOptionsOutOfBounds) {
  LoadOptions no_end = SmallLoad(LoadMethod::kValidate);
  no_end.count = 0;
  no_end.duration = std::chrono::milliseconds(0);
  LoadOptions crowd = SmallLoad(LoadMethod::kValidate);
  crowd.in_flight = 10'001;
  LoadOptions no_tickets = SmallLoad(LoadMethod::kEnrich);
  no_tickets.tickets.clear();
  LoadOptions backwards = SmallLoad(LoadMethod::kValidate);
  backwards.calls_per_second = -1;

  for (const LoadOptions& options : {no_end, crowd, no_tickets, backwards}) {
    EXPECT_THAT(RunLoad({}, options), StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
}

TEST(LoadReport, DividesByTheTimeThatPassed) {
  LoadReport report;
  EXPECT_EQ(report.PerSecond(10), 0);

  report.elapsed = std::chrono::milliseconds(500);
  EXPECT_DOUBLE_EQ(report.PerSecond(10), 20);
}

}  // namespace
}  // namespace muster::rpc::client
