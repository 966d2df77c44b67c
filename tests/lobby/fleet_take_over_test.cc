// What a successor makes of the store and the engine's list.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lobby/fleet_driver.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

TEST(FleetTakeOverTest, ARequestThatWasGivenToAServerIsAskedForThereAgainA17) {
  FleetDriver driver({.min_ready = 2});
  driver.Run(seconds(5));
  driver.Ask("alice");
  driver.Run(milliseconds(0));
  const Request before = driver.Find("alice");
  ASSERT_EQ(before.state, RequestState::kInProgress);

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_EQ(driver.ServerOf("alice"), before.place.server_id);
  EXPECT_THAT(driver.Server(before.place.server_id).held, SizeIs(1));
}

TEST(FleetTakeOverTest, ADoneRequestKeepsItsServerA17) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string server = driver.ServerOf("alice");

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_EQ(driver.ServerOf("alice"), server);
  EXPECT_EQ(driver.engine().starts(), 1);
}

TEST(FleetTakeOverTest, DoneRequestsCountAsUsed) {
  FleetDriver driver({.slots = 2});
  driver.engine().SetServer({.slots = 2, .tells = false});
  driver.AskMany(2);
  driver.Run(seconds(1));

  driver.TakeOver();
  driver.Run(seconds(1));
  driver.Ask("alice");
  driver.Run(seconds(1));

  EXPECT_EQ(driver.engine().starts(), 2);
  for (const auto& [url, server] : driver.servers().servers()) {
    EXPECT_LE(server.reserve_calls, 2);
  }
}

TEST(FleetTakeOverTest, AStartingServerThatTheEngineHasIsAdopted) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(milliseconds(10));
  ASSERT_THAT(driver.engine().running(), SizeIs(1));

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_EQ(driver.ServerOf("alice"), driver.engine().running()[0]);
  EXPECT_EQ(driver.engine().starts(), 1);
}

TEST(FleetTakeOverTest, AStartingServerThatTheEngineHasNotIsForgotten) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(milliseconds(10));
  const std::string lost = driver.engine().running()[0];
  driver.engine().Crash(lost, false);

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kDone);
  EXPECT_NE(driver.ServerOf("alice"), lost);
  EXPECT_THAT(*driver.store().Servers(), SizeIs(1));
}

TEST(FleetTakeOverTest, AServerWithoutARecordIsStopped) {
  FleetDriver driver({});
  driver.engine().AddStray("stray");

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

TEST(FleetTakeOverTest, ADoneRequestWhoseServerEndedMeanwhileFails) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  driver.engine().Crash(driver.ServerOf("alice"), false);

  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kFailed);
  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("gone"));
}

TEST(FleetTakeOverTest, ACancelledRequestsSlotIsGivenBackBySuccessors) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string server = driver.ServerOf("alice");

  driver.Cancel("alice");
  driver.TakeOver();
  driver.Run(seconds(1));

  EXPECT_THAT(driver.Server(server).held, SizeIs(0));
  EXPECT_THAT(driver.All(), SizeIs(0));
}

TEST(FleetTakeOverTest, NothingIsStartedBeforeTheEnginesListIsSeen) {
  FleetDriver driver({});
  driver.engine().FailEngine(absl::UnavailableError("the engine sleeps"));
  driver.TakeOver();

  driver.Ask("alice");
  driver.Run(seconds(10));
  EXPECT_EQ(driver.engine().starts(), 0);

  driver.engine().FailEngine(absl::OkStatus());
  driver.Run(seconds(30));
  EXPECT_EQ(driver.StateOf("alice"), RequestState::kDone);
}

TEST(FleetTakeOverTest, ReadyServersServeWhileTheEngineIsAway) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  driver.engine().FailEngine(absl::UnavailableError("the engine sleeps"));

  driver.TakeOver();
  driver.Ask("bob");
  driver.Run(seconds(1));

  EXPECT_EQ(driver.ServerOf("bob"), driver.ServerOf("alice"));
}

TEST(FleetTakeOverTest, AnOlderRecordIsPassedOver) {
  FleetDriver driver({});
  driver.Ask("alice");
  const Request old = driver.Find("alice");
  driver.Run(seconds(1));

  driver.fleet().OnRequest(old);
  driver.Run(seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kDone);
  EXPECT_EQ(driver.Server(driver.ServerOf("alice")).reserve_calls, 1);
}

}  // namespace
}  // namespace muster::lobby
