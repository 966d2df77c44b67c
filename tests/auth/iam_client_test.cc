#include "auth/iam_client.h"

#include "gmock/gmock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http_sender.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_keys.h"

namespace muster::auth {
namespace {

using fakes::HeaderOf;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kKeys[] = "/iam/v3/oauth/jwks";
constexpr char kRevocations[] = "/iam/v3/oauth/revocationlist";
constexpr char kNothingRevoked[] = R"({"revoked_tokens":null,"revoked_users":null})";
constexpr char kLogin[] = "/iam/v3/oauth/token";
constexpr char kRole[] = "/iam/v3/admin/roles/r1";
constexpr char kStudio[] = "/basic/v1/admin/namespaces/game/context";

class IamClientTest : public testing::Test {
 protected:
  IamClientTest() {
    sender_.Answer(kKeys, {200, support::Jwks({support::TestKey::Shared()})});
    sender_.Answer(kRevocations, {200, kNothingRevoked});
    sender_.Answer(kLogin, {200, R"({"access_token":"our.token","expires_in":100})"});
    sender_.Answer(kRole, {200, R"({"permissions":[{"resource":"A","action":2}]})"});
    sender_.Answer(kStudio, {200, R"({"type":"Game","studioNamespace":"owner"})"});
  }

  fakes::FakeHttpSender sender_;
  fakes::FakeClock clock_;
  std::stop_source stop_;
  IamClient client_{{.base_url = "https://iam.test",
                     .client_id = "id",
                     .client_secret = "se:cret",
                     .timeout = milliseconds(1234)},
                    sender_,
                    clock_};
};

TEST_F(IamClientTest, FetchesTheKeys) {
  const absl::StatusOr<std::shared_ptr<const KeySet>> keys = client_.FetchKeys(stop_.get_token());

  ASSERT_THAT(keys, IsOk());
  EXPECT_TRUE((*keys)->Has("key-1"));
  EXPECT_EQ(sender_.Last(kKeys).method, "GET");
  EXPECT_EQ(sender_.Last(kKeys).url, "https://iam.test/iam/v3/oauth/jwks");
  EXPECT_EQ(sender_.Last(kKeys).timeout, milliseconds(1234));
  EXPECT_THAT(sender_.Last(kKeys).headers, IsEmpty());
}

TEST_F(IamClientTest, FetchesTheRevocationsWithIdAndSecret) {
  EXPECT_THAT(client_.FetchRevocations(stop_.get_token()), IsOk());

  // base64 of "id:se:cret".
  EXPECT_EQ(HeaderOf(sender_.Last(kRevocations), "Authorization"), "Basic aWQ6c2U6Y3JldA==");
}

TEST_F(IamClientTest, LogsInWithClientCredentials) {
  EXPECT_THAT(client_.Login(stop_.get_token()), IsOk());

  const base::HttpRequest request = sender_.Last(kLogin);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, "grant_type=client_credentials");
  EXPECT_EQ(HeaderOf(request, "Authorization"), "Basic aWQ6c2U6Y3JldA==");
  EXPECT_EQ(HeaderOf(request, "Content-Type"), "application/x-www-form-urlencoded");
}

TEST_F(IamClientTest, RenewsTheLoginAtFourFifthsOfItsLife) {
  EXPECT_THAT(client_.Login(stop_.get_token()), IsOk());
  EXPECT_EQ(client_.renew_login_at(), clock_.MonotonicNow() + seconds(80));
  clock_.Advance(milliseconds(79'999));
  EXPECT_THAT(client_.Login(stop_.get_token()), IsOk());
  EXPECT_EQ(sender_.Calls(kLogin), 1);

  clock_.Advance(milliseconds(1));

  EXPECT_THAT(client_.Login(stop_.get_token()), IsOk());
  EXPECT_EQ(sender_.Calls(kLogin), 2);
}

TEST_F(IamClientTest, FetchesARoleWithItsLogin) {
  const auto role = client_.FetchRole("r1", stop_.get_token());

  ASSERT_THAT(role, IsOk());
  EXPECT_THAT(role->permissions, ElementsAre(Permission{"A", 2}));
  EXPECT_EQ(HeaderOf(sender_.Last(kRole), "Authorization"), "Bearer our.token");
}

TEST_F(IamClientTest, ARoleThatDoesNotExistHasNoPermissions) {
  sender_.Answer(kRole, {404, ""});

  const auto role = client_.FetchRole("r1", stop_.get_token());

  ASSERT_THAT(role, IsOk());
  EXPECT_THAT(role->permissions, IsEmpty());
}

TEST_F(IamClientTest, ARoleThatWeMayNotSeeHasNoPermissions) {
  sender_.Answer(kRole, {403, ""});

  const auto role = client_.FetchRole("r1", stop_.get_token());

  ASSERT_THAT(role, IsOk());
  EXPECT_THAT(role->permissions, IsEmpty());
  EXPECT_THAT(role->refusal,
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("roles/r1: status 403")));
}

TEST_F(IamClientTest, ALoginThatIsRefusedSaysNothingOfTheRole) {
  sender_.Answer(kLogin, {403, ""});

  EXPECT_THAT(client_.FetchRole("r1", stop_.get_token()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("oauth/token: status 403")));
}

TEST_F(IamClientTest, TheSameTextIsTheSameObject) {
  const auto keys = client_.FetchKeys(stop_.get_token()).value();
  const auto revocations = client_.FetchRevocations(stop_.get_token()).value();

  EXPECT_EQ(client_.FetchKeys(stop_.get_token()).value(), keys);
  EXPECT_EQ(client_.FetchRevocations(stop_.get_token()).value(), revocations);

  sender_.Answer(kKeys, {200, support::Jwks({support::TestKey::Other()})});
  EXPECT_TRUE(client_.FetchKeys(stop_.get_token()).value()->Has("key-2"));
}

TEST_F(IamClientTest, BoundsWhatItTakes) {
  EXPECT_THAT(client_.FetchKeys(stop_.get_token()), IsOk());
  EXPECT_THAT(client_.FetchRevocations(stop_.get_token()), IsOk());
  EXPECT_THAT(client_.FetchRole("r1", stop_.get_token()), IsOk());
  EXPECT_THAT(client_.FetchStudio("game", stop_.get_token()), IsOk());

  for (const char* path : {kKeys, kLogin, kRole, kStudio}) {
    EXPECT_EQ(sender_.Last(path).max_response_bytes, size_t{1} << 20) << path;
  }
  EXPECT_EQ(sender_.Last(kRevocations).max_response_bytes, size_t{16} << 20);
}

TEST_F(IamClientTest, ALoginThatIsNotFoundSaysNothingOfTheRole) {
  sender_.Answer(kLogin, {404, ""});

  EXPECT_THAT(client_.FetchRole("r1", stop_.get_token()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("POST /iam/v3/oauth/token")));
}

TEST_F(IamClientTest, EscapesWhatATokenPutsIntoAPath) {
  EXPECT_THAT(client_.FetchRole("../a?b=c d", stop_.get_token()), IsOk());

  EXPECT_EQ(sender_.Calls("/iam/v3/admin/roles/%2E%2E%2Fa%3Fb%3Dc%20d"), 1);
}

TEST_F(IamClientTest, FetchesTheStudioOfAGame) {
  EXPECT_EQ(client_.FetchStudio("game", stop_.get_token()).value(), "owner");

  sender_.Answer(kStudio, {200, R"({"type":"Studio","studioNamespace":"owner"})"});
  EXPECT_EQ(client_.FetchStudio("game", stop_.get_token()).value(), "");

  sender_.Answer(kStudio, {404, ""});
  EXPECT_EQ(client_.FetchStudio("game", stop_.get_token()).value(), "");
}

TEST_F(IamClientTest, LogsInAgainAfterItsTokenWasRefused) {
  sender_.Answer(kRole, {401, ""});
  EXPECT_THAT(client_.FetchRole("r1", stop_.get_token()),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("roles/r1: status 401")));

  EXPECT_THAT(client_.Login(stop_.get_token()), IsOk());

  EXPECT_EQ(sender_.Calls(kLogin), 2);
}

struct StatusCase {
  int status;
  absl::StatusCode code;
};

TEST_F(IamClientTest, SaysWhatACallersNextStepIs) {
  for (const StatusCase& c : {StatusCase{500, absl::StatusCode::kUnavailable},
                              StatusCase{503, absl::StatusCode::kUnavailable},
                              StatusCase{429, absl::StatusCode::kUnavailable},
                              StatusCase{401, absl::StatusCode::kUnauthenticated},
                              StatusCase{403, absl::StatusCode::kPermissionDenied},
                              StatusCase{404, absl::StatusCode::kNotFound},
                              StatusCase{400, absl::StatusCode::kInvalidArgument},
                              StatusCase{204, absl::StatusCode::kInvalidArgument},
                              StatusCase{302, absl::StatusCode::kInvalidArgument}}) {
    sender_.Answer(kKeys, {c.status, "secret"});
    const std::string text = "iam: GET /iam/v3/oauth/jwks: status " + std::to_string(c.status);
    EXPECT_THAT(client_.FetchKeys(stop_.get_token()), StatusIs(c.code, testing::StrEq(text)));
  }
}

TEST_F(IamClientTest, HandsOnWhatTheSenderSays) {
  sender_.Fail(kKeys, absl::UnavailableError("no connection"));
  EXPECT_THAT(client_.FetchKeys(stop_.get_token()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("jwks: no connection")));

  sender_.Fail(kKeys, absl::DeadlineExceededError("too slow"));
  EXPECT_THAT(client_.FetchKeys(stop_.get_token()),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("jwks: too slow")));

  sender_.Fail(kKeys, absl::ResourceExhaustedError("too long"));
  EXPECT_THAT(client_.FetchKeys(stop_.get_token()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("jwks: too long")));
}

TEST_F(IamClientTest, IsCancelledByItsStopToken) {
  stop_.request_stop();

  EXPECT_THAT(client_.FetchKeys(stop_.get_token()),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("jwks")));
}

TEST_F(IamClientTest, RefusesAnswersThatMakeNoSense) {
  const auto senseless = StatusIs(absl::StatusCode::kInvalidArgument,
                                  AllOf(HasSubstr("iam: "), Not(HasSubstr("secret"))));
  sender_.Answer(kKeys, {200, "<html>secret"});
  sender_.Answer(kRevocations, {200, "secret"});
  sender_.Answer(kRole, {200, R"({"permissions":"secret"})"});
  sender_.Answer(kStudio, {200, R"({"type":["secret"]})"});

  EXPECT_THAT(client_.FetchKeys(stop_.get_token()), senseless);
  EXPECT_THAT(client_.FetchRevocations(stop_.get_token()), senseless);
  EXPECT_THAT(client_.FetchRole("r1", stop_.get_token()), senseless);
  EXPECT_THAT(client_.FetchStudio("game", stop_.get_token()), senseless);
}

TEST_F(IamClientTest, RefusesLoginsThatMakeNoSense) {
  for (const char* answer :
       {"", "[]", "{}", R"({"access_token":"t"})", R"({"expires_in":10})",
        R"({"access_token":"","expires_in":10})", R"({"access_token":"t","expires_in":0})",
        R"({"access_token":"t","expires_in":"10"})",
        R"({"access_token":"t\r\nX: y","expires_in":1})",
        R"({"access_token":1,"expires_in":10})"}) {
    sender_.Answer(kLogin, {200, answer});
    EXPECT_THAT(client_.Login(stop_.get_token()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no access_token")))
        << answer;
  }
}

}  // namespace
}  // namespace muster::auth
