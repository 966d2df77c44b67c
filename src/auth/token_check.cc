#include "auth/token_check.h"

#include "auth/json_web_token.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

// What one more check against a token's roles may cost; real tokens name a handful.
constexpr size_t kMaxRoles = 64;

enum class Grant { kNo, kYes, kIfGameOfStudio };

// Compares permissions with the one that is needed.
class GrantCheck {
 public:
  GrantCheck(const Claims& claims, const Policy& policy, const Directory& directory)
      : claims_(claims),
        policy_(policy),
        studio_(directory.Studio()),
        required_(base::StrCat("NAMESPACE:", policy.name_space, ":", policy.resource_name)) {}

  // Whether one of the permissions is what is needed, `{namespace}` in them being `name_space`.
  bool Allows(const std::vector<Permission>& permissions, std::string_view name_space) {
    for (const Permission& permission : permissions) {
      const Grant grant = Look(permission, name_space);
      if (grant == Grant::kYes) return true;
      if (grant == Grant::kIfGameOfStudio) needs_studio_ = true;
    }
    return false;
  }

  // Whether a permission seen so far depends on our studio, which is not known.
  bool needs_studio() const { return needs_studio_; }

 private:
  Grant Look(const Permission& permission, std::string_view name_space) const {
    if (!ActionCovers(permission.action, policy_.action)) return Grant::kNo;
    bool guessed = false;
    // An unknown studio is taken for the right one, to see whether it matters.
    const auto is_game_of_studio = [this, &guessed](std::string_view game,
                                                    std::string_view studio) {
      if (game != policy_.name_space) return false;
      if (studio_ != nullptr) return *studio_ == studio;
      guessed = true;
      return true;
    };
    const std::string granted = Substitute(permission.resource, name_space, claims_.subject);
    if (!ResourceCovers(granted, required_, is_game_of_studio)) return Grant::kNo;
    return guessed ? Grant::kIfGameOfStudio : Grant::kYes;
  }

  const Claims& claims_;
  const Policy& policy_;
  const std::string* const studio_;
  const std::string required_;
  bool needs_studio_ = false;
};

// Looks at the roles too, keeping in mind the first one that is not known.
AccessOutcome CheckRoles(const Claims& claims, const Directory& directory, GrantCheck& check) {
  const std::string* missing = nullptr;
  const auto allows = [&](const std::string& role_id, std::string_view name_space) {
    const std::vector<Permission>* permissions = directory.Role(role_id);
    if (permissions != nullptr) return check.Allows(*permissions, name_space);
    if (missing == nullptr) missing = &role_id;
    return false;
  };
  for (const NamespaceRole& role : claims.namespace_roles) {
    if (allows(role.role_id, role.name_space)) return Verdict::kAllowed;
  }
  for (const std::string& role_id : claims.roles) {
    if (allows(role_id, claims.name_space)) return Verdict::kAllowed;
  }
  if (check.needs_studio()) return MissingStudio{};
  if (missing != nullptr) return MissingRole{*missing};
  return Verdict::kNoPermission;
}

}  // namespace

Verdict CheckToken(std::string_view token, const KeySet& keys, const RevocationList& revocations,
                   std::chrono::sys_seconds now, std::chrono::seconds leeway, Claims* claims) {
  const std::variant<JsonWebToken, Verdict> result = ParseJsonWebToken(token, JwtAlgorithm::kRs256);
  if (const Verdict* refused = std::get_if<Verdict>(&result)) return *refused;
  const JsonWebToken& parsed = std::get<JsonWebToken>(result);
  std::optional<Claims> parsed_claims = ParseClaims(parsed.payload);
  if (!parsed_claims) return Verdict::kMalformed;
  if (!keys.Has(parsed.key_id)) return Verdict::kUnknownKey;
  if (!keys.Verify(parsed.key_id, parsed.signed_part, parsed.signature)) {
    return Verdict::kBadSignature;
  }
  const TokenTimes& times = parsed_claims->times;
  const Verdict holds = CheckTokenTimes(times, now, leeway);
  if (holds != Verdict::kAllowed) return holds;
  if (revocations.TokenRevoked(token)) return Verdict::kTokenRevoked;
  if (revocations.UserRevoked(parsed_claims->subject, times.issued_at)) {
    return Verdict::kUserRevoked;
  }
  *claims = *std::move(parsed_claims);
  return Verdict::kAllowed;
}

AccessOutcome CheckAccess(const Claims& claims, const Policy& policy, const Directory& directory) {
  if (!claims.extend_namespace.empty()) {
    return claims.extend_namespace == policy.name_space ? Verdict::kAllowed
                                                        : Verdict::kOtherNamespace;
  }
  GrantCheck check(claims, policy, directory);
  if (check.Allows(claims.permissions, claims.name_space)) return Verdict::kAllowed;
  if (claims.namespace_roles.size() + claims.roles.size() > kMaxRoles) {
    return Verdict::kNoPermission;
  }
  return CheckRoles(claims, directory, check);
}

}  // namespace muster::auth
