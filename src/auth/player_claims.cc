#include "auth/player_claims.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_split.h"
#include "auth/json.h"
#include "auth/token_times.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

using nlohmann::json;

bool ReadClientId(const json& claims, std::string* out) {
  const auto user_id = claims.find("user_id");
  const auto found = user_id != claims.end() ? user_id : claims.find("sub");
  if (found == claims.end()) return false;
  if (found->is_number_integer()) {
    *out = found->dump();
  } else if (found->is_string()) {
    *out = found->get_ref<const std::string&>();
  }
  return !out->empty();
}

bool ReadName(const json& claims, std::string* out) {
  // The one that is read last wins, unless it is missing.
  return ReadString(claims, "display_name", out) && ReadString(claims, "username", out);
}

bool IsAccessToken(const json& claims) {
  const auto type = claims.find("token_type");
  return type == claims.end() || *type == "access";
}

bool IsOrHolds(const json& claim, std::string_view value) {
  if (!claim.is_array()) return claim == value;
  return std::ranges::any_of(claim, [value](const json& item) { return item == value; });
}

bool HoldsWord(const json& claim, std::string_view word) {
  if (!claim.is_string()) return false;
  const auto words = absl::StrSplit(claim.get_ref<const std::string&>(), ' ');
  return std::any_of(words.begin(), words.end(),
                     [word](absl::string_view each) { return base::FromAbsl(each) == word; });
}

bool IsForUs(const json& claims, const PlayerPolicy& policy) {
  const json* issuer = FindMember(claims, "iss");
  const json* audience = FindMember(claims, "aud");
  return (policy.issuer.empty() || (issuer != nullptr && *issuer == policy.issuer)) &&
         (policy.audience.empty() ||
          (audience != nullptr && IsOrHolds(*audience, policy.audience)));
}

bool IsAdmin(const json& claims, const PlayerPolicy& policy) {
  if (policy.admin_claim.empty() || policy.admin_value.empty()) return false;
  const json* claim = FindMember(claims, policy.admin_claim);
  if (claim == nullptr) return false;
  if (claim->is_boolean()) return claim->dump() == policy.admin_value;
  // Of other claims words do not count: a player may have chosen them, a name for one.
  return IsOrHolds(*claim, policy.admin_value) ||
         (policy.admin_claim == "scope" && HoldsWord(*claim, policy.admin_value));
}

}  // namespace

std::variant<PlayerClaims, Verdict> ReadPlayerClaims(std::string_view payload,
                                                     const PlayerPolicy& policy,
                                                     std::chrono::sys_seconds now) {
  const std::optional<json> claims = ParseJsonObject(payload);
  TokenTimes times;
  if (!claims || !ReadTokenTimes(*claims, &times)) return Verdict::kMalformed;
  if (policy.require_exp && FindMember(*claims, "exp") == nullptr) return Verdict::kMalformed;
  const Verdict holds = CheckTokenTimes(times, now, policy.leeway);
  if (holds != Verdict::kAllowed) return holds;
  if (!IsAccessToken(*claims) || !IsForUs(*claims, policy)) return Verdict::kMalformed;
  PlayerClaims player{.refused_from = times.expires_at + policy.leeway};
  if (!ReadClientId(*claims, &player.identity.client_id) ||
      !ReadName(*claims, &player.identity.name)) {
    return Verdict::kMalformed;
  }
  player.identity.is_admin = IsAdmin(*claims, policy);
  return player;
}

}  // namespace muster::auth
