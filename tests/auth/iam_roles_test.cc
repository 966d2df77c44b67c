#include "tests/auth/iam_roles_fixture.h"

namespace muster::auth {
namespace {

using fakes::HeaderOf;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

class IamRolesTest : public IamRolesFixture {};

TEST_F(IamRolesTest, ARoleIsFetchedOnceAndKept) {
  StartReady();
  const std::string token = RoleToken();
  ASSERT_TRUE(NeedsFetch(token));
  EXPECT_EQ(sender_.Calls(kRolePath), 0);

  EXPECT_EQ(Get(Later(token)), Verdict::kAllowed);

  EXPECT_TRUE(FromCache(token));
  EXPECT_EQ(Now(RoleToken()), Verdict::kAllowed);
  EXPECT_EQ(sender_.Calls(kRolePath), 1);
}

TEST_F(IamRolesTest, ATokenMayNeedSeveralRoles) {
  StartReady();
  const std::string token = Token(R"({"extend_namespace":null,"roles":["r3","r2","r1"]})");

  EXPECT_EQ(Get(Later(token)), Verdict::kAllowed);

  EXPECT_EQ(sender_.Calls("/iam/v3/admin/roles/r2"), 1);
  EXPECT_EQ(sender_.Calls("/iam/v3/admin/roles/r3"), 1);
}

TEST_F(IamRolesTest, ARoleThatDoesNotExistGrantsNothing) {
  StartReady();
  sender_.Answer(kRolePath, {404, ""});

  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kNoPermission);

  EXPECT_EQ(Now(RoleToken()), Verdict::kNoPermission);
  EXPECT_EQ(sender_.Calls(kRolePath), 1);
}

TEST_F(IamRolesTest, ARoleThatCannotBeFetchedIsTriedOnceASecond) {
  StartReady();
  sender_.Answer(kRolePath, {503, ""});
  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kIamUnavailable);

  EXPECT_EQ(Now(RoleToken()), Verdict::kIamUnavailable);
  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kIamUnavailable);
  EXPECT_EQ(sender_.Calls(kRolePath), 1);

  Grant("r1");
  clock_.Advance(seconds(1));
  EXPECT_TRUE(NeedsFetch(RoleToken()));
  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kAllowed);
  EXPECT_THAT(changes_.WaitFor(2), ElementsAre("role: UNAVAILABLE", "role: OK"));
}

TEST_F(IamRolesTest, RolesAreRefreshed) {
  StartReady();
  const std::string token = RoleToken();
  ASSERT_EQ(Get(Later(token)), Verdict::kAllowed);

  sender_.Answer(kRolePath, {200, R"({"permissions":[]})"});
  Refresh();

  EXPECT_EQ(Now(token), Verdict::kNoPermission);
}

TEST_F(IamRolesTest, AllKnownRolesAreRefreshed) {
  StartReady();
  Learn("r1");
  Learn("r2");

  Refresh();

  EXPECT_EQ(RoleCalls("r1"), 2);
  EXPECT_EQ(RoleCalls("r2"), 2);
}

TEST_F(IamRolesTest, ARoleStaysWhileIamIsDown) {
  StartReady();
  ASSERT_EQ(Get(Later(RoleToken())), Verdict::kAllowed);
  sender_.Fail(kRolePath, absl::UnavailableError("down"));
  Refresh();

  EXPECT_EQ(Now(RoleToken()), Verdict::kAllowed);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("role: UNAVAILABLE"));
}

TEST_F(IamRolesTest, ALimitedNumberOfRolesIsKept) {
  options_.max_roles = 1;
  StartReady();
  ASSERT_EQ(Get(Later(RoleToken("r1"))), Verdict::kAllowed);

  EXPECT_EQ(Now(RoleToken("r2")), Verdict::kNoPermission);
  EXPECT_EQ(Get(Later(RoleToken("r2"))), Verdict::kNoPermission);
  EXPECT_EQ(Now(RoleToken("r1")), Verdict::kAllowed);
  EXPECT_EQ(sender_.Calls("/iam/v3/admin/roles/r2"), 0);
}

TEST_F(IamRolesTest, LogsInWithBasicAuthentication) {
  StartReady();
  ASSERT_TRUE(sender_.WaitForCalls(kLoginPath, 1));

  EXPECT_EQ(sender_.Last(kLoginPath).body, "grant_type=client_credentials");
  EXPECT_EQ(HeaderOf(sender_.Last(kLoginPath), "Authorization"), "Basic aWQ6c2VjcmV0");
}

TEST_F(IamRolesTest, RenewsTheLoginInTime) {
  sender_.Answer(kLoginPath, {200, R"({"access_token":"our.token","expires_in":1})"});
  const auto start = base::Clock::System().MonotonicNow();
  StartReady();

  ASSERT_TRUE(sender_.WaitForCalls(kLoginPath, 2));

  EXPECT_GE(base::Clock::System().MonotonicNow() - start, milliseconds(800));
}

TEST_F(IamRolesTest, IsReadyWithoutALogin) {
  sender_.Answer(kLoginPath, {401, ""});
  StartReady();
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("login: UNAUTHENTICATED"));

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kIamUnavailable);
  EXPECT_EQ(sender_.Calls(kRolePath), 0);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("login: UNAUTHENTICATED"));
}

TEST_F(IamRolesTest, FetchesRolesAsSoonAsTheLoginWorks) {
  sender_.Answer(kLoginPath, {401, ""});
  StartReady();
  changes_.WaitFor(1);
  sender_.Answer(kLoginPath, {200, R"({"access_token":"our.token","expires_in":3600})"});
  EXPECT_THAT(changes_.WaitFor(2), ElementsAre("login: UNAUTHENTICATED", "login: OK"));

  clock_.Advance(seconds(1));

  EXPECT_EQ(Get(Later(RoleToken())), Verdict::kAllowed);
}

TEST_F(IamRolesTest, WithoutAClientIdRolesGrantNothing) {
  options_.iam.client_id = "";
  StartReady();

  EXPECT_EQ(Now(Token()), Verdict::kAllowed);
  EXPECT_EQ(Now(RoleToken()), Verdict::kNoPermission);
  EXPECT_EQ(Now(StudioToken()), Verdict::kNoPermission);
  EXPECT_EQ(sender_.Calls(kLoginPath), 0);
}

TEST_F(IamRolesTest, TheStudioIsFetchedOnceAndKept) {
  StartReady();
  const std::string token = StudioToken();
  ASSERT_TRUE(NeedsFetch(token));

  EXPECT_EQ(Get(Later(token)), Verdict::kAllowed);

  EXPECT_EQ(Now(StudioToken()), Verdict::kAllowed);
  EXPECT_EQ(sender_.Calls(kStudioPath), 1);
}

TEST_F(IamRolesTest, AStudioThatCannotBeFetchedIsTriedOnceASecond) {
  StartReady();
  sender_.Answer(kStudioPath, {500, ""});
  EXPECT_EQ(Get(Later(StudioToken())), Verdict::kIamUnavailable);
  EXPECT_EQ(Now(StudioToken()), Verdict::kIamUnavailable);
  EXPECT_EQ(sender_.Calls(kStudioPath), 1);

  clock_.Advance(seconds(1));

  EXPECT_TRUE(NeedsFetch(StudioToken()));
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("studio: UNAVAILABLE"));
}

TEST_F(IamRolesTest, TheStudioIsRefreshed) {
  options_.fetch_interval = milliseconds(5);
  StartReady();
  const std::string token = StudioToken();
  ASSERT_EQ(Get(Later(token)), Verdict::kAllowed);

  sender_.Answer(kStudioPath, {200, R"({"type":"Game","studioNamespace":"other"})"});
  ASSERT_TRUE(sender_.WaitForCalls(kStudioPath, sender_.Calls(kStudioPath) + 2));

  EXPECT_EQ(Now(token), Verdict::kNoPermission);
}

TEST_F(IamRolesTest, AFailingLoginKeepsRolesAndIsTriedByItsOwnPauses) {
  sender_.Answer(kLoginPath, {200, R"({"access_token":"our.token","expires_in":1})"});
  StartReady();
  ASSERT_EQ(Get(Later(RoleToken())), Verdict::kAllowed);

  sender_.Fail(kLoginPath, absl::UnavailableError("down"));
  Refresh();
  ASSERT_TRUE(sender_.WaitForCalls(kLoginPath, sender_.Calls(kLoginPath) + 3));

  EXPECT_EQ(Now(RoleToken()), Verdict::kAllowed);
  EXPECT_THAT(changes_.WaitFor(1), ElementsAre("login: UNAVAILABLE"));
}

TEST_F(IamRolesTest, ACallThatWaitedTooLongIsAnsweredWithoutAFetch) {
  StartReady();
  sender_.Hold(kRolePath);
  std::future<Verdict> first = Later(RoleToken("r1"));
  ASSERT_TRUE(sender_.WaitForCalls(kRolePath, 1));
  std::future<Verdict> second = Later(RoleToken("r2"));

  clock_.Advance(seconds(11));
  sender_.Release(kRolePath);

  EXPECT_EQ(Get(std::move(first)), Verdict::kAllowed);
  EXPECT_EQ(Get(std::move(second)), Verdict::kIamUnavailable);
  EXPECT_EQ(sender_.Calls("/iam/v3/admin/roles/r2"), 0);
}

}  // namespace
}  // namespace muster::auth
