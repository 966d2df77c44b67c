#include "tests/support/iam_stand_in/iam_stand_in.h"

#include <atomic>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "auth/iam_access_control.h"
#include "base/clock.h"
#include "gtest/gtest.h"
#include "net/curl_sender.h"
#include "tests/support/iam_stand_in/iam_control.h"

namespace muster::support {
namespace {

using auth::Verdict;
using Endpoint = IamStandIn::Endpoint;

// What a match function that starts now says of a token.
Verdict VerdictOn(const IamStandIn& iam, const std::string& token) {
  net::CurlSender sender("test");
  auth::IamAccessControl::Options options;
  options.iam = {.base_url = iam.url(), .client_id = "muster", .client_secret = "secret"};
  options.policy = {.name_space = "accelbyte", .resource_name = "MMV2GRPCSERVICE"};
  std::promise<void> failed_or_ready;
  std::atomic<bool> told = false;
  const auto tell = [&] {
    if (!told.exchange(true)) failed_or_ready.set_value();
  };
  const auto access =
      auth::IamAccessControl::Start(options, sender, base::Clock::System(),
                                    [tell](std::string_view what, const absl::Status& status) {
                                      if (!status.ok() && (what == "keys" || what == "revocations"))
                                        tell();
                                    });
  access->OnReady(tell);
  failed_or_ready.get_future().wait();
  if (const auto answer = access->CheckNow(token)) return answer->verdict;
  std::promise<Verdict> verdict;
  access->CheckLater(token, [&verdict](Verdict found) { verdict.set_value(found); });
  return verdict.get_future().get();
}

std::string NoExtend(const std::string& more) {
  return R"({"extend_namespace":null,)" + more + "}";
}

TEST(IamStandIn, SignsTokensThatAreAllowed) {
  IamStandIn iam;

  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kAllowed);
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken(R"({"exp":1000})")), Verdict::kExpired);
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken(NoExtend(R"("sub":"bob")"))), Verdict::kNoPermission);
  EXPECT_FALSE(iam.SignToken("[]"));
}

TEST(IamStandIn, PublishesTheNewKeyAlone) {
  IamStandIn iam;
  const std::string old_token = *iam.SignToken();

  iam.RotateKeys();

  EXPECT_EQ(VerdictOn(iam, old_token), Verdict::kUnknownKey);
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kAllowed);
}

TEST(IamStandIn, RevokesTokensAndUsers) {
  IamStandIn iam;
  const std::string revoked = *iam.SignToken(R"({"sub":"carol"})");
  const std::string of_revoked_user = *iam.SignToken(R"({"sub":"dave"})");

  iam.RevokeToken(revoked);
  iam.RevokeUser("dave", std::chrono::sys_seconds(std::chrono::seconds(4'000'000'000)));

  EXPECT_EQ(VerdictOn(iam, revoked), Verdict::kTokenRevoked);
  EXPECT_EQ(VerdictOn(iam, of_revoked_user), Verdict::kUserRevoked);
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken(R"({"sub":"erin"})")), Verdict::kAllowed);
}

TEST(IamStandIn, KnowsRolesAndStudios) {
  IamStandIn iam;
  iam.DefineRole("caller/1", {{"NAMESPACE:{namespace}:MMV2GRPCSERVICE", auth::kActionRead}});
  iam.DefineStudio("accelbyte", "studio");
  const std::string with_role = *iam.SignToken(NoExtend(R"("roles":["caller/1"])"));
  const std::string of_studio = *iam.SignToken(
      NoExtend(R"("permissions":[{"Resource":"NAMESPACE:studio-:MMV2GRPCSERVICE","Action":2}])"));

  EXPECT_EQ(VerdictOn(iam, with_role), Verdict::kAllowed);
  EXPECT_EQ(VerdictOn(iam, of_studio), Verdict::kAllowed);
}

struct FaultCase {
  std::string name;
  IamStandIn::Fault fault;

  friend std::ostream& operator<<(std::ostream& out, const FaultCase& c) { return out << c.name; }
};

TEST(IamStandIn, BreaksAndMendsAnEndpoint) {
  IamStandIn iam;
  const FaultCase cases[] = {{"status", {.status = 500}},
                             {"half", {.manner = HttpManner::kHalf}},
                             {"close", {.manner = HttpManner::kClose}},
                             {"body", {.body = "{"}}};

  for (const FaultCase& c : cases) {
    iam.Break(Endpoint::kKeys, c.fault);
    EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kNotReady) << c;
  }
  iam.Mend(Endpoint::kKeys);
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kAllowed);
  EXPECT_EQ(iam.calls(Endpoint::kKeys), 5);
}

TEST(IamStandIn, IsGoneAndBackOnTheSamePort) {
  IamStandIn iam;
  const std::string url = iam.url();

  iam.Stop();
  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kNotReady);
  iam.Start();

  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kAllowed);
  EXPECT_EQ(iam.url(), url);
}

TEST(IamStandIn, RefusesAnotherClient) {
  IamStandIn iam({.client_secret = "other"});

  EXPECT_EQ(VerdictOn(iam, *iam.SignToken()), Verdict::kNotReady);
}

TEST(IamControl, DoesWhatACallAsks) {
  IamStandIn iam;
  const auto post = [&iam](const std::string& path, const std::string& body = "") {
    return AnswerControl(iam, {.method = "POST", .path = path, .body = body});
  };

  const std::string token = post("/test/token", R"({"sub":"bob"})").body;
  EXPECT_EQ(VerdictOn(iam, token), Verdict::kAllowed);
  EXPECT_EQ(post("/test/break?endpoint=jwks&manner=status500").status, 204);
  EXPECT_EQ(VerdictOn(iam, token), Verdict::kNotReady);
  EXPECT_EQ(post("/test/break?endpoint=all&manner=whole").status, 204);
  EXPECT_EQ(post("/test/calls?endpoint=jwks").body, "2");
  EXPECT_EQ(post("/test/revoke", token).status, 204);
  EXPECT_EQ(VerdictOn(iam, token), Verdict::kTokenRevoked);
  EXPECT_EQ(post("/test/rotate").status, 204);
  EXPECT_EQ(VerdictOn(iam, token), Verdict::kUnknownKey);
}

TEST(IamControl, RefusesWhatItDoesNotKnow) {
  IamStandIn iam;
  const auto status = [&iam](const std::string& path, const std::string& body = "") {
    return AnswerControl(iam, {.method = "POST", .path = path, .body = body}).status;
  };

  EXPECT_EQ(status("/test/token", "[]"), 400);
  EXPECT_EQ(status("/test/break?endpoint=jwks&manner=slowly"), 400);
  EXPECT_EQ(status("/test/break?endpoint=nothing&manner=half"), 400);
  EXPECT_EQ(status("/test/role?id=r&resource=R&action=x"), 400);
  EXPECT_EQ(status("/test/nothing"), 404);
}

}  // namespace
}  // namespace muster::support
