#include "auth/iam_access_control.h"

#include <thread>

#include "tests/auth/iam_fixture.h"

namespace muster::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::TestKey;
using testing::ElementsAre;
using testing::IsEmpty;

class IamAccessControlTest : public IamFixture {
 protected:
  // Returns once everything was fetched anew at least once from now on.
  void AwaitRefresh() {
    ASSERT_TRUE(sender_.WaitForCalls(kRevocationsPath, sender_.Calls(kRevocationsPath) + 2));
  }
  void RevokeAllTokens() {
    sender_.Answer(kRevocationsPath,
                   {200, R"({"revoked_tokens":{"bits":[18446744073709551615],"k":1},
                                  "revoked_users":null})"});
  }
};

TEST_F(IamAccessControlTest, LetsNobodyInBeforeKeysAndRevocationsAreLoaded) {
  sender_.Hold(kRevocationsPath);
  Start();
  ASSERT_TRUE(sender_.WaitForCalls(kRevocationsPath, 1));

  EXPECT_EQ(Now(Token()), Verdict::kNotReady);
  EXPECT_EQ(Get(Later(Token())), Verdict::kNotReady);
  EXPECT_FALSE(control_->state().ready);

  sender_.Release(kRevocationsPath);
  AwaitReady();
  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
  EXPECT_TRUE(control_->state().ready);
}

TEST_F(IamAccessControlTest, CallsReadyAtOnceWhenItIs) {
  StartReady();
  bool called = false;

  control_->OnReady([&called] { called = true; });

  EXPECT_TRUE(called);
}

TEST_F(IamAccessControlTest, RemembersVerdicts) {
  StartReady();
  const std::string token = Token();
  const std::string other = Token(R"({"extend_namespace":"other"})");
  const std::string none = Token(R"({"extend_namespace":null})");
  const std::string bad = "bad";

  for (const std::string& each : {token, other, none, bad}) EXPECT_FALSE(FromCache(each)) << each;

  for (const std::string& each : {token, other, none}) EXPECT_TRUE(FromCache(each)) << each;
  EXPECT_FALSE(FromCache(bad));
  EXPECT_EQ(Now(token), Verdict::kAllowed);
  EXPECT_EQ(Now(other), Verdict::kOtherNamespace);
  EXPECT_EQ(Now(none), Verdict::kNoPermission);
  EXPECT_EQ(control_->state().cached_tokens, 3);
}

TEST_F(IamAccessControlTest, ARememberedTokenExpires) {
  StartReady();
  const std::string token = Token();
  ASSERT_EQ(Now(token), Verdict::kAllowed);

  clock_.Advance(seconds(65));
  EXPECT_EQ(Now(token), Verdict::kAllowed);

  clock_.Advance(seconds(10));
  EXPECT_EQ(Now(token), Verdict::kExpired);
}

TEST_F(IamAccessControlTest, AnUnknownKeyCausesOneFetchForAllCalls) {
  StartReady();
  const int before = sender_.Calls(kKeysPath);
  PublishBothKeys();
  sender_.Hold(kKeysPath);
  const std::string token = OtherToken();
  std::vector<std::future<Verdict>> verdicts;
  ASSERT_TRUE(NeedsFetch(token));

  for (int i = 0; i < 20; ++i) verdicts.push_back(Later(token));
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, before + 1));
  EXPECT_TRUE(NeedsFetch(token));
  verdicts.push_back(Later(token));
  sender_.Release(kKeysPath);

  for (std::future<Verdict>& verdict : verdicts) {
    EXPECT_EQ(Get(std::move(verdict)), Verdict::kAllowed);
  }
  EXPECT_EQ(sender_.Calls(kKeysPath), before + 1);
  EXPECT_EQ(Now(token), Verdict::kAllowed);
}

TEST_F(IamAccessControlTest, AMadeUpKeyCausesAFetchOnlyAfterAPause) {
  StartReady();
  const int before = sender_.Calls(kKeysPath);
  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);

  for (int i = 0; i < 10; ++i) {
    const std::string token = TestKey::Other().Named(std::to_string(i)).Token(Claims());
    EXPECT_EQ(Now(token), Verdict::kUnknownKey);
    EXPECT_EQ(Get(Later(token)), Verdict::kUnknownKey);
  }
  EXPECT_EQ(sender_.Calls(kKeysPath), before + 1);

  clock_.Advance(options_.refetch_pause);
  EXPECT_TRUE(NeedsFetch(OtherToken()));
  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);
  EXPECT_EQ(sender_.Calls(kKeysPath), before + 2);
}

TEST_F(IamAccessControlTest, AMadeUpKeyLooksTheSameWhileIamIsDown) {
  StartReady();
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));

  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);
  EXPECT_EQ(Now(OtherToken()), Verdict::kUnknownKey);
  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
}

TEST_F(IamAccessControlTest, AKnownTokenNeedNotWaitForAFetch) {
  StartReady();
  sender_.Hold(kKeysPath);
  std::future<Verdict> waiting = Later(OtherToken());

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);

  sender_.Release(kKeysPath);
  EXPECT_EQ(Get(std::move(waiting)), Verdict::kUnknownKey);
}

TEST_F(IamAccessControlTest, TriesAgainUntilIamComes) {
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));
  sender_.Answer(kRevocationsPath, {503, ""});
  Start();
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 4));
  ASSERT_TRUE(sender_.WaitForCalls(kRevocationsPath, 4));
  EXPECT_EQ(Now(Token()), Verdict::kNotReady);

  PublishBothKeys();
  sender_.Answer(kRevocationsPath, {200, kNothingRevoked});
  AwaitReady();

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
}

TEST_F(IamAccessControlTest, WaitsLongerAfterEachFailureUpToALimit) {
  options_.first_retry = milliseconds(1);
  options_.last_retry = seconds(3600);
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));
  const auto start = base::Clock::System().MonotonicNow();
  Start();

  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 7));

  // 1 + 2 + 4 + 8 + 16 + 32.
  EXPECT_GE(base::Clock::System().MonotonicNow() - start, milliseconds(63));
}

TEST_F(IamAccessControlTest, KeepsTheLastGoodSetWhileIamIsDown) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));
  sender_.Fail(kRevocationsPath, absl::UnavailableError("down"));
  sender_.Fail(kLoginPath, absl::UnavailableError("down"));
  AwaitRefresh();

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
  EXPECT_EQ(Now(TestKey::Other().Named("key-1").Token(Claims())), Verdict::kBadSignature);
  EXPECT_TRUE(control_->state().ready);
}

TEST_F(IamAccessControlTest, TakesKeysThatCameInARefresh) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  PublishBothKeys();
  AwaitRefresh();

  EXPECT_EQ(Now(OtherToken()), Verdict::kAllowed);
}

TEST_F(IamAccessControlTest, AKeyThatIamTookBackIsUnknownEvenToARememberedToken) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  const std::string token = Token();
  ASSERT_EQ(Now(token), Verdict::kAllowed);
  sender_.Answer(kKeysPath, {200, support::Jwks({TestKey::Other()})});
  AwaitRefresh();

  EXPECT_EQ(Get(Later(token)), Verdict::kUnknownKey);
}

TEST_F(IamAccessControlTest, ARefreshRevokesARememberedToken) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  const std::string token = Token();
  ASSERT_EQ(Now(token), Verdict::kAllowed);

  RevokeAllTokens();
  AwaitRefresh();

  EXPECT_EQ(Now(token), Verdict::kTokenRevoked);
}

TEST_F(IamAccessControlTest, ARememberedVerdictSurvivesAnswersThatStayTheSame) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  const std::string token = Token();
  ASSERT_EQ(Now(token), Verdict::kAllowed);

  AwaitRefresh();
  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);

  EXPECT_TRUE(FromCache(token));
}

TEST_F(IamAccessControlTest, AnAnswerThatIsNoRevocationListRevokesOn) {
  options_.fetch_interval = milliseconds(5);
  RevokeAllTokens();
  StartReady();

  sender_.Answer(kRevocationsPath, {200, R"({"errorCode":1})"});
  AwaitRefresh();

  EXPECT_EQ(Now(Token()), Verdict::kTokenRevoked);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("revocations: INVALID_ARGUMENT"));
}

TEST_F(IamAccessControlTest, TellsOfAChangeOnce) {
  options_.fetch_interval = milliseconds(2);
  StartReady();
  sender_.Answer(kRevocationsPath, {500, ""});
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("revocations: UNAVAILABLE"));
  AwaitRefresh();

  sender_.Answer(kRevocationsPath, {200, kNothingRevoked});
  changes_.WaitFor(2);
  AwaitRefresh();

  EXPECT_THAT(changes_.WaitFor(2), ElementsAre("revocations: UNAVAILABLE", "revocations: OK"));
}

TEST_F(IamAccessControlTest, TellsOfAFailureAtTheStart) {
  sender_.Answer(kKeysPath, {200, "no json"});
  Start();

  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("keys: INVALID_ARGUMENT"));
}

TEST_F(IamAccessControlTest, SaysNothingWhenAllIsWell) {
  options_.fetch_interval = milliseconds(2);
  StartReady();
  AwaitRefresh();
  control_->Stop();

  EXPECT_THAT(changes_.WaitFor(0), IsEmpty());
}

TEST_F(IamAccessControlTest, TheAgesCountFromTheLastGoodLoad) {
  StartReady();
  clock_.Advance(seconds(100));
  EXPECT_GE(control_->state().keys_age, seconds(100));
  EXPECT_GE(control_->state().revocations_age, seconds(100));

  // The keys are loaded anew because of an unknown one.
  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);

  EXPECT_LT(control_->state().keys_age, seconds(100));
  EXPECT_GE(control_->state().revocations_age, seconds(100));
}

TEST_F(IamAccessControlTest, TheAgesCountFromTheStartBeforeTheFirstLoad) {
  sender_.Hold(kKeysPath);
  Start();
  clock_.Advance(seconds(5));

  EXPECT_GE(control_->state().keys_age, seconds(5));
}

TEST_F(IamAccessControlTest, RefusesMoreWaitingCallsThanItMayHold) {
  options_.max_waiting_calls = 2;
  StartReady();
  sender_.Hold(kKeysPath);
  std::future<Verdict> first = Later(OtherToken());
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 2));
  std::future<Verdict> second = Later(OtherToken());

  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kTooManyWaiting);
  EXPECT_EQ(control_->state().waiting_calls, 2);

  sender_.Release(kKeysPath);
  EXPECT_EQ(Get(std::move(first)), Verdict::kUnknownKey);
  EXPECT_EQ(Get(std::move(second)), Verdict::kUnknownKey);
  EXPECT_EQ(control_->state().waiting_calls, 0);
}

TEST_F(IamAccessControlTest, ACallEndsAPauseAtOnce) {
  options_.first_retry = options_.last_retry = seconds(3600);
  StartReady();
  sender_.Fail(kKeysPath, absl::UnavailableError("down"));
  ASSERT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);

  PublishBothKeys();
  clock_.Advance(options_.last_retry);

  EXPECT_EQ(Get(Later(OtherToken())), Verdict::kAllowed);
}

TEST_F(IamAccessControlTest, ChecksFromManyThreadsWhileAllIsFetchedAnew) {
  options_.fetch_interval = milliseconds(1);
  StartReady();
  const std::string token = Token();
  const std::string unknown = OtherToken();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 200; ++j) {
          EXPECT_EQ(Now(token), Verdict::kAllowed);
          EXPECT_EQ(Get(Later(unknown)), Verdict::kUnknownKey);
          EXPECT_TRUE(control_->state().ready);
        }
      });
    }
  }
}

}  // namespace
}  // namespace muster::auth
