#include "tests/auth/iam_roles_fixture.h"

namespace muster::auth {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class IamRoleRoundsTest : public IamRolesFixture {};

TEST_F(IamRoleRoundsTest, ARoleThatFailsDoesNotStopTheOthers) {
  StartReady();
  for (const char* role : {"r1", "r2", "r3"}) Learn(role);
  sender_.Answer(PathOf("r2"), {500, ""});

  Refresh();

  EXPECT_TRUE(sender_.WaitForCalls(PathOf("r2"), 4));
  EXPECT_TRUE(sender_.WaitForCalls(PathOf("r1"), 2));
  EXPECT_TRUE(sender_.WaitForCalls(PathOf("r3"), 2));
  EXPECT_EQ(Now(RoleToken("r2")), Verdict::kAllowed);
}

TEST_F(IamRoleRoundsTest, OnlyWhatFailedIsTriedAgainBeforeTheNextRound) {
  StartReady();
  for (const char* role : {"r1", "r2"}) Learn(role);
  sender_.Answer(PathOf("r2"), {500, ""});
  Refresh();
  ASSERT_TRUE(sender_.WaitForCalls(PathOf("r2"), 6));
  EXPECT_EQ(RoleCalls("r1"), 2);
  EXPECT_EQ(Now(RoleToken("r1")), Verdict::kAllowed);

  clock_.Advance(options_.fetch_interval);

  EXPECT_TRUE(sender_.WaitForCalls(PathOf("r1"), 3));
}

TEST_F(IamRoleRoundsTest, TellsOfAFailingRoleOnceWhateverTheOthersDo) {
  StartReady();
  for (const char* role : {"r1", "r2", "r3"}) Learn(role);
  sender_.Answer(PathOf("r2"), {500, ""});
  Refresh();
  ASSERT_TRUE(sender_.WaitForCalls(PathOf("r2"), 4));

  Learn("r4");
  ASSERT_TRUE(sender_.WaitForCalls(PathOf("r2"), RoleCalls("r2") + 2));
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: UNAVAILABLE"));

  Grant("r2");
  EXPECT_THAT(changes_.WaitFor(2), ElementsAre("role: UNAVAILABLE", "role: OK"));
}

TEST_F(IamRoleRoundsTest, ARoleThatFailsForATokenDoesNotMakeTheOthersFlap) {
  StartReady();
  sender_.Answer(PathOf("r2"), {500, ""});

  EXPECT_EQ(Get(Later(RoleToken("r2"))), Verdict::kIamUnavailable);
  Learn("r1");
  Learn("r3");
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: UNAVAILABLE"));

  // It was never known, so that no round fetches it, and the next one is good.
  Refresh();
  EXPECT_THAT(changes_.WaitFor(2), ElementsAre("role: UNAVAILABLE", "role: OK"));
  EXPECT_EQ(RoleCalls("r2"), 1);
}

TEST_F(IamRoleRoundsTest, ARefusedRoleGrantsNothingUntilTheNextRefresh) {
  StartReady();
  sender_.Answer(PathOf("r1"), {403, ""});
  sender_.Answer(PathOf("r2"), {403, ""});

  EXPECT_EQ(Get(Later(RoleToken("r1"))), Verdict::kNoPermission);
  EXPECT_EQ(Get(Later(RoleToken("r2"))), Verdict::kNoPermission);
  EXPECT_EQ(Now(RoleToken("r1")), Verdict::kNoPermission);
  EXPECT_EQ(RoleCalls("r1"), 1);

  Grant("r1");
  Refresh();
  EXPECT_EQ(Now(RoleToken("r1")), Verdict::kAllowed);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: PERMISSION_DENIED"));
}

TEST_F(IamRoleRoundsTest, ARefreshTakesBackARoleThatIsRefused) {
  StartReady();
  Learn("r1");
  sender_.Answer(PathOf("r1"), {403, ""});

  Refresh();

  EXPECT_EQ(Now(RoleToken("r1")), Verdict::kNoPermission);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: PERMISSION_DENIED"));
}

TEST_F(IamRoleRoundsTest, ARoleThatNoTokenAskedForIsForgotten) {
  StartReady();
  Learn("r1");
  Learn("r2");
  const std::string token = RoleToken("r1");

  for (int round = 0; round < 3; ++round) {
    Refresh();
    // Also when the verdict is a remembered one.
    EXPECT_EQ(Now(token), Verdict::kAllowed);
    EXPECT_TRUE(FromCache(token));
  }

  EXPECT_EQ(RoleCalls("r1"), 4);
  EXPECT_EQ(RoleCalls("r2"), 2);
  EXPECT_TRUE(NeedsFetch(RoleToken("r2")));
}

TEST_F(IamRoleRoundsTest, WhenAllRolesAreForgottenANewOneIsRefreshedAgain) {
  StartReady();
  Learn("r1");
  Refresh();
  Refresh();
  ASSERT_TRUE(NeedsFetch(RoleToken("r1")));

  Learn("r1");
  Refresh();

  EXPECT_EQ(RoleCalls("r1"), 4);
  EXPECT_THAT(changes_.WaitFor(0), IsEmpty());
}

TEST_F(IamRoleRoundsTest, WarnsOnceWhenNoMoreRolesAreKept) {
  options_.max_roles = 1;
  StartReady();
  Learn("r1");
  EXPECT_EQ(Get(Later(RoleToken("r2"))), Verdict::kNoPermission);
  EXPECT_EQ(Get(Later(RoleToken("r3"))), Verdict::kNoPermission);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: RESOURCE_EXHAUSTED"));

  // There is room again once r1 is forgotten.
  Refresh();
  Refresh();
  Learn("r2");

  EXPECT_THAT(changes_.WaitFor(2),
              ElementsAre("role: RESOURCE_EXHAUSTED", "role: RESOURCE_EXHAUSTED"));
}

TEST_F(IamRoleRoundsTest, NewRolesAndTheStudioKeepRememberedVerdicts) {
  StartReady();
  const std::string token = Token();
  ASSERT_EQ(Now(token), Verdict::kAllowed);

  Learn("r1");
  EXPECT_TRUE(FromCache(token));
  EXPECT_EQ(Get(Later(StudioToken())), Verdict::kAllowed);

  EXPECT_TRUE(FromCache(token));
}

TEST_F(IamRoleRoundsTest, AWrongSecretIsNotTriedForEachToken) {
  options_.fetch_interval = seconds(3600);
  options_.first_retry = seconds(1);
  options_.last_retry = seconds(3600);
  sender_.Answer(kLoginPath, {401, ""});
  StartReady();
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("login: UNAUTHENTICATED"));

  for (int second = 0; second < 20; ++second) {
    clock_.Advance(seconds(1));
    EXPECT_EQ(Get(Later(RoleToken())), Verdict::kIamUnavailable);
  }

  // At 0, 1, 3, 7 and 15 seconds.
  EXPECT_EQ(sender_.Calls(kLoginPath), 5);
}

TEST_F(IamRoleRoundsTest, ARoleThatFailsIsTriedWithAGrowingPause) {
  options_.fetch_interval = seconds(3600);
  options_.first_retry = seconds(1);
  options_.last_retry = seconds(3600);
  StartReady();
  sender_.Answer(PathOf("r1"), {500, ""});

  for (int second = 0; second < 20; ++second) {
    EXPECT_EQ(Get(Later(RoleToken())), Verdict::kIamUnavailable);
    clock_.Advance(seconds(1));
  }

  // At 0, 1, 3, 7 and 15 seconds.
  EXPECT_EQ(RoleCalls("r1"), 5);
}

TEST_F(IamRoleRoundsTest, MadeUpKeysDoNotKeepOutWhoWaitsForARole) {
  options_.max_waiting_for_keys = 2;
  StartReady();
  sender_.Hold(kKeysPath);
  std::future<Verdict> fetching = Later(OtherToken());
  ASSERT_TRUE(sender_.WaitForCalls(kKeysPath, 2));
  std::future<Verdict> queued = Later(OtherToken());

  // Answered although nobody answers the fetch.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);
  EXPECT_EQ(control_->state().waiting_calls, 2);
  std::future<Verdict> role = Later(RoleToken());
  sender_.Release(kKeysPath);

  EXPECT_EQ(Get(std::move(role)), Verdict::kAllowed);
  EXPECT_EQ(Get(std::move(fetching)), Verdict::kUnknownKey);
  EXPECT_EQ(Get(std::move(queued)), Verdict::kUnknownKey);
  // There is room again.
  TakeTurn();
  EXPECT_EQ(sender_.Calls(kKeysPath), 3);
}

}  // namespace
}  // namespace muster::auth
