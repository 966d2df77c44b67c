#include "tests/store/crash_contract.h"

#include <chrono>
#include <memory>

#include "tests/fakes/crashing_store.h"
#include "tests/lobby/runner_fixture.h"

namespace muster::store {

std::vector<Crash> AllCrashes() {
  // Ten requests are served with fewer.
  constexpr int kMostCalls = 25;
  std::vector<Crash> crashes;
  crashes.reserve(2 * kMostCalls);
  for (int calls = 0; calls < kMostCalls; ++calls) {
    crashes.push_back({.calls = calls, .done = false});
    crashes.push_back({.calls = calls, .done = true});
  }
  return crashes;
}

namespace {

constexpr int kRequests = 10;

// The lobby's first life: it ends with the store's own end, after so many calls.
void RunUntil(const Crash& crash, StoreUnderTest& under_test, lobby::RunnerFixture& lobby) {
  fakes::CrashingStore store(under_test.store());
  store.CrashAfter(crash.calls, crash.done);
  const auto runner = lobby.StartRunner(store);
  ASSERT_TRUE(lobby.Eventually([&] { return lobby.observer().Count("store fails") > 0; }));
}

}  // namespace

TEST_P(CrashContract, ASuccessorFinishesWhatALobbyBeganA17) {
  const auto& [kind, crash] = GetParam();
  const std::unique_ptr<StoreUnderTest> under_test = kind.make({});
  lobby::RunnerFixture lobby;
  // The crashed one's lease has to run out.
  lobby.options().lease_ttl = std::chrono::milliseconds(200);
  lobby.UseStore(under_test->store());
  lobby.AskMany(kRequests);
  ASSERT_NO_FATAL_FAILURE(RunUntil(crash, *under_test, lobby));

  under_test->Reopen();
  lobby.UseStore(under_test->store());
  const auto successor = lobby.StartRunner();

  EXPECT_TRUE(lobby.Eventually([&] { return lobby.AllAreServed(kRequests); }));
  EXPECT_TRUE(lobby.Eventually([&] { return lobby.NothingRunsUnknown(); }));
  EXPECT_EQ(lobby.All().size(), kRequests);
  EXPECT_LE(lobby.engine().most_servers(), 3);
}

}  // namespace muster::store
