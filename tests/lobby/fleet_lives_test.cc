// Which servers there are, from their start to their end.
#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lobby/fleet_driver.h"
#include "tests/support/status_matchers.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::SizeIs;

using Kind = FleetDecisions::News::Kind;
using Mood = FleetDriver::Mood;

struct DemandCase {
  const char* name;
  int requests;
  int slots;
  int started;
};
std::ostream& operator<<(std::ostream& os, const DemandCase& one) { return os << one.name; }

class FleetDemandTest : public testing::TestWithParam<DemandCase> {};

TEST_P(FleetDemandTest, NoMoreServersAreStartedThanAreNeeded) {
  FleetDriver driver({.max_servers = 1000, .max_starting = 3, .slots = GetParam().slots});
  driver.engine().SetServer({.slots = GetParam().slots});

  driver.AskMany(GetParam().requests);
  driver.Run(seconds(60));

  EXPECT_EQ(driver.Count(RequestState::kDone), GetParam().requests);
  EXPECT_EQ(driver.engine().starts(), GetParam().started);
  for (const auto& [url, server] : driver.servers().servers()) {
    EXPECT_LE(server.most_used, server.slots);
  }
}

INSTANTIATE_TEST_SUITE_P(Demand, FleetDemandTest,
                         testing::Values(DemandCase{"ThreeJobsA15", 3, 3, 1},
                                         DemandCase{"SevenJobsA15", 7, 3, 3},
                                         DemandCase{"OneSlotEach", 5, 1, 5},
                                         DemandCase{"ACrowd", 1000, 4, 250}),
                         testing::PrintToStringParamName());

TEST(FleetLivesTest, ServersAreStartedInParallelUpToTheLimit) {
  FleetDriver driver({.max_starting = 2, .slots = 1});
  driver.engine().SetServer({.slots = 1});

  driver.AskMany(6);
  driver.Run(milliseconds(50));

  EXPECT_EQ(driver.engine().starts(), 2);
}

TEST(FleetLivesTest, WhileSlotsAreNotKnownServersAreStartedOneAtATime) {
  FleetDriver driver({});

  driver.AskMany(8);
  driver.Run(milliseconds(50));
  EXPECT_EQ(driver.engine().starts(), 1);

  driver.Run(seconds(5));
  EXPECT_EQ(driver.engine().starts(), 2);
  EXPECT_EQ(driver.Count(RequestState::kDone), 8);
}

TEST(FleetLivesTest, SlotsAreLearnedFromRefusalsWhereServersDoNotTell) {
  FleetDriver driver({});
  driver.engine().SetServer({.slots = 3, .tells = false});

  driver.AskMany(9);
  driver.Run(seconds(60));

  EXPECT_EQ(driver.Count(RequestState::kDone), 9);
  EXPECT_EQ(driver.engine().starts(), 3);
  EXPECT_EQ(driver.fleet().View().servers[0].server.slots, 3);
}

TEST(FleetLivesTest, ThereAreNeverMoreServersThanTheMost) {
  FleetDriver driver({.max_servers = 2, .slots = 1});
  driver.engine().SetServer({.slots = 1});

  driver.AskMany(5);
  driver.Run(seconds(30));

  EXPECT_EQ(driver.engine().most_servers(), 2);
  EXPECT_EQ(driver.Count(RequestState::kDone), 2);
  EXPECT_EQ(driver.fleet().View().waiting, 3);
}

TEST(FleetLivesTest, AServerIsRecordedBeforeTheEngineIsAskedForIt) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(milliseconds(0));
  driver.Run(milliseconds(2));

  const std::vector<GameServer> servers = *driver.store().Servers();

  ASSERT_THAT(servers, SizeIs(1));
  EXPECT_EQ(servers[0].state, ServerState::kStarting);
  EXPECT_EQ(servers[0].version, "v1");
}

TEST(FleetLivesTest, EmptyServersAreKeptReady) {
  FleetDriver driver({.min_ready = 2});

  driver.Run(seconds(5));
  EXPECT_EQ(driver.engine().starts(), 2);

  driver.Ask("alice");
  driver.Run(seconds(5));
  EXPECT_EQ(driver.engine().starts(), 3);
}

TEST(FleetLivesTest, AnIdleServerIsStoppedAndTheMinimumIsKeptA21) {
  FleetDriver driver({.min_ready = 1, .idle_timeout = seconds(10)});
  driver.Run(seconds(2));
  driver.Ask("alice");
  driver.Run(seconds(5));
  ASSERT_THAT(driver.engine().running(), SizeIs(2));

  driver.Cancel("alice");
  driver.Run(seconds(4));
  EXPECT_THAT(driver.engine().running(), SizeIs(2));

  driver.Run(seconds(10));
  EXPECT_THAT(driver.engine().running(), SizeIs(1));
  EXPECT_THAT(*driver.store().Servers(), SizeIs(1));
}

TEST(FleetLivesTest, AServerWithoutStatusIsIdleWhenNoRequestRefersToIt) {
  FleetDriver driver({.idle_timeout = seconds(10)});
  driver.engine().SetServer({.slots = 3, .tells = false});
  driver.Ask("alice");
  driver.Run(seconds(60));
  ASSERT_THAT(driver.engine().running(), SizeIs(1));

  driver.Cancel("alice");
  driver.Run(seconds(15));

  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

TEST(FleetLivesTest, ANewServerIsAskedUntilItAnswers) {
  FleetDriver driver({});
  driver.engine().SetServer({.looks_until_up = 8});

  driver.Ask("alice");
  driver.Run(seconds(15));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kDone);
  EXPECT_EQ(driver.engine().starts(), 1);
}

TEST(FleetLivesTest, ANewServerThatNeverAnswersFailsAndIsRemovedA19) {
  FleetOptions options{.start_timeout = seconds(10)};
  FleetDriver driver(options);
  driver.engine().SetServer({.mood = Mood::kHangs});

  driver.Ask("alice");
  driver.Run(options.start_timeout + seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kFailed);
  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("did not answer in time"));
  EXPECT_THAT(driver.engine().running(), SizeIs(0));
  EXPECT_THAT(*driver.store().Servers(), SizeIs(0));
}

TEST(FleetLivesTest, ANewServerThatRefusesItsFirstPlayerFailsAndIsRemovedA19) {
  FleetDriver driver({});
  driver.engine().SetServer({.mood = Mood::kRefuses});

  driver.Ask("alice");
  driver.Run(seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kFailed);
  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("refused its first player"));
  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

TEST(FleetLivesTest, ANewServerWithoutRoomFails) {
  FleetDriver driver({});
  driver.engine().SetServer({.slots = 0});

  driver.Ask("alice");
  driver.Run(seconds(1));

  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("no room"));
}

TEST(FleetLivesTest, AMissingImageFailsAllWhoWaitA19) {
  FleetDriver driver({.slots = 4});
  driver.engine().FailStarts(absl::NotFoundError("no such image"));

  driver.AskMany(50);
  driver.Run(milliseconds(900));

  EXPECT_EQ(driver.Count(RequestState::kFailed), 50);
  EXPECT_THAT(driver.Find("client-1").reason, HasSubstr("no such image"));
}

TEST(FleetLivesTest, AFailedStartFailsAsManyAsWaitedForIt) {
  FleetDriver driver({.max_starting = 1, .slots = 4});
  driver.engine().FailStarts(absl::UnavailableError("busy"));

  driver.AskMany(10);
  driver.Run(milliseconds(900));

  EXPECT_EQ(driver.Count(RequestState::kFailed), 4);
  EXPECT_EQ(driver.Find("client-0").attempts, 1);
}

TEST(FleetLivesTest, WhatTheEngineThrowsIsTheReasonA10) {
  FleetDriver driver({});
  driver.engine().ThrowOnStart("unexpected panic");

  driver.Ask("alice");
  driver.Run(milliseconds(900));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kFailed);
  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("unexpected panic"));
}

TEST(FleetLivesTest, StartsThatFailAreTriedLessAndLessOften) {
  FleetDriver driver({.min_ready = 1, .start_pause = seconds(1)});
  driver.engine().FailStarts(absl::UnavailableError("busy"));

  driver.Run(seconds(10));
  EXPECT_EQ(driver.engine().starts(), 4);

  driver.engine().FailStarts(absl::OkStatus());
  driver.Run(seconds(10));
  EXPECT_THAT(driver.engine().running(), SizeIs(1));
}

TEST(FleetLivesTest, AServerThatLeavesCallsUnansweredIsGone) {
  FleetOptions options;
  FleetDriver driver(options);
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string server = driver.ServerOf("alice");

  driver.SetMood(server, Mood::kHangs);
  driver.Run(options.call_attempts * (options.call_timeout + options.look_interval));

  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("does not answer"));
  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

TEST(FleetLivesTest, AServerOfAnotherVersionIsDrainedAndStoppedWhenItIsEmptyRA17) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string old = driver.ServerOf("alice");

  driver.engine().SetVersion("v2");
  driver.TakeOver();
  driver.Ask("bob");
  driver.Run(seconds(5));
  EXPECT_NE(driver.ServerOf("bob"), old);
  EXPECT_EQ(driver.ServerOf("alice"), old);

  driver.Cancel("alice");
  driver.Run(seconds(5));
  EXPECT_THAT(driver.engine().running(), testing::ElementsAre(driver.ServerOf("bob")));
}

TEST(FleetLivesTest, ADrainedServerTakesNoMorePlayersAndIsStoppedWhenItIsEmpty) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  const std::string server = driver.ServerOf("alice");

  EXPECT_THAT(driver.fleet().Drain(server, false), IsOk());
  driver.Ask("bob");
  driver.Run(seconds(5));
  EXPECT_NE(driver.ServerOf("bob"), server);

  driver.Cancel("alice");
  driver.Run(seconds(5));
  EXPECT_THAT(driver.engine().running(), SizeIs(1));
}

TEST(FleetLivesTest, AServerThatIsDrainedAtOnceTellsItsPlayers) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));

  EXPECT_THAT(driver.fleet().Drain(driver.ServerOf("alice"), true), IsOk());
  driver.Run(seconds(1));

  EXPECT_THAT(driver.Find("alice").reason, HasSubstr("operator"));
  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

TEST(FleetLivesTest, AServerThatIsNotThereCannotBeDrained) {
  FleetDriver driver({});

  EXPECT_THAT(driver.fleet().Drain("nobody", true),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody")));
}

TEST(FleetLivesTest, AServerThatSaysItChangedIsLookedAtNow) {
  FleetDriver driver({.max_servers = 1, .look_interval = seconds(60)});
  driver.engine().SetServer({.slots = 1});
  driver.AskMany(2);
  driver.Run(seconds(5));
  ASSERT_EQ(driver.Count(RequestState::kDone), 1);
  const Request done =
      driver.All()[0].state == RequestState::kDone ? driver.All()[0] : driver.All()[1];

  driver.servers().Leave(done.place.control_url, done.client_id);
  driver.fleet().OnServerChanged(done.place.server_id);
  driver.Run(seconds(5));

  EXPECT_EQ(driver.Count(RequestState::kDone), 2);
}

TEST(FleetLivesTest, WhatHappenedToServersIsTold) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  driver.Crash(driver.ServerOf("alice"));
  driver.Run(seconds(1));

  ASSERT_THAT(driver.news(), SizeIs(2));
  EXPECT_EQ(driver.news()[0].kind, Kind::kStarted);
  EXPECT_GE(driver.news()[0].took, milliseconds(100));
  EXPECT_EQ(driver.news()[1].kind, Kind::kEnded);
  EXPECT_THAT(driver.news()[1].reason, HasSubstr("exited with 137"));
}

TEST(FleetLivesTest, AServerThatCannotBeStoppedStaysRecordedAndIsTriedAgain) {
  FleetDriver driver({});
  driver.Ask("alice");
  driver.Run(seconds(1));
  driver.engine().FailEngine(absl::UnavailableError("the engine sleeps"));

  EXPECT_THAT(driver.fleet().Drain(driver.ServerOf("alice"), true), IsOk());
  driver.Run(seconds(10));
  EXPECT_THAT(*driver.store().Servers(), SizeIs(1));
  EXPECT_EQ(std::count_if(driver.news().begin(), driver.news().end(),
                          [](const auto& one) { return one.kind == Kind::kStopFailed; }),
            1);

  driver.engine().FailEngine(absl::OkStatus());
  driver.Run(seconds(10));
  EXPECT_THAT(*driver.store().Servers(), SizeIs(0));
  EXPECT_THAT(driver.engine().running(), SizeIs(0));
}

struct ShutDownCase {
  const char* name;
  bool stop_empty;
  bool stop_used;
  size_t left;
};
std::ostream& operator<<(std::ostream& os, const ShutDownCase& one) { return os << one.name; }

class FleetShutDownTest : public testing::TestWithParam<ShutDownCase> {};

TEST_P(FleetShutDownTest, StopsTheServersItIsToldTo) {
  FleetDriver driver({.min_ready = 1});
  driver.Ask("alice");
  driver.Run(seconds(5));
  ASSERT_THAT(driver.engine().running(), SizeIs(2));

  driver.fleet().ShutDown(GetParam().stop_empty, GetParam().stop_used);
  driver.Run(seconds(5));

  EXPECT_TRUE(driver.fleet().HasShutDown());
  EXPECT_THAT(driver.engine().running(), SizeIs(GetParam().left));
  EXPECT_EQ(driver.StateOf("alice"),
            GetParam().stop_used ? RequestState::kFailed : RequestState::kDone);
}

INSTANTIATE_TEST_SUITE_P(ShutDown, FleetShutDownTest,
                         testing::Values(ShutDownCase{"Neither", false, false, 2},
                                         ShutDownCase{"Empty", true, false, 1},
                                         ShutDownCase{"Used", false, true, 1},
                                         ShutDownCase{"Both", true, true, 0}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace muster::lobby
