#include "lobby/fleet_runner.h"

#include <atomic>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lobby/records.h"
#include "tests/lobby/runner_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using support::IsOk;
using support::StatusIs;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Mood = fakes::FakeGameServerClient::Mood;

class FleetRunnerTest : public testing::Test, protected RunnerFixture {};

TEST_F(FleetRunnerTest, ARequestGetsAServerThatWasStartedForItA7) {
  const auto runner = StartRunner();

  Ask("alice");

  EXPECT_TRUE(Eventually([&] { return IsDone("alice"); }));
  EXPECT_THAT(engine().running(), SizeIs(1));
  EXPECT_TRUE(runner->is_owner());
  EXPECT_TRUE(Eventually([&] { return observer().Count("done alice") == 1; }));
  EXPECT_EQ(observer().Count("started"), 1);
}

TEST_F(FleetRunnerTest, AServerIsToldItsTokenAndEnvironment) {
  options().server_environment = {{"MAX_PLAYERS", "4"}};
  const auto runner = StartRunner();

  Ask("alice");

  EXPECT_TRUE(Eventually([&] { return IsDone("alice"); }));
  EXPECT_EQ(engine().environment()["MAX_PLAYERS"], "4");
  EXPECT_EQ(engine().environment()["SERVER_TOKEN"], "token of " + engine().running()[0]);
}

TEST_F(FleetRunnerTest, ACrowdIsServedByTheLeastServers) {
  options().fleet.max_servers = 1000;
  const auto runner = StartRunner();

  AskMany(200);

  EXPECT_TRUE(Eventually([&] { return AllAreServed(200); }));
  EXPECT_EQ(engine().starts(), 50);
}

TEST_F(FleetRunnerTest, WhatChangedIsPublishedAfterItWasCommitted) {
  std::mutex mu;
  std::vector<RequestState> published;
  const auto subscription = bus().Subscribe(
      kRequestsChannel,
      [&](std::string_view payload) {
        const auto request = DecodeRequest(payload);
        const std::lock_guard lock(mu);
        published.push_back(request.value_or(Request{}).state);
      },
      nullptr);
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  Cancel("alice");

  EXPECT_TRUE(Eventually([&] {
    const std::lock_guard lock(mu);
    return published == std::vector{RequestState::kDone, RequestState::kCancelled};
  }));
}

TEST_F(FleetRunnerTest, WhatTheEngineThrowsIsKeptAsTheReasonA10) {
  engine().ThrowOnStart("unexpected panic");
  options().fleet.start_pause = std::chrono::minutes(10);
  const auto runner = StartRunner();

  Ask("alice");

  EXPECT_TRUE(Eventually([&] { return Find("alice").state == RequestState::kFailed; }));
  EXPECT_THAT(Find("alice").reason, HasSubstr("unexpected panic"));
  EXPECT_TRUE(Eventually([&] { return observer().Count("server failed") == 1; }));
}

TEST_F(FleetRunnerTest, WhatTheClientThrowsIsNoAnswer) {
  engine().SetServer({.mood = Mood::kThrows});
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return !engine().running().empty(); }));

  engine().SetServer({});

  EXPECT_TRUE(Eventually([&] { return IsDone("alice"); }));
}

TEST_F(FleetRunnerTest, ACrashedServersPlayersAreTold) {
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  engine().Crash(engine().running()[0]);

  EXPECT_TRUE(Eventually([&] { return Find("alice").state == RequestState::kFailed; }));
  EXPECT_THAT(Find("alice").reason, HasSubstr("exited with 137"));
}

TEST_F(FleetRunnerTest, AMissedCrashIsFoundInTheEnginesList) {
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  engine().Crash(engine().running()[0], false);

  EXPECT_TRUE(Eventually([&] { return Find("alice").state == RequestState::kFailed; }));
}

TEST_F(FleetRunnerTest, AServerWithoutARecordIsStopped) {
  engine().AddStray("stray");

  const auto runner = StartRunner();

  EXPECT_TRUE(Eventually([&] { return engine().running().empty(); }));
}

TEST_F(FleetRunnerTest, AMessageWithItsIdMakesItLookAtAServer) {
  options().fleet.look_interval = std::chrono::minutes(10);
  options().fleet.max_servers = 1;
  engine().SetServer({.slots = 1});
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));
  Ask("bob");

  servers().Leave(Find("alice").place.control_url, "alice");
  const std::string server = engine().running()[0];

  // The first message may come while a look is under way, or too soon after the last one.
  EXPECT_TRUE(Eventually([&] {
    bus().Publish(kWorkChannel, server);
    return IsDone("bob");
  }));
}

TEST_F(FleetRunnerTest, WhileTheStoreFailsItTriesAgainAndTellsOnce) {
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  store().CrashAfter(0);
  ASSERT_TRUE(Eventually([&] { return observer().Count("store fails") == 1; }));
  store().Recover();
  Ask("bob");

  EXPECT_TRUE(Eventually([&] { return IsDone("bob"); }));
  EXPECT_EQ(observer().Count("store fails"), 1);
  EXPECT_EQ(observer().Count("store works"), 1);
}

TEST_F(FleetRunnerTest, AFailedCommitLosesNothing) {
  const auto runner = StartRunner();
  ASSERT_TRUE(Eventually([&] { return runner->is_owner(); }));

  for (int i = 0; i < 20; ++i) {
    Ask("client-" + std::to_string(i));
    store().FailNext(absl::UnavailableError("the disk is full"));
  }

  EXPECT_TRUE(Eventually([&] { return AllAreServed(20); }));
  EXPECT_TRUE(Eventually([&] { return NothingRunsUnknown(); }));
}

TEST_F(FleetRunnerTest, WhileTheEngineFailsItTriesAgainAndTellsOnce) {
  engine().FailEngine(absl::UnavailableError("the engine sleeps"));
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return observer().Count("engine fails") == 1; }));

  engine().FailEngine(absl::OkStatus());

  EXPECT_TRUE(Eventually([&] { return IsDone("alice"); }));
  EXPECT_EQ(observer().Count("engine works"), 1);
}

TEST_F(FleetRunnerTest, TheViewIsTheOwners) {
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  const FleetView view = runner->View();

  ASSERT_THAT(view.servers, SizeIs(1));
  EXPECT_EQ(view.servers[0].used, 1);
  EXPECT_TRUE(view.servers[0].answering);
}

TEST_F(FleetRunnerTest, ADrainedServersPlayersAreTold) {
  const auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  EXPECT_THAT(runner->Drain(engine().running()[0], true), IsOk());

  EXPECT_TRUE(Eventually([&] { return Find("alice").state == RequestState::kFailed; }));
  EXPECT_TRUE(Eventually([&] { return engine().running().empty(); }));
  EXPECT_THAT(runner->Drain("nobody", true), StatusIs(absl::StatusCode::kNotFound,
                                                      "game server "
                                                      "nobody: there is none"));
}

TEST_F(FleetRunnerTest, StopEndsEmptyServersAndKeepsUsedOnes) {
  options().fleet.min_ready = 1;
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice") && engine().running().size() == 2; }));

  runner->Stop();
  runner->Stop();

  EXPECT_THAT(engine().running(), testing::ElementsAre(Find("alice").place.server_id));
  EXPECT_TRUE(NothingRunsUnknown());
  EXPECT_FALSE(runner->is_owner());
  EXPECT_THAT(runner->View().servers, IsEmpty());
  EXPECT_THAT(runner->Drain("any", true),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("does not own")));
}

TEST_F(FleetRunnerTest, StopEndsUsedServersWhenTold) {
  options().stop_used_servers = true;
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  runner = nullptr;

  EXPECT_THAT(engine().running(), IsEmpty());
  EXPECT_EQ(Find("alice").state, RequestState::kFailed);
}

TEST_F(FleetRunnerTest, StopGivesUpStartsThatAreUnderWay) {
  engine().HoldStarts(true);
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return engine().starts() == 1; }));

  runner = nullptr;

  EXPECT_THAT(engine().running(), IsEmpty());
  EXPECT_THAT(*store().Servers(), IsEmpty());
}

TEST_F(FleetRunnerTest, StopEndsServersAlsoWhileTheStoreFails) {
  options().stop_used_servers = true;
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));

  store().CrashAfter(0);
  runner = nullptr;

  EXPECT_THAT(engine().running(), IsEmpty());
}

TEST_F(FleetRunnerTest, StopEndsServersAlsoWhenTheStoreFailedBefore) {
  options().stop_used_servers = true;
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));
  engine().Crash(engine().running()[0]);
  engine().AddStray("stray");

  store().CrashAfter(0);
  ASSERT_TRUE(Eventually([&] { return observer().Count("store fails") == 1; }));
  runner = nullptr;

  EXPECT_THAT(engine().running(), IsEmpty());
}

TEST_F(FleetRunnerTest, ANewOwnerTellsAgainWhatWasSettledLately) {
  auto runner = StartRunner();
  Ask("alice");
  ASSERT_TRUE(Eventually([&] { return IsDone("alice"); }));
  runner = nullptr;
  std::atomic<int> told{0};
  const auto subscription = bus().Subscribe(
      kRequestsChannel,
      [&](std::string_view payload) {
        const auto request = DecodeRequest(payload);
        if (request.ok() && request->client_id == "alice") ++told;
      },
      nullptr);

  runner = StartRunner();

  EXPECT_TRUE(Eventually([&] { return told > 0; }));
}

}  // namespace
}  // namespace muster::lobby
