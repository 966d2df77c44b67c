#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/fakes/fake_match_function.h"

namespace muster::app::ctl {
namespace {

using fakes::Behaviour;
using fakes::FakeMatchFunction;
using testing::HasSubstr;

Outcome Load(const FakeMatchFunction& server, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"load", "--target", server.address(), "--in-flight", "4"});
  return Musterctl(flags);
}

TEST(Load, MakesTheAskedNumberOfCallsAndReportsThem) {
  const FakeMatchFunction server;

  const Outcome outcome = Load(server, {"--count", "50", "--json"});
  const auto report = nlohmann::json::parse(outcome.out);

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(report["method"], "validate");
  EXPECT_EQ(report["inFlight"], 4);
  EXPECT_EQ(report["calls"], 50);
  EXPECT_EQ(report["errors"], 0);
  EXPECT_GT(report["callsPerSecond"], 0);
  EXPECT_GT(report["p50Ms"], 0);
  EXPECT_LE(report["p50Ms"], report["p95Ms"]);
  EXPECT_LE(report["p95Ms"], report["p99Ms"]);
}

TEST(Load, EndsAfterTheAskedTime) {
  const FakeMatchFunction server;

  const Outcome outcome = Load(server, {"--method", "stat-codes", "--duration", "0.05"});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("stat-codes, 4 in flight"));
  EXPECT_THAT(outcome.out, HasSubstr("latency p50"));
}

TEST(Load, CountsTicketsAndMatchesOfStreams) {
  const FakeMatchFunction server;

  const Outcome outcome =
      Load(server, {"--method", "make-matches", "--count", "3", "--generate", "10", "--json"});
  const auto report = nlohmann::json::parse(outcome.out);

  EXPECT_EQ(report["calls"], 3);
  EXPECT_EQ(report["ticketsSent"], 30);
  EXPECT_EQ(report["matchesReceived"], 15);
}

TEST(Load, SendsTheTicketsOfAFile) {
  const FakeMatchFunction server;
  const std::string tickets = WriteFile("tickets", TicketLines({"a", "b"}));

  const Outcome outcome =
      Load(server, {"--method", "make-matches", "--count", "1", "--tickets", tickets, "--json"});

  EXPECT_EQ(nlohmann::json::parse(outcome.out)["matchesReceived"], 1);
}

TEST(Load, CountsErrorsAndSaysTheFirst) {
  const FakeMatchFunction server;
  const std::string rules = WriteFile("rules", "bad");

  const Outcome outcome =
      Load(server, {"--method", "stat-codes", "--count", "5", "--rules", rules, "--json"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["errors"], 5);
  EXPECT_EQ(outcome.err, "musterctl load: INVALID_ARGUMENT: rules: bad\n");
}

TEST(Load, CountsStreamsThatBreakOff) {
  const FakeMatchFunction server(Behaviour::kBreaks);

  const Outcome outcome = Load(server, {"--method", "make-matches", "--count", "3", "--json"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["errors"], 3);
}

}  // namespace
}  // namespace muster::app::ctl
