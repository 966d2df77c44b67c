#include <ostream>
#include <variant>

#include "auth/token_check.h"
#include "gmock/gmock.h"
#include "tests/auth/token_fixture.h"
#include "tests/fakes/fake_directory.h"

namespace muster::auth {
namespace {

using fakes::FakeDirectory;

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kPermissionDenied = absl::StatusCode::kPermissionDenied;

// A directory whose studio owns our namespace, with some roles.
FakeDirectory KnownDirectory() {
  FakeDirectory directory;
  directory.studio = "owner";
  directory.roles["reader"] = {{"NAMESPACE:{namespace}:MMV2GRPCSERVICE", kActionRead}};
  directory.roles["nothing"] = {};
  return directory;
}

AccessOutcome Access(std::string_view patch, const Directory& directory) {
  Claims claims;
  const Verdict holds =
      CheckToken(TokenWith(patch), TestKeySet(), {}, kTestNow, kTestLeeway, &claims);
  if (holds != Verdict::kAllowed) return holds;
  return CheckAccess(claims, TestPolicy(), directory);
}

struct ClaimsCase {
  const char* name;
  // A merge patch of AGS' own claims.
  const char* patch;
  Verdict verdict;
  absl::StatusCode code;
};

std::ostream& operator<<(std::ostream& out, const ClaimsCase& c) { return out << c.name; }

class ClaimsTest : public testing::TestWithParam<ClaimsCase> {};

TEST_P(ClaimsTest, HaveTheirVerdictAndCode) {
  const AccessOutcome outcome = Access(GetParam().patch, KnownDirectory());

  ASSERT_TRUE(std::holds_alternative<Verdict>(outcome));
  EXPECT_EQ(VerdictName(std::get<Verdict>(outcome)), VerdictName(GetParam().verdict));
  EXPECT_EQ(ToStatus(std::get<Verdict>(outcome)).code(), GetParam().code);
}

constexpr ClaimsCase kTimes[] = {
    {"usual", "{}", Verdict::kAllowed, kOk},
    {"exp_missing", R"({"exp":null})", Verdict::kMalformed, kUnauthenticated},
    {"exp_past", R"({"exp":1799990000})", Verdict::kExpired, kUnauthenticated},
    {"exp_within_leeway", R"({"exp":1799999991})", Verdict::kAllowed, kOk},
    {"exp_at_the_end_of_leeway", R"({"exp":1799999990})", Verdict::kExpired, kUnauthenticated},
    {"exp_zero", R"({"exp":0})", Verdict::kExpired, kUnauthenticated},
    {"exp_string", R"({"exp":"1800003600"})", Verdict::kMalformed, kUnauthenticated},
    {"exp_bool", R"({"exp":true})", Verdict::kMalformed, kUnauthenticated},
    {"exp_huge", R"({"exp":18446744073709551615})", Verdict::kMalformed, kUnauthenticated},
    {"exp_huge_float", R"({"exp":1e300})", Verdict::kMalformed, kUnauthenticated},
    {"exp_float", R"({"exp":1800003600.75})", Verdict::kAllowed, kOk},
    {"exp_negative", R"({"exp":-1})", Verdict::kMalformed, kUnauthenticated},
    {"exp_in_milliseconds", R"({"exp":1800003600000})", Verdict::kMalformed, kUnauthenticated},
    {"nbf_past", R"({"nbf":1799999999})", Verdict::kAllowed, kOk},
    {"nbf_within_leeway", R"({"nbf":1800000010})", Verdict::kAllowed, kOk},
    {"nbf_future", R"({"nbf":1800000011})", Verdict::kNotYetValid, kUnauthenticated},
    {"nbf_string", R"({"nbf":"x"})", Verdict::kMalformed, kUnauthenticated},
    {"iat_missing", R"({"iat":null})", Verdict::kAllowed, kOk},
    {"iat_within_leeway", R"({"iat":1800000010})", Verdict::kAllowed, kOk},
    {"iat_future", R"({"iat":1800000011})", Verdict::kNotYetValid, kUnauthenticated},
    {"iat_object", R"({"iat":{"a":1}})", Verdict::kMalformed, kUnauthenticated},
};
INSTANTIATE_TEST_SUITE_P(Times, ClaimsTest, testing::ValuesIn(kTimes),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr ClaimsCase kTypes[] = {
    {"sub_number", R"({"sub":1})", Verdict::kMalformed, kUnauthenticated},
    {"sub_missing", R"({"sub":null})", Verdict::kAllowed, kOk},
    {"namespace_array", R"({"namespace":[]})", Verdict::kMalformed, kUnauthenticated},
    {"roles_string", R"({"roles":"r"})", Verdict::kMalformed, kUnauthenticated},
    {"roles_of_numbers", R"({"roles":[1]})", Verdict::kMalformed, kUnauthenticated},
    {"namespace_roles_object", R"({"namespace_roles":{"a":1}})", Verdict::kMalformed,
     kUnauthenticated},
    {"namespace_roles_of_strings", R"({"namespace_roles":["r"]})", Verdict::kMalformed,
     kUnauthenticated},
    {"namespace_role_number", R"({"namespace_roles":[{"roleId":1}]})", Verdict::kMalformed,
     kUnauthenticated},
    {"permissions_string", R"({"permissions":"p"})", Verdict::kMalformed, kUnauthenticated},
    {"permission_action_string", R"({"permissions":[{"Resource":"A","Action":"2"}]})",
     Verdict::kMalformed, kUnauthenticated},
    {"extend_namespace_number", R"({"extend_namespace":1})", Verdict::kMalformed, kUnauthenticated},
    {"extend_namespace_equal", R"({"extend_namespace":"studio-game"})", Verdict::kAllowed, kOk},
    {"extend_namespace_other", R"({"extend_namespace":"studio-other"})", Verdict::kOtherNamespace,
     kPermissionDenied},
    {"extend_namespace_other_case", R"({"extend_namespace":"Studio-Game"})",
     Verdict::kOtherNamespace, kPermissionDenied},
    {"extend_namespace_decides_alone",
     R"({"extend_namespace":"studio-other","permissions":[{"Resource":"*","Action":15}]})",
     Verdict::kOtherNamespace, kPermissionDenied},
    {"extend_namespace_empty", R"({"extend_namespace":""})", Verdict::kNoPermission,
     kPermissionDenied},
    {"extend_namespace_missing", R"({"extend_namespace":null})", Verdict::kNoPermission,
     kPermissionDenied},
};
INSTANTIATE_TEST_SUITE_P(Types, ClaimsTest, testing::ValuesIn(kTypes),
                         [](const auto& test) { return std::string(test.param.name); });

// A claims patch: no extend_namespace, but this permission.
#define PERMISSION(resource, action)                                          \
  R"({"extend_namespace":null,"permissions":[{"Resource":")" resource R"(",)" \
  R"("Action":)" #action "}]}"
#define CLAIMS(members) R"({"extend_namespace":null,)" members "}"

constexpr ClaimsCase kPermissions[] = {
    {"exact", PERMISSION("NAMESPACE:studio-game:MMV2GRPCSERVICE", 2), Verdict::kAllowed, kOk},
    {"more_actions", PERMISSION("NAMESPACE:studio-game:MMV2GRPCSERVICE", 15), Verdict::kAllowed,
     kOk},
    {"wildcard_namespace", PERMISSION("NAMESPACE:*:MMV2GRPCSERVICE", 2), Verdict::kAllowed, kOk},
    {"wildcard_all", PERMISSION("*", 2), Verdict::kAllowed, kOk},
    {"token_namespace", PERMISSION("NAMESPACE:{namespace}:MMV2GRPCSERVICE", 2), Verdict::kAllowed,
     kOk},
    {"without_read", PERMISSION("NAMESPACE:studio-game:MMV2GRPCSERVICE", 13),
     Verdict::kNoPermission, kPermissionDenied},
    {"no_action", PERMISSION("*", 0), Verdict::kNoPermission, kPermissionDenied},
    {"negative_action", PERMISSION("*", -1), Verdict::kMalformed, kUnauthenticated},
    {"other_namespace", PERMISSION("NAMESPACE:other:MMV2GRPCSERVICE", 2), Verdict::kNoPermission,
     kPermissionDenied},
    {"other_resource", PERMISSION("NAMESPACE:studio-game:OTHER", 2), Verdict::kNoPermission,
     kPermissionDenied},
    {"studio_by_name", PERMISSION("NAMESPACE:studio-:MMV2GRPCSERVICE", 2), Verdict::kAllowed, kOk},
    {"studio_by_context", PERMISSION("NAMESPACE:owner-:MMV2GRPCSERVICE", 2), Verdict::kAllowed,
     kOk},
    {"other_studio", PERMISSION("NAMESPACE:stranger-:MMV2GRPCSERVICE", 2), Verdict::kNoPermission,
     kPermissionDenied},
    {"role", CLAIMS(R"("roles":["nothing","reader"])"), Verdict::kAllowed, kOk},
    {"role_of_another_namespace", CLAIMS(R"("roles":["reader"],"namespace":"other")"),
     Verdict::kNoPermission, kPermissionDenied},
    {"role_without_permission", CLAIMS(R"("roles":["nothing"])"), Verdict::kNoPermission,
     kPermissionDenied},
    {"namespace_role",
     CLAIMS(R"("namespace":"x","namespace_roles":[{"roleId":"reader","namespace":"studio-game"}])"),
     Verdict::kAllowed, kOk},
    {"namespace_role_by_studio",
     CLAIMS(R"("namespace":"x","namespace_roles":[{"roleId":"reader","namespace":"studio-"}])"),
     Verdict::kAllowed, kOk},
    {"namespace_role_of_another",
     CLAIMS(R"("namespace_roles":[{"roleId":"reader","namespace":"other"}])"),
     Verdict::kNoPermission, kPermissionDenied},
};
INSTANTIATE_TEST_SUITE_P(Permissions, ClaimsTest, testing::ValuesIn(kPermissions),
                         [](const auto& test) { return std::string(test.param.name); });

std::string MissingRoleOf(const AccessOutcome& outcome) {
  const auto* role = std::get_if<MissingRole>(&outcome);
  return role == nullptr ? "none" : role->role_id;
}

TEST(CheckAccess, NamesARoleThatIsNotKnownOnlyWhenNothingElseAllows) {
  const FakeDirectory directory = KnownDirectory();

  EXPECT_EQ(MissingRoleOf(Access(CLAIMS(R"("roles":["nothing","r1","r2"])"), directory)), "r1");
  EXPECT_EQ(MissingRoleOf(
                Access(CLAIMS(R"("roles":["r1"],"namespace_roles":[{"roleId":"r2"}])"), directory)),
            "r2");
  EXPECT_EQ(MissingRoleOf(Access(CLAIMS(R"("roles":["r1","reader"])"), directory)), "none");
}

TEST(CheckAccess, AsksForTheStudioOnlyWhenItMatters) {
  FakeDirectory directory;

  const auto misses_studio = [&directory](std::string_view patch) {
    return std::holds_alternative<MissingStudio>(Access(patch, directory));
  };

  EXPECT_TRUE(misses_studio(PERMISSION("NAMESPACE:owner-:MMV2GRPCSERVICE", 2)));
  EXPECT_FALSE(misses_studio(PERMISSION("NAMESPACE:studio-:MMV2GRPCSERVICE", 2)));
  EXPECT_FALSE(misses_studio(PERMISSION("NAMESPACE:owner-:OTHER", 2)));
  EXPECT_FALSE(misses_studio(PERMISSION("NAMESPACE:owner-:MMV2GRPCSERVICE", 1)));
  EXPECT_FALSE(misses_studio(PERMISSION("NAMESPACE:other:MMV2GRPCSERVICE", 2)));
}

TEST(CheckAccess, AnotherGrantMakesTheStudioNeedless) {
  const FakeDirectory directory;

  const AccessOutcome outcome =
      Access(CLAIMS(R"("permissions":[{"Resource":"NAMESPACE:owner-:MMV2GRPCSERVICE","Action":2},
                                      {"Resource":"*","Action":2}])"),
             directory);

  ASSERT_TRUE(std::holds_alternative<Verdict>(outcome));
  EXPECT_EQ(std::get<Verdict>(outcome), Verdict::kAllowed);
}

TEST(CheckAccess, SubstitutesTheUser) {
  Claims claims;
  claims.subject = "MMV2GRPCSERVICE";
  claims.permissions = {{"NAMESPACE:studio-game:{userId}", kActionRead}};

  const AccessOutcome outcome = CheckAccess(claims, TestPolicy(), FakeDirectory());

  ASSERT_TRUE(std::holds_alternative<Verdict>(outcome));
  EXPECT_EQ(std::get<Verdict>(outcome), Verdict::kAllowed);
}

TEST(CheckAccess, LooksAtNoRoleOfATokenWithTooMany) {
  const FakeDirectory directory = KnownDirectory();
  Claims claims;
  claims.name_space = "studio-game";
  claims.roles.assign(63, "nothing");
  claims.roles.emplace_back("reader");
  const AccessOutcome most = CheckAccess(claims, TestPolicy(), directory);

  claims.namespace_roles.push_back({"nothing", "studio-game"});
  const AccessOutcome too_many = CheckAccess(claims, TestPolicy(), directory);

  ASSERT_TRUE(std::holds_alternative<Verdict>(most));
  EXPECT_EQ(std::get<Verdict>(most), Verdict::kAllowed);
  ASSERT_TRUE(std::holds_alternative<Verdict>(too_many));
  EXPECT_EQ(std::get<Verdict>(too_many), Verdict::kNoPermission);
}

}  // namespace
}  // namespace muster::auth
