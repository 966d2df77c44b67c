#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/json_web_token.h"
#include "auth/token_check.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/support/test_keys.h"

// Any bytes as a token, or as the payload of one whose form is right, never crash and never let in.
// Signed by a known key, a payload lets in only when its times, the revocations and what it may do
// say so.
namespace muster::auth {
namespace {

const KeySet& Keys() {
  static const KeySet keys = KeySet::Parse(support::Jwks({support::TestKey::Shared()})).value();
  return keys;
}

// One role grants the permission, another one nothing; the others are not known.
class SmallDirectory final : public Directory {
 public:
  const std::vector<Permission>* Role(std::string_view role_id) const override {
    if (role_id == "r1") return &granting_;
    return role_id == "r2" ? &empty_ : nullptr;
  }
  const std::string* Studio() const override { return &studio_; }

 private:
  const std::vector<Permission> granting_ = {{"NAMESPACE:{namespace}:RESOURCE", kActionRead}};
  const std::vector<Permission> empty_ = {};
  const std::string studio_ = "studio";
};

// Every other token, and the tokens that alice got at the beginning.
const RevocationList& Revocations() {
  static const RevocationList list =
      RevocationList::Parse(R"({"revoked_tokens":{"bits":[12297829382473034410],"k":1},
          "revoked_users":[{"id":"alice","revoked_at":"1970-01-01T00:00:02Z"}]})")
          .value();
  return list;
}

void CheckRefused(std::string_view token) {
  Claims claims;
  const Verdict verdict = CheckToken(token, Keys(), RevocationList(), std::chrono::sys_seconds(),
                                     std::chrono::seconds(10), &claims);
  FUZZ_CHECK(verdict == Verdict::kMalformed || verdict == Verdict::kWrongAlgorithm ||
             verdict == Verdict::kUnknownKey || verdict == Verdict::kBadSignature);
  FUZZ_CHECK(ToStatus(verdict).code() == absl::StatusCode::kUnauthenticated);
}

// What the payload says is worked through as if the signature were right.
void CheckClaims(std::string_view token) {
  const std::variant<JsonWebToken, Verdict> parsed = ParseJsonWebToken(token, JwtAlgorithm::kRs256);
  if (std::holds_alternative<Verdict>(parsed)) return;
  const std::optional<Claims> read = ParseClaims(std::get<JsonWebToken>(parsed).payload);
  if (!read) return;
  const Claims& claims = *read;
  FUZZ_CHECK(claims.times.expires_at.time_since_epoch().count() >= 0);
  FUZZ_CHECK(claims.times.issued_at.time_since_epoch().count() >= 0);
  for (const Permission& permission : claims.permissions) FUZZ_CHECK(permission.action >= 0);
  const Policy policy{.name_space = "game", .resource_name = "RESOURCE"};
  const AccessOutcome outcome = CheckAccess(claims, policy, SmallDirectory{});
  const bool allowed =
      std::holds_alternative<Verdict>(outcome) && std::get<Verdict>(outcome) == Verdict::kAllowed;
  FUZZ_CHECK(!std::holds_alternative<MissingStudio>(outcome));
  if (!claims.extend_namespace.empty()) {
    FUZZ_CHECK(allowed == (claims.extend_namespace == policy.name_space));
  } else if (claims.permissions.empty() && claims.roles.empty() && claims.namespace_roles.empty()) {
    FUZZ_CHECK(!allowed);
  }
}

// A payload that IAM would have signed.
void CheckSigned(std::string_view payload) {
  constexpr std::chrono::seconds kLeeway{2};
  const std::string token = support::TestKey::Shared().Token(payload);
  for (const int64_t time : {0, 3, 1'000}) {
    const std::chrono::sys_seconds now{std::chrono::seconds(time)};
    Claims claims;
    const Verdict verdict = CheckToken(token, Keys(), Revocations(), now, kLeeway, &claims);
    FUZZ_CHECK(verdict != Verdict::kBadSignature && verdict != Verdict::kUnknownKey);
    if (verdict != Verdict::kAllowed) {
      FUZZ_CHECK(ToStatus(verdict).code() == absl::StatusCode::kUnauthenticated);
      continue;
    }
    const TokenTimes& times = claims.times;
    FUZZ_CHECK(now < times.expires_at + kLeeway);
    FUZZ_CHECK(now + kLeeway >= times.not_before && now + kLeeway >= times.issued_at);
    FUZZ_CHECK(!Revocations().TokenRevoked(token));
    FUZZ_CHECK(!Revocations().UserRevoked(claims.subject, times.issued_at));
  }
}

void CheckBytes(std::string_view bytes) {
  CheckRefused(bytes);
  CheckClaims(bytes);
  const std::string token =
      support::JoinToken(support::TestKey::Shared().header(), bytes, std::string(256, 's'));
  CheckRefused(token);
  CheckClaims(token);
  CheckRefused(support::JoinToken(bytes, R"({"exp":1})", ""));
  CheckSigned(bytes);
}

}  // namespace
}  // namespace muster::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::auth::CheckBytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
