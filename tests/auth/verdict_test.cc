#include "auth/verdict.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::auth {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::StrEq;

struct CodeCase {
  const char* name;
  Verdict verdict;
  absl::StatusCode code;
};

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kPermissionDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

constexpr CodeCase kCases[] = {
    {"allowed", Verdict::kAllowed, absl::StatusCode::kOk},
    {"no_token", Verdict::kNoToken, kUnauthenticated},
    {"malformed", Verdict::kMalformed, kUnauthenticated},
    {"wrong_algorithm", Verdict::kWrongAlgorithm, kUnauthenticated},
    {"unknown_key", Verdict::kUnknownKey, kUnauthenticated},
    {"bad_signature", Verdict::kBadSignature, kUnauthenticated},
    {"expired", Verdict::kExpired, kUnauthenticated},
    {"not_yet_valid", Verdict::kNotYetValid, kUnauthenticated},
    {"token_revoked", Verdict::kTokenRevoked, kUnauthenticated},
    {"user_revoked", Verdict::kUserRevoked, kUnauthenticated},
    {"other_namespace", Verdict::kOtherNamespace, kPermissionDenied},
    {"no_permission", Verdict::kNoPermission, kPermissionDenied},
    {"not_ready", Verdict::kNotReady, kUnavailable},
    {"iam_unavailable", Verdict::kIamUnavailable, kUnavailable},
    {"too_many_waiting", Verdict::kTooManyWaiting, kUnavailable},
};
static_assert(std::size(kCases) == kVerdicts);

std::string MessageOf(absl::StatusCode code) {
  if (code == kUnauthenticated) return "the call needs a valid access token";
  if (code == kPermissionDenied) return "the access token does not allow this call";
  return "access control is not ready, try again";
}

TEST(Verdict, HasANameOfItsOwn) {
  for (const CodeCase& c : kCases) EXPECT_EQ(VerdictName(c.verdict), c.name);
}

TEST(Verdict, TellsTheCallerNoMoreThanACode) {
  EXPECT_THAT(ToStatus(Verdict::kAllowed), IsOk());
  for (const CodeCase& c : kCases) {
    if (c.verdict == Verdict::kAllowed) continue;
    EXPECT_THAT(ToStatus(c.verdict), StatusIs(c.code, StrEq(MessageOf(c.code)))) << c.name;
  }
}

}  // namespace
}  // namespace muster::auth
