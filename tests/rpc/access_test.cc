// Access control as it is shipped: a real gRPC server, the real access control and HTTP client, and
// an IAM stand-in that signs with real keys.

#include <optional>
#include <ostream>
#include <string>

#include "auth/iam_access_control.h"
#include "gmock/gmock.h"
#include "net/curl_sender.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/iam_stand_in/iam_stand_in.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IamStandIn;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using Endpoint = IamStandIn::Endpoint;

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class AccessTest : public ServerFixture {
 protected:
  AccessTest() {
    clock_ = &base::Clock::System();
    access_options_.iam = {iam_.url(), "muster", "secret", std::chrono::seconds(2)};
    access_options_.policy.name_space = "accelbyte";
    access_options_.policy.resource_name = "MMV2GRPCSERVICE";
    access_options_.fetch_interval = std::chrono::milliseconds(100);
    access_options_.refetch_pause = std::chrono::milliseconds(50);
    access_options_.first_retry = std::chrono::milliseconds(20);
    access_options_.last_retry = std::chrono::milliseconds(50);
  }

  ~AccessTest() override { Stop(); }

  void StartAccess() {
    const auto ignore = [](std::string_view, const absl::Status&) {};
    control_ = auth::IamAccessControl::Start(access_options_, sender_, *clock_, ignore);
    access_ = control_.get();
  }

  void StartReady() {
    StartAccess();
    Await("access control is ready", [this] { return control_->state().ready; });
  }

  std::string Token(std::string_view claims = "{}") { return iam_.SignToken(claims).value(); }

  absl::Status CallWith(const std::string& token) {
    headers_ = {{"authorization", "Bearer " + token}};
    return Call("GetStatCodes", "");
  }

  IamStandIn iam_;
  net::CurlSender sender_{"access-test"};
  auth::IamAccessControl::Options access_options_;
  std::unique_ptr<auth::IamAccessControl> control_;
};

struct TokenRow {
  std::string name;
  // Merged into the claims of a token as AGS sends it.
  std::string claims;
  absl::StatusCode code = kOk;
};
std::ostream& operator<<(std::ostream& out, const TokenRow& row) { return out << row.name; }

class TokenOnTheWire : public AccessTest, public testing::WithParamInterface<TokenRow> {};

TEST_P(TokenOnTheWire, GetsItsCode) {
  iam_.DefineRole("matchmaker", {{"NAMESPACE:{namespace}:MMV2GRPCSERVICE", 2}});
  iam_.DefineRole("writer", {{"NAMESPACE:{namespace}:MMV2GRPCSERVICE", 1}});
  iam_.DefineStudio("accelbyte", "bigstudio");
  StartReady();

  EXPECT_EQ(CallWith(Token(GetParam().claims)).code(), GetParam().code);
}

// A token without `extend_namespace` and with these members.
std::string Without(const std::string& members) {
  return R"({"extend_namespace":null,)" + members + "}";
}

std::string Granting(const std::string& resource, int action) {
  return Without(R"("permissions":[{"Resource":")" + resource + R"(","Action":)" +
                 std::to_string(action) + "}]");
}

INSTANTIATE_TEST_SUITE_P(
    Access, TokenOnTheWire,
    testing::Values(
        TokenRow{"as AGS sends it", "{}", kOk},
        TokenRow{"of another namespace", R"({"extend_namespace":"other"})", kDenied},
        TokenRow{"of another namespace, with the permission",
                 R"({"extend_namespace":"other","permissions":[{"Resource":"*","Action":15}]})",
                 kDenied},
        TokenRow{"without any right", R"({"extend_namespace":null})", kDenied},
        TokenRow{"expired", R"({"exp":1000000000})", kUnauthenticated},
        TokenRow{"without end", R"({"exp":null})", kUnauthenticated},
        TokenRow{"of the future", R"({"nbf":4000000000,"exp":4000000100})", kUnauthenticated},
        TokenRow{"issued in the future", R"({"iat":4000000000,"exp":4000000100})",
                 kUnauthenticated},
        TokenRow{"with an end of text", R"({"exp":"soon"})", kUnauthenticated},
        TokenRow{"permission", Granting("NAMESPACE:accelbyte:MMV2GRPCSERVICE", 2), kOk},
        TokenRow{"permission for all namespaces", Granting("NAMESPACE:*:MMV2GRPCSERVICE", 2), kOk},
        TokenRow{"permission for everything", Granting("*", 15), kOk},
        TokenRow{"permission of its own namespace",
                 Granting("NAMESPACE:{namespace}:MMV2GRPCSERVICE", 2), kOk},
        TokenRow{"permission of another namespace", Granting("NAMESPACE:other:MMV2GRPCSERVICE", 2),
                 kDenied},
        TokenRow{"permission of another resource", Granting("NAMESPACE:accelbyte:CHAT", 2),
                 kDenied},
        TokenRow{"permission to write", Granting("NAMESPACE:accelbyte:MMV2GRPCSERVICE", 13),
                 kDenied},
        TokenRow{"permission of the studio", Granting("NAMESPACE:bigstudio-:MMV2GRPCSERVICE", 2),
                 kOk},
        TokenRow{"permission of another studio",
                 Granting("NAMESPACE:otherstudio-:MMV2GRPCSERVICE", 2), kDenied},
        TokenRow{"role", Without(R"("namespace":"accelbyte","roles":["matchmaker"])"), kOk},
        TokenRow{"role that may write", Without(R"("roles":["writer"])"), kDenied},
        TokenRow{"role that is unknown", Without(R"("roles":["nobody"])"), kDenied},
        TokenRow{"role in the namespace",
                 Without(R"("namespace_roles":[{"roleId":"matchmaker","namespace":"accelbyte"}])"),
                 kOk},
        TokenRow{"role in another namespace",
                 Without(R"("namespace_roles":[{"roleId":"matchmaker","namespace":"other"}])"),
                 kDenied}),
    [](const auto& row) { return std::to_string(row.index); });

TEST_F(AccessTest, LetsNobodyInBeforeKeysAndRevocationsAreLoaded) {
  iam_.Break(Endpoint::kRevocations, {.status = 500});
  const std::string token = Token();
  StartAccess();
  Await("keys were fetched", [this] { return iam_.calls(Endpoint::kKeys) > 0; });

  EXPECT_THAT(CallWith(token), StatusIs(kUnavailable, HasSubstr("not ready")));
  iam_.Mend(Endpoint::kRevocations);
  Await("access control is ready", [this] { return control_->state().ready; });

  EXPECT_THAT(CallWith(token), IsOk());
}

TEST_F(AccessTest, ServesOnWhileIamIsGone) {
  StartReady();
  const std::string known = Token();
  ASSERT_THAT(CallWith(known), IsOk());

  iam_.Stop();
  Await("the keys grow old",
        [this] { return control_->state().keys_age > 3 * access_options_.fetch_interval; });

  EXPECT_THAT(CallWith(known), IsOk());
  EXPECT_THAT(CallWith(Token(R"({"sub":"fresh"})")), IsOk());
}

TEST_F(AccessTest, TakesTokensOfANewKeyAtOnce) {
  access_options_.fetch_interval = std::chrono::hours(1);
  StartReady();
  const std::string of_the_old_key = Token();
  ASSERT_THAT(CallWith(of_the_old_key), IsOk());

  iam_.RotateKeys();

  EXPECT_THAT(CallWith(Token()), IsOk());
  EXPECT_THAT(CallWith(of_the_old_key),
              StatusIs(kUnauthenticated, HasSubstr("valid access token")));
}

TEST_F(AccessTest, HoldsAStreamWhileItFetchesANewKey) {
  access_options_.fetch_interval = std::chrono::hours(1);
  StartReady();
  iam_.RotateKeys();
  headers_ = {{"authorization", "Bearer " + Token()}};

  const Matches matches = MakeMatches({TicketOf("a"), TicketOf("b")});

  EXPECT_THAT(matches.status, IsOk());
  EXPECT_EQ(matches.answers.size(), 1u);
}

TEST_F(AccessTest, RefusesARevokedTokenAndUser) {
  StartReady();
  const std::string token = Token();
  const std::string users = Token(R"({"sub":"mallory"})");
  const std::string other = Token(R"({"sub":"alice"})");
  ASSERT_THAT(CallWith(token), IsOk());

  iam_.RevokeToken(token);
  iam_.RevokeUser(
      "mallory", std::chrono::floor<std::chrono::seconds>(clock_->Now()) + std::chrono::seconds(5));

  Await("the token is refused", [&] { return CallWith(token).code() == kUnauthenticated; });
  Await("the user is refused", [&] { return CallWith(users).code() == kUnauthenticated; });
  EXPECT_THAT(CallWith(other), IsOk());
}

TEST_F(AccessTest, AsksTheCallerToComeBackWhenARoleCannotBeFetched) {
  iam_.Break(Endpoint::kRole, {.status = 503});
  StartReady();

  EXPECT_THAT(CallWith(Token(Without(R"("roles":["matchmaker"])"))),
              StatusIs(kUnavailable, HasSubstr("try again")));
}

}  // namespace
}  // namespace muster::rpc
