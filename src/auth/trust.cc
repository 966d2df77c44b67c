#include "auth/trust.h"

namespace muster::auth {

Trust::Finding Trust::CheckAndRemember(std::string_view token, const Policy& policy,
                                       std::chrono::sys_seconds now) {
  Claims claims;
  const Verdict holds =
      CheckToken(token, *parts_.keys, *parts_.revocations, now, policy.leeway, &claims);
  if (holds == Verdict::kUnknownKey) return MissingKey{};
  if (holds != Verdict::kAllowed) return holds;
  const AccessOutcome outcome = CheckAccess(claims, policy, *this);
  if (const auto* role = std::get_if<MissingRole>(&outcome)) return Missing(*role);
  if (std::holds_alternative<MissingStudio>(outcome)) return Missing(MissingStudio{});
  const Verdict verdict = std::get<Verdict>(outcome);
  cache_->Insert(token, verdict, claims.times.expires_at + policy.leeway);
  return verdict;
}

const std::vector<Permission>* Trust::Role(std::string_view role_id) const {
  const auto found = parts_.roles.find(role_id);
  if (found == parts_.roles.end()) return nullptr;
  const KnownRole& role = *found->second;
  // Read first: many threads come by, and a write takes the line from all of them.
  if (!role.asked_for.load(std::memory_order_relaxed)) role.asked_for = true;
  return &role.permissions;
}

const std::string* Trust::Studio() const { return parts_.studio ? &*parts_.studio : nullptr; }

}  // namespace muster::auth
