#include "rpc/client/health.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_match_function.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc::client {
namespace {

using support::StatusIs;
using testing::_;

TEST(CheckHealth, TellsTheServersState) {
  fakes::FakeMatchFunction server;
  ClientOptions options;
  options.target = server.address();

  EXPECT_EQ(CheckHealth(options, "").value(), HealthState::kServing);
  server.SetServing(false);
  EXPECT_EQ(CheckHealth(options, "").value(), HealthState::kNotServing);
}

TEST(CheckHealth, IsNotFoundForAServiceThatIsNotKnown) {
  const fakes::FakeMatchFunction server;
  ClientOptions options;
  options.target = server.address();

  EXPECT_THAT(CheckHealth(options, "nope"), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST(CheckHealth, IsUnavailableWithoutAServer) {
  ClientOptions options;
  options.target = "127.0.0.1:1";

  EXPECT_THAT(CheckHealth(options, ""), StatusIs(absl::StatusCode::kUnavailable, _));
}

TEST(HealthStateName, IsThatOfTheProtocol) {
  EXPECT_EQ(HealthStateName(HealthState::kUnknown), "UNKNOWN");
  EXPECT_EQ(HealthStateName(HealthState::kServing), "SERVING");
  EXPECT_EQ(HealthStateName(HealthState::kNotServing), "NOT_SERVING");
  EXPECT_EQ(HealthStateName(HealthState::kServiceUnknown), "SERVICE_UNKNOWN");
}

}  // namespace
}  // namespace muster::rpc::client
