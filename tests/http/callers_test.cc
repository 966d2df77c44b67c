#include "http/callers.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_authorizer.h"
#include "tests/support/status_matchers.h"

namespace muster::http {
namespace {

using absl::StatusCode;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

class CallersTest : public testing::Test {
 protected:
  absl::StatusOr<Caller> Check(Right right, std::optional<std::string_view> header,
                               std::string_view own_server = "") {
    const Callers callers(
        {.admin_token = admin_token_,
         .server_of_token = [](std::string_view token) -> std::optional<std::string> {
           if (token != "token-of-s1") return std::nullopt;
           return "s1";
         }},
        authorizer_);
    return callers.Check(right, header, own_server);
  }

  fakes::FakeAuthorizer authorizer_;
  std::string admin_token_ = "master key";
};

TEST_F(CallersTest, AskNobodyWhereAnyoneMay) {
  authorizer_.Fail(absl::UnavailableError("no keys yet"));

  const absl::StatusOr<Caller> caller = Check(Right::kAnyone, "alice");

  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->client_id, "");
}

TEST_F(CallersTest, TellAPlayer) {
  authorizer_.Set("alice", auth::Identity{.client_id = "alice", .name = "Alice L."});

  const absl::StatusOr<Caller> caller = Check(Right::kPlayer, "alice");

  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->client_id, "alice");
  EXPECT_EQ(caller->name, "Alice L.");
  EXPECT_FALSE(caller->is_admin);
  EXPECT_EQ(caller->server_id, "");
}

TEST_F(CallersTest, TellAnAdministratorByToken) {
  const absl::StatusOr<Caller> caller = Check(Right::kAdmin, "bearer  master key");

  ASSERT_THAT(caller, IsOk());
  EXPECT_TRUE(caller->is_admin);
  EXPECT_EQ(caller->client_id, "");
}

TEST_F(CallersTest, TakeTheAdministratorsTokenAsABearersOnly) {
  EXPECT_THAT(Check(Right::kAdmin, "master key"),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("right")));
}

TEST_F(CallersTest, KnowNoAdministratorByAnEmptyToken) {
  admin_token_ = "";

  for (const char* header : {"Bearer ", "Bearer", ""}) {
    EXPECT_FALSE(Check(Right::kAdmin, header).ok()) << header;
  }
}

TEST_F(CallersTest, TellAnAdministratorByIdentity) {
  authorizer_.Set("chief", auth::Identity{.client_id = "chief", .is_admin = true});

  const absl::StatusOr<Caller> caller = Check(Right::kPlayerOrAdmin, "chief");

  ASSERT_THAT(caller, IsOk());
  EXPECT_TRUE(caller->is_admin);
  EXPECT_EQ(caller->client_id, "chief");
}

TEST_F(CallersTest, TellAGameServerInItsOwnMattersOnly) {
  EXPECT_EQ(Check(Right::kServer, "Bearer token-of-s1", "s1").value().server_id, "s1");
  for (const char* other : {"s2", ""}) {
    EXPECT_THAT(Check(Right::kServer, "Bearer token-of-s1", other),
                StatusIs(StatusCode::kPermissionDenied, HasSubstr("right")));
  }
}

TEST_F(CallersTest, RefuseWhoShowsNobody) {
  for (const Right right : {Right::kPlayer, Right::kPlayerOrAdmin, Right::kAdmin, Right::kServer}) {
    EXPECT_THAT(Check(right, std::nullopt),
                StatusIs(StatusCode::kUnauthenticated, HasSubstr("nobody")));
  }
}

TEST_F(CallersTest, RefuseWhoIsSomebodyElse) {
  EXPECT_TRUE(absl::IsPermissionDenied(Check(Right::kAdmin, "alice").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Check(Right::kServer, "alice", "s1").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Check(Right::kPlayer, "Bearer master key").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Check(Right::kPlayer, "Bearer token-of-s1").status()));
}

TEST_F(CallersTest, RefusePlayersWhoseIdCannotBeUsed) {
  for (const char* id : {"..", "a\nb", "\xff"}) {
    EXPECT_THAT(Check(Right::kPlayer, id),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("client id")));
  }
}

TEST_F(CallersTest, GiveAPlayerWithoutAnIdToNobody) {
  authorizer_.Set("ghost", auth::Identity{.client_id = "", .is_admin = true});

  EXPECT_THAT(Check(Right::kPlayerOrAdmin, "ghost"),
              StatusIs(StatusCode::kInternal, HasSubstr("empty id")));
}

TEST_F(CallersTest, SayWhenCallersCannotBeToldApart) {
  authorizer_.Fail(absl::UnavailableError("no keys yet"));

  EXPECT_THAT(Check(Right::kPlayer, "alice"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("no keys yet")));
}

}  // namespace
}  // namespace muster::http
