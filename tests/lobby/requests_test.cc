#include "lobby/requests.h"

#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_event_bus.h"
#include "tests/fakes/fake_game_server_client.h"
#include "tests/fakes/memory_store.h"
#include "tests/lobby/contested_store.h"
#include "tests/support/status_matchers.h"

namespace muster::lobby {
namespace {

using absl::StatusCode;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using support::IsOk;
using support::StatusIs;
using testing::_;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Mood = fakes::FakeGameServerClient::Mood;

constexpr char kControlUrl[] = "http://container1:3000";

class RequestsTest : public testing::Test {
 protected:
  using Result = absl::StatusOr<Request>;

  RequestsTest() { Start(base::WorkerPool::Options{.threads = 1}); }

  void Start(const base::WorkerPool::Options& workers) {
    requests_.reset();
    workers_ = std::make_unique<base::WorkerPool>(workers);
    requests_.emplace(options_, Requests::Ports{contested_, bus_, servers_, *workers_, clock_},
                      base::IdSeed{1, 2});
  }

  // What a call gives, when it does.
  Result Await(const std::function<void(Requests::Done)>& call) {
    base::Mutex mu;
    base::CondVar came;
    std::optional<Result> result;
    call([&](Result given) {
      const base::MutexLock lock(&mu);
      EXPECT_FALSE(result) << "done was called twice";
      result = std::move(given);
      came.Signal();
    });
    const base::MutexLock lock(&mu);
    while (!result) {
      if (came.WaitFor(&mu, seconds(60))) return absl::DeadlineExceededError("nothing came");
    }
    return *result;
  }
  Result Ask(const std::string& client_id) {
    return Await([&](Requests::Done done) { requests_->Ask(client_id, std::move(done)); });
  }
  Result Find(const std::string& client_id, const std::string& id = "") {
    return Await([&](Requests::Done done) { requests_->Find(client_id, id, std::move(done)); });
  }
  Result Cancel(const std::string& client_id, const std::string& id = "") {
    return Await([&](Requests::Done done) { requests_->Cancel(client_id, id, std::move(done)); });
  }

  // A record of alice, as the fleet wrote it just now.
  Request Put(Request request) {
    request.client_id = "alice";
    request.id = "first";
    request.created_at = clock_.Now();
    request.changed_at = clock_.Now();
    request.expires_at = clock_.Now() + options_.record_ttl;
    return store_.WriteRequest(request).value();
  }
  Request PutDone() {
    servers_.Add(kControlUrl, {.held = {"alice"}});
    return Put({.state = RequestState::kDone,
                .place = {.server_id = "s1", .port = 45677, .control_url = kControlUrl}});
  }
  Request Stored() { return store_.FindRequest("alice").value().value_or(Request()); }

  Requests::Options options_{.record_ttl = hours(1), .request_attempts = 3};
  fakes::FakeClock clock_;
  fakes::MemoryStore store_{clock_, 2};
  ContestedStore contested_{store_};
  fakes::FakeEventBus bus_;
  fakes::FakeGameServerClient servers_;
  std::optional<Requests> requests_;
  // Its tasks use the rest.
  std::unique_ptr<base::WorkerPool> workers_;
};

TEST_F(RequestsTest, BeginWithAnAsk) {
  const Result asked = Ask("alice");

  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(*asked, Stored());
  EXPECT_EQ(asked->client_id, "alice");
  EXPECT_EQ(asked->state, RequestState::kCreated);
  EXPECT_EQ(asked->id.size(), 32u);
  EXPECT_EQ(asked->created_at, clock_.Now());
  EXPECT_EQ(asked->changed_at, clock_.Now());
  EXPECT_EQ(asked->expires_at, clock_.Now() + hours(1));
  EXPECT_THAT(bus_.published(), ElementsAre(Pair(kWorkChannel, ""), Pair(kRequestsChannel, _)));
}

TEST_F(RequestsTest, HaveIdsOfTheirOwn) {
  EXPECT_NE(Ask("alice").value().id, Ask("bob").value().id);
}

TEST_F(RequestsTest, AreNotChangedByPollsWhileTheyWait) {
  for (const RequestState state : {RequestState::kCreated, RequestState::kInProgress}) {
    const Request before = Put({.state = state, .revision = Stored().revision});
    clock_.Advance(minutes(30) - std::chrono::milliseconds(1));

    EXPECT_EQ(Ask("alice").value(), before);
    EXPECT_EQ(Stored(), before);
  }
  EXPECT_THAT(bus_.published(), IsEmpty());
}

TEST_F(RequestsTest, LiveOnWhileTheyAreAskedFor) {
  const Request before = PutDone();
  clock_.Advance(minutes(30));

  const Result asked = Ask("alice");

  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->expires_at, clock_.Now() + hours(1));
  EXPECT_EQ(asked->changed_at, before.changed_at);
  EXPECT_EQ(Stored(), *asked);
}

TEST_F(RequestsTest, BeginAnewWhileAttemptsAreLeft) {
  Put({.state = RequestState::kFailed,
       .attempts = 2,
       .reason = "port taken",
       .retry_at = clock_.Now() + hours(1)});

  const Result asked = Ask("alice");

  EXPECT_EQ(asked->state, RequestState::kCreated);
  EXPECT_EQ(asked->attempts, 2);
  EXPECT_EQ(asked->reason, "");
  EXPECT_NE(asked->id, "first");
  EXPECT_THAT(bus_.published(), ElementsAre(Pair(kWorkChannel, ""), Pair(kRequestsChannel, _)));
}

TEST_F(RequestsTest, StayFailedUntilTheyMayBeTriedAgain) {
  const Request failed = Put({.state = RequestState::kFailed,
                              .attempts = 3,
                              .reason = "port taken",
                              .retry_at = clock_.Now() + seconds(5)});
  EXPECT_EQ(Ask("alice").value(), failed);
  EXPECT_EQ(Stored(), failed);

  clock_.Advance(seconds(5));
  EXPECT_EQ(Ask("alice").value().state, RequestState::kCreated);
}

TEST_F(RequestsTest, AreGivenAsDoneWhenTheSlotIsHeld) {
  const Request before = PutDone();

  EXPECT_EQ(Ask("alice").value(), before);
  EXPECT_EQ(Stored(), before);
}

TEST_F(RequestsTest, BeginAnewWhenTheSlotIsGone) {
  PutDone();
  servers_.Leave(kControlUrl, "alice");

  const Result asked = Ask("alice");

  EXPECT_EQ(asked->state, RequestState::kCreated);
  EXPECT_EQ(asked->place, Place());
  EXPECT_EQ(*asked, Stored());
  EXPECT_THAT(bus_.published(), ElementsAre(Pair(kWorkChannel, ""), Pair(kRequestsChannel, _)));
}

TEST_F(RequestsTest, StayDoneWhenTheServerDoesNotAnswer) {
  const Request before = PutDone();
  servers_.SetMood(kControlUrl, Mood::kHangs);

  EXPECT_EQ(Ask("alice").value().state, RequestState::kInProgress);
  EXPECT_EQ(Stored(), before);
  servers_.SetMood(kControlUrl, Mood::kAnswers);
  EXPECT_EQ(Ask("alice").value().state, RequestState::kDone);
}

TEST_F(RequestsTest, StayCancelledUntilTheSlotWasGivenBack) {
  const Request before = Put({.state = RequestState::kCancelled});
  clock_.Advance(minutes(59));

  EXPECT_EQ(Ask("alice").value(), before);
  EXPECT_EQ(Stored(), before);
}

TEST_F(RequestsTest, AreWrittenAgainWhenOthersChangeThem) {
  contested_.Contest(3);

  const Result asked = Ask("alice");

  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->id, "other");
}

TEST_F(RequestsTest, AreGivenUpWhenOthersKeepChangingThem) {
  Put({.state = RequestState::kInProgress});
  contested_.Contest(1000);

  EXPECT_THAT(Cancel("alice"), StatusIs(StatusCode::kAborted, HasSubstr("another record")));
}

TEST_F(RequestsTest, OfAnotherAskAreTakenWhenTheSlotIsGone) {
  PutDone();
  servers_.Leave(kControlUrl, "alice");
  contested_.Contest(1);

  const Result asked = Ask("alice");

  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->reason, "somebody else was quicker");
}

TEST_F(RequestsTest, AreFoundByClientAndId) {
  const Request request = Put({});

  EXPECT_EQ(Find("alice").value(), request);
  EXPECT_EQ(Find("alice", "first").value(), request);
  EXPECT_THAT(Find("alice", "second"), StatusIs(StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(Find("bob"), StatusIs(StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(RequestsTest, AreCancelledWithTheirPlace) {
  const Request done = PutDone();
  clock_.Advance(seconds(1));

  const Result cancelled = Cancel("alice", "first");

  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->state, RequestState::kCancelled);
  EXPECT_EQ(cancelled->place, done.place);
  EXPECT_EQ(cancelled->changed_at, clock_.Now());
  EXPECT_EQ(*cancelled, Stored());
  EXPECT_THAT(bus_.published(), ElementsAre(Pair(kWorkChannel, ""), Pair(kRequestsChannel, _)));
}

TEST_F(RequestsTest, AreCancelledOnce) {
  PutDone();
  const Request cancelled = Cancel("alice").value();

  EXPECT_EQ(Cancel("alice").value(), cancelled);
  EXPECT_THAT(Cancel("alice", "second"), StatusIs(StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(bus_.published(), ElementsAre(Pair(kWorkChannel, ""), Pair(kRequestsChannel, _)));
}

TEST_F(RequestsTest, ThatFailedCannotBeCancelledAway) {
  const Request failed =
      Put({.state = RequestState::kFailed, .attempts = 3, .retry_at = clock_.Now() + seconds(60)});

  EXPECT_EQ(Cancel("alice").value(), failed);
  EXPECT_EQ(Ask("alice").value(), failed);
  EXPECT_THAT(bus_.published(), IsEmpty());
}

TEST_F(RequestsTest, OfIdsThatCannotBeUsedAreRefused) {
  for (const Result& result : {Ask(".."), Find(".."), Cancel("..")}) {
    EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument, HasSubstr("client id")));
  }
  EXPECT_EQ(store_.calls(), 0);
}

TEST_F(RequestsTest, TellThatTheStoreIsAway) {
  store_.CrashAfter(0);

  for (const Result& result : {Ask("alice"), Find("alice"), Cancel("alice")}) {
    EXPECT_THAT(result, StatusIs(StatusCode::kUnavailable, HasSubstr("store")));
  }
  EXPECT_THAT(bus_.published(), IsEmpty());
}

TEST_F(RequestsTest, AreRefusedWhenTooManyWait) {
  ASSERT_THAT(Ask("alice"), IsOk());
  ASSERT_THAT(Ask("bob"), IsOk());

  EXPECT_THAT(Ask("carol"), StatusIs(StatusCode::kResourceExhausted, HasSubstr("wait already")));
}

TEST_F(RequestsTest, AreRefusedWhenTooManyCallsWait) {
  Start({.threads = 1, .max_queued = 0});

  for (const Result& result : {Ask("alice"), Find("alice"), Cancel("alice")}) {
    EXPECT_THAT(result, StatusIs(StatusCode::kResourceExhausted, HasSubstr("calls wait")));
  }
}

}  // namespace
}  // namespace muster::lobby
