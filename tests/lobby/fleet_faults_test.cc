// Runners that end at the wrong moment, and others that go on: nothing lost, nobody stuck, nothing
// left running.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lobby/runner_fixture.h"

namespace muster::lobby {
namespace {

class FleetFaultsTest : public testing::Test, protected RunnerFixture {};

struct Crash {
  // Of its calls to the store these are answered.
  int calls;
  // Of the one after these only the answer is lost.
  bool done;
};
std::ostream& operator<<(std::ostream& os, const Crash& crash) {
  return os << "After" << crash.calls << (crash.done ? "AndOne" : "");
}

std::vector<Crash> Crashes() {
  std::vector<Crash> crashes;
  crashes.reserve(50);
  for (int calls = 0; calls < 25; ++calls) {
    crashes.push_back({.calls = calls, .done = false});
    crashes.push_back({.calls = calls, .done = true});
  }
  return crashes;
}

class FleetCrashTest : public testing::TestWithParam<Crash>, protected RunnerFixture {};

TEST_P(FleetCrashTest, ASuccessorFinishesWhatARunnerBeganA17) {
  // The crashed one's lease has to run out.
  options().lease_ttl = std::chrono::milliseconds(200);
  AskMany(10);
  CutStore cut(store());
  cut.CutAfter(GetParam().calls, GetParam().done);
  auto crashed = StartRunner(cut);
  ASSERT_TRUE(Eventually([&] { return observer().Count("store fails") > 0; }));
  crashed = nullptr;

  const auto successor = StartRunner();

  EXPECT_TRUE(Eventually([&] { return AllAreServed(10); }));
  EXPECT_TRUE(Eventually([&] { return NothingRunsUnknown(); }));
  EXPECT_LE(engine().most_servers(), 3);
}

INSTANTIATE_TEST_SUITE_P(Points, FleetCrashTest, testing::ValuesIn(Crashes()),
                         testing::PrintToStringParamName());

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
  CutStore cut(store());
  const auto one = StartRunner(cut);
  ASSERT_TRUE(Eventually([&] { return one->is_owner(); }));
  const auto two = StartRunner();
  AskMany(4);

  cut.CutAfter(0, false);
  AskMany(8);
  EXPECT_TRUE(Eventually([&] { return AllAreServed(8) && two->is_owner(); }));
  EXPECT_TRUE(Eventually([&] { return !one->is_owner(); }));

  cut.Mend();
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

}  // namespace
}  // namespace muster::lobby
