// Which request goes to which server, and what becomes of it.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lobby/fleet_driver.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

using Mood = FleetDriver::Mood;

// A driver with `count` empty servers of four slots.
std::unique_ptr<FleetDriver> WithServers(int count, FleetOptions options = {}) {
  options.min_ready = count;
  auto driver = std::make_unique<FleetDriver>(options);
  driver->Run(seconds(5));
  EXPECT_THAT(driver->engine().running(), SizeIs(count));
  return driver;
}

TEST(FleetSlotsTest, ARequestIsServedByARunningServerA6) {
  const auto driver = WithServers(1);
  const std::string running = driver->engine().running()[0];

  driver->Ask("alice");
  driver->Run(milliseconds(10));

  EXPECT_EQ(driver->ServerOf("alice"), running);
  EXPECT_EQ(driver->Find("alice").place.port, 7777);
}

TEST(FleetSlotsTest, ARequestWithoutAServerStartsOneA7) {
  FleetDriver driver({});

  driver.Ask("alice");
  driver.Run(seconds(1));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kDone);
  EXPECT_EQ(driver.engine().starts(), 1);
}

TEST(FleetSlotsTest, TheFourthOfAServerOfThreeGetsASecondOneA13) {
  FleetDriver driver({});
  driver.engine().SetServer({.slots = 3, .tells = false});

  for (const char* client : {"alice", "bob", "carol", "dave"}) {
    driver.Ask(client);
    driver.Run(seconds(3));
  }

  EXPECT_EQ(driver.Count(RequestState::kDone), 4);
  EXPECT_EQ(driver.engine().starts(), 2);
}

TEST(FleetSlotsTest, TwoAsksOfOneClientAreOneRequestA14) {
  const auto driver = WithServers(1);

  driver->Ask("alice");
  driver->Ask("alice");
  driver->Run(seconds(1));

  EXPECT_EQ(driver->Server(driver->ServerOf("alice")).reserve_calls, 1);
}

TEST(FleetSlotsTest, TheFullestServerWithRoomComesFirst) {
  const auto driver = WithServers(3);

  for (const char* client : {"alice", "bob", "carol", "dave"}) {
    driver->Ask(client);
    driver->Run(seconds(2));
  }

  for (const Request& request : driver->All()) {
    EXPECT_EQ(request.place.server_id, driver->ServerOf("alice"));
  }
}

TEST(FleetSlotsTest, ARequestIsRecordedForAServerBeforeThatIsAsked) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->fleet().OnRequest(driver->Find("alice"));

  const FleetDecisions decisions = driver->fleet().Decide(driver->now());

  ASSERT_THAT(decisions.batch.requests, SizeIs(1));
  EXPECT_EQ(decisions.batch.requests[0].state, RequestState::kInProgress);
  EXPECT_EQ(decisions.batch.requests[0].place.server_id, driver->engine().running()[0]);
  ASSERT_THAT(decisions.reserve, SizeIs(1));
  EXPECT_EQ(decisions.reserve[0].needs, 0);
}

TEST(FleetSlotsTest, AConflictUndoesWhatWasDecided) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->fleet().OnRequest(driver->Find("alice"));
  const FleetDecisions decisions = driver->fleet().Decide(driver->now());

  driver->fleet().OnCommitted(decisions, {0});
  driver->Refresh("alice");
  driver->Run(milliseconds(10));

  EXPECT_EQ(driver->StateOf("alice"), RequestState::kDone);
}

TEST(FleetSlotsTest, AHungServersRequestIsServedByAnotherWithinOneTimeoutA20) {
  FleetOptions options;
  const auto driver = WithServers(5, options);
  driver->Ask("first");
  driver->Run(seconds(2));
  driver->SetMood(driver->ServerOf("first"), Mood::kHangs);

  driver->Ask("alice");
  driver->Run(options.call_timeout - milliseconds(1));

  EXPECT_EQ(driver->StateOf("alice"), RequestState::kDone);
  EXPECT_NE(driver->ServerOf("alice"), driver->ServerOf("first"));
}

TEST(FleetSlotsTest, AnOnlyServerHasTheWholeTimeout) {
  const auto driver = WithServers(1);

  driver->Ask("alice");
  driver->Run(milliseconds(10));

  EXPECT_THAT(driver->timeouts(), testing::ElementsAre(FleetOptions().call_timeout));
}

TEST(FleetSlotsTest, ASlotOnAServerThatWasLeftIsGivenBackLater) {
  const auto driver = WithServers(2);
  driver->Ask("first");
  driver->Run(seconds(2));
  const std::string silent = driver->ServerOf("first");
  driver->SetMood(silent, Mood::kTakesInSilence);
  driver->Ask("alice");
  driver->Run(seconds(2));
  ASSERT_NE(driver->ServerOf("alice"), silent);
  ASSERT_TRUE(driver->Server(silent).held.contains("alice"));

  driver->SetMood(silent, Mood::kAnswers);
  driver->Run(seconds(10));

  EXPECT_FALSE(driver->Server(silent).held.contains("alice"));
  EXPECT_EQ(driver->StateOf("alice"), RequestState::kDone);
}

TEST(FleetSlotsTest, AFullServerIsNotAskedAgainBeforeThePauseIsOver) {
  FleetOptions options{.max_servers = 1};
  FleetDriver driver(options);
  driver.engine().SetServer({.slots = 3, .tells = false});
  driver.AskMany(5);
  driver.Run(seconds(1));
  const int calls = driver.Server(driver.engine().running()[0]).reserve_calls;

  driver.Run(options.call_pause / 2);

  EXPECT_EQ(driver.Server(driver.engine().running()[0]).reserve_calls, calls);
  EXPECT_EQ(driver.Count(RequestState::kDone), 3);
}

TEST(FleetSlotsTest, AServerThatDoesNotTellIsAskedAgainWhenNothingElseIsLeft) {
  FleetDriver driver({.max_servers = 1});
  driver.engine().SetServer({.slots = 3, .tells = false});
  driver.AskMany(5);
  driver.Run(seconds(10));
  ASSERT_EQ(driver.Count(RequestState::kDone), 3);

  for (const Request& request : driver.All()) {
    driver.servers().Leave(request.place.control_url, request.client_id);
  }
  driver.Run(seconds(20));

  EXPECT_EQ(driver.Count(RequestState::kDone), 5);
}

TEST(FleetSlotsTest, ACancelledRequestsSlotIsGivenBackBeforeItsRecordGoes) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");

  driver->Cancel("alice");
  driver->Run(seconds(1));

  EXPECT_THAT(driver->Server(server).held, SizeIs(0));
  EXPECT_THAT(driver->All(), SizeIs(0));
}

TEST(FleetSlotsTest, ThoseWhoseServerIsAskedAreWaitingStill) {
  FleetDriver driver({.min_ready = 1});
  driver.Run(seconds(5));

  driver.Ask("alice");
  driver.Run(milliseconds(0));

  ASSERT_EQ(driver.StateOf("alice"), RequestState::kInProgress);
  EXPECT_EQ(driver.fleet().View().waiting, 1);
}

TEST(FleetSlotsTest, ARequestThatIsCancelledWhileItWaitsIsRemoved) {
  FleetDriver driver({.max_servers = 0});
  driver.Ask("alice");
  driver.Run(seconds(1));

  driver.Cancel("alice");
  driver.Run(seconds(1));

  EXPECT_THAT(driver.All(), SizeIs(0));
}

TEST(FleetSlotsTest, ARequestThatIsCancelledWhileItsServerIsAskedHoldsNoSlot) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(milliseconds(0));
  ASSERT_EQ(driver->StateOf("alice"), RequestState::kInProgress);

  driver->Cancel("alice");
  driver->Run(seconds(1));

  EXPECT_THAT(driver->Server(driver->engine().running()[0]).held, SizeIs(0));
  EXPECT_THAT(driver->All(), SizeIs(0));
}

TEST(FleetSlotsTest, AnExpiredRequestsSlotIsGivenBackAndItsRecordGoes) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));
  const std::string server = driver->ServerOf("alice");

  driver->Run(FleetOptions().record_ttl + seconds(2));

  EXPECT_THAT(driver->Server(server).held, SizeIs(0));
  EXPECT_THAT(driver->All(), SizeIs(0));
}

TEST(FleetSlotsTest, ARefreshedRequestDoesNotExpire) {
  FleetDriver driver({.max_servers = 0});
  driver.Ask("alice");
  driver.Run(FleetOptions().record_ttl - seconds(1));

  driver.Refresh("alice");
  driver.Run(seconds(5));

  EXPECT_EQ(driver.StateOf("alice"), RequestState::kCreated);
}

TEST(FleetSlotsTest, ARefreshWhileTheServerIsAskedDoesNoHarm) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(milliseconds(0));

  driver->Refresh("alice");
  driver->Run(seconds(1));

  EXPECT_EQ(driver->StateOf("alice"), RequestState::kDone);
  EXPECT_THAT(driver->Server(driver->ServerOf("alice")).held, SizeIs(1));
}

TEST(FleetSlotsTest, ACrashedServersPlayersAreToldWhy) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(seconds(1));

  driver->Crash(driver->ServerOf("alice"));
  driver->Run(seconds(1));

  EXPECT_EQ(driver->StateOf("alice"), RequestState::kFailed);
  EXPECT_THAT(driver->Find("alice").reason, HasSubstr("exited with 137"));
}

TEST(FleetSlotsTest, ARequestWhoseServerCrashesBeforeItAnswersWaitsForAnother) {
  const auto driver = WithServers(1);
  driver->Ask("alice");
  driver->Run(milliseconds(0));

  driver->Crash(driver->engine().running()[0]);
  driver->Run(seconds(2));

  EXPECT_EQ(driver->StateOf("alice"), RequestState::kDone);
}

TEST(FleetSlotsTest, WithoutAttemptsLeftTheNextAskHasToWaitLongerEachTime) {
  FleetDriver driver({.start_pause = milliseconds(1)});
  driver.engine().FailStarts(absl::UnavailableError("the engine sleeps"));
  std::vector<milliseconds> pauses;
  for (int i = 0; i < 5; ++i) {
    driver.Ask("alice");
    driver.Run(milliseconds(500));
    const Request request = driver.Find("alice");
    EXPECT_EQ(request.state, RequestState::kFailed);
    EXPECT_THAT(request.reason, HasSubstr("the engine sleeps"));
    pauses.push_back(request.attempts < 3 ? milliseconds(0)
                                          : request.retry_at - request.changed_at);
    driver.Run(seconds(30));
  }
  EXPECT_THAT(pauses, testing::ElementsAre(milliseconds(0), milliseconds(0), seconds(5),
                                           seconds(10), seconds(20)));
}

}  // namespace
}  // namespace muster::lobby
