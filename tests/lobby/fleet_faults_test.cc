// Runners that come and go, and others that go on: nothing lost, nobody stuck, nothing left
// running. Crashes between any two calls to a store are in tests/store/crash_contract.cc. And
// servers that keep what they are asked for, say nothing, or end.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/crashing_store.h"
#include "tests/lobby/fleet_driver.h"
#include "tests/lobby/runner_fixture.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

using Kind = FleetDecisions::News::Kind;
using Mood = FleetDriver::Mood;

class FleetFaultsTest : public testing::Test, protected RunnerFixture {};

TEST_F(FleetFaultsTest, OnlyOneOfTwoRunnersOwnsTheFleet) {
  const auto one = StartRunner();
  const auto two = StartRunner();
  AskMany(20);

  EXPECT_TRUE(Eventually([&] { return AllAreServed(20); }));
  EXPECT_NE(one->is_owner(), two->is_owner());
  EXPECT_EQ(engine().starts(), 5);
}

TEST_F(FleetFaultsTest, WhenTheOwnerStopsAnotherGoesOn) {
  options().stop_empty_servers = false;
  auto one = StartRunner();
  ASSERT_TRUE(Eventually([&] { return one->is_owner(); }));
  const auto two = StartRunner();
  AskMany(4);

  one = nullptr;
  AskMany(8);

  EXPECT_TRUE(Eventually([&] { return AllAreServed(8); }));
  EXPECT_TRUE(two->is_owner());
}

TEST_F(FleetFaultsTest, AnOwnerThatCannotRenewItsLeaseLosesIt) {
  fakes::CrashingStore cut(store());
  const auto one = StartRunner(cut);
  ASSERT_TRUE(Eventually([&] { return one->is_owner(); }));
  const auto two = StartRunner();
  AskMany(4);

  cut.CrashAfter(0, false);
  AskMany(8);
  EXPECT_TRUE(Eventually([&] { return AllAreServed(8) && two->is_owner(); }));
  EXPECT_TRUE(Eventually([&] { return !one->is_owner(); }));

  cut.Recover();
  AskMany(12);
  EXPECT_TRUE(Eventually([&] { return AllAreServed(12); }));
  EXPECT_TRUE(Eventually([&] { return NothingRunsUnknown(); }));
}

TEST_F(FleetFaultsTest, OwnersThatComeAndGoLoseNobody) {
  options().stop_empty_servers = false;
  for (int i = 0; i < 20; ++i) {
    auto runner = StartRunner();
    AskMany(2 * (i + 1));
    EXPECT_TRUE(Eventually([&] { return i % 4 != 3 || AllAreServed(2 * (i + 1)); }));
    runner = nullptr;
  }

  const auto last = StartRunner();
  EXPECT_TRUE(Eventually([&] { return AllAreServed(40); }));
  EXPECT_TRUE(Eventually([&] { return NothingRunsUnknown(); }));
}

// A driver with `count` empty servers of four slots.
std::unique_ptr<FleetDriver> WithServers(int count, FleetOptions options = {}) {
  options.min_ready = count;
  auto driver = std::make_unique<FleetDriver>(options);
  driver->Run(seconds(5));
  EXPECT_THAT(driver->engine().running(), SizeIs(count));
  return driver;
}

TEST(FleetServerFaultsTest, AServerThatKeepsASlotLives) {
  const auto driver = WithServers(1);
  driver->AskMany(2);
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("client-0");
  driver->SetMood(server, Mood::kKeeps);

  driver->Cancel("client-0");
  driver->Run(seconds(60));

  EXPECT_EQ(driver->ServerOf("client-1"), server);
  EXPECT_EQ(driver->StateOf("client-0"), RequestState::kCancelled);
  EXPECT_THAT(driver->engine().running(), Contains(server));
}

TEST(FleetServerFaultsTest, AServerThatKeepsASlotIsAskedForItLessAndLessOften) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");
  driver->SetMood(server, Mood::kKeeps);

  driver->Cancel("alice");
  driver->Run(FleetOptions().call_pause - milliseconds(1));
  EXPECT_EQ(driver->Server(server).release_calls, 1);

  driver->Run(seconds(60));
  EXPECT_LE(driver->Server(server).release_calls, 9);
  EXPECT_GE(driver->Server(server).release_calls, 5);
}

TEST(FleetServerFaultsTest, AKeptSlotIsGivenBackAsSoonAsItsServerIsEmpty) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");
  driver->SetMood(server, Mood::kKeeps);
  driver->Cancel("alice");
  driver->Run(seconds(20));

  driver->servers().Leave(fakes::FakeProvisioner::ControlUrl(server), "alice");
  driver->Run(FleetOptions().look_interval + milliseconds(10));

  EXPECT_THAT(driver->All(), SizeIs(0));
}

TEST(FleetServerFaultsTest, WhoseSlotIsKeptMayComeBack) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");
  driver->SetMood(server, Mood::kKeeps);
  driver->Cancel("alice");
  driver->Run(seconds(5));

  driver->AskAnew("alice");
  driver->Run(seconds(1));

  EXPECT_EQ(driver->ServerOf("alice"), server);
}

TEST(FleetServerFaultsTest, WhoPlaysLongerThanRecordsLastKeepsTheSlot) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const Request before = driver->Find("alice");
  driver->SetMood(before.place.server_id, Mood::kKeeps);

  driver->Run(2 * FleetOptions().record_ttl + seconds(30));

  const Request after = driver->Find("alice");
  EXPECT_EQ(after.state, RequestState::kDone);
  EXPECT_EQ(after.place, before.place);
  EXPECT_EQ(after.changed_at, before.changed_at);
  EXPECT_GT(after.expires_at, driver->now());
}

TEST(FleetServerFaultsTest, AnUnansweredReleaseDoesNotEndAServerThatLooksAlive) {
  const auto driver = WithServers(1);
  driver->AskMany(2);
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("client-0");
  driver->SetMood(server, Mood::kKeepsSilent);

  driver->Cancel("client-0");
  driver->Run(seconds(30));

  EXPECT_EQ(driver->ServerOf("client-1"), server);
}

TEST(FleetServerFaultsTest, AServerThatLooksAliveAndGivesNoSlotsTakesNoMorePlayers) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");
  driver->SetMood(server, Mood::kGivesInSilence);

  driver->Ask("bob");
  driver->Run(seconds(60));

  EXPECT_EQ(driver->ServerOf("alice"), server);
  EXPECT_EQ(driver->StateOf("bob"), RequestState::kDone);
  EXPECT_NE(driver->ServerOf("bob"), server);
}

TEST(FleetServerFaultsTest, AConflictKeepsInMindWhatSlotWasLeft) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");
  driver->SetMood(server, Mood::kKeeps);
  driver->Cancel("alice");
  driver->Run(seconds(1));
  driver->AskAnew("alice");
  driver->fleet().OnRequest(driver->Find("alice"));
  const FleetDecisions decisions = driver->fleet().Decide(driver->now());
  ASSERT_THAT(decisions.reserve, SizeIs(1));

  driver->fleet().OnCommitted(decisions, {0});
  driver->SetMood(server, Mood::kAnswers);
  driver->Run(seconds(3));

  EXPECT_THAT(driver->Server(server).held, SizeIs(0));
}

TEST(FleetServerFaultsTest, AnIdleServersFormerPlayersAreNotToldOfAFailure) {
  FleetDriver driver({.idle_timeout = seconds(10)});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const Request done = driver.Find("alice");

  driver.servers().Leave(done.place.control_url, "alice");
  driver.Run(seconds(15));

  EXPECT_THAT(driver.engine().running(), SizeIs(0));
  EXPECT_THAT(driver.All(), SizeIs(0));
}

TEST(FleetServerFaultsTest, PlayersAreToldNoAddressAndNoLastWords) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string server = driver.ServerOf("alice");

  driver.fleet().OnExit(server, "exited with 1: cannot reach db://secret", driver.now());
  driver.Run(seconds(1));

  EXPECT_EQ(driver.Find("alice").reason, "the game server ended: exited with 1");
  EXPECT_THAT(driver.news().back().reason, HasSubstr("db://secret"));
}

TEST(FleetServerFaultsTest, WhyAServerDoesNotAnswerIsForTheOperatorAlone) {
  FleetOptions options;
  FleetDriver driver(options);
  driver.Ask("alice");
  driver.Run(seconds(1));

  driver.SetMood(driver.ServerOf("alice"), Mood::kHangs);
  driver.Run(options.call_attempts * (options.call_timeout + options.look_interval));

  EXPECT_EQ(driver.Find("alice").reason, "the game server does not answer");
  EXPECT_EQ(driver.news().back().reason, "the game server does not answer: timed out");
}

TEST(FleetServerFaultsTest, ANewServerThatIsNotInTheEnginesListIsAFailedStart) {
  FleetDriver driver({.start_timeout = seconds(120)});
  driver.engine().SetServer({.mood = Mood::kHangs});
  driver.Ask("alice");
  driver.Run(seconds(1));

  driver.engine().Crash(driver.engine().running()[0], false);
  driver.engine().FailStarts(absl::UnavailableError("busy"));
  driver.Run(seconds(31));

  EXPECT_EQ(driver.news()[0].kind, Kind::kFailed);
  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("no game server could be started"));
}

}  // namespace
}  // namespace muster::lobby
