#include "auth/token_times.h"

#include <cmath>
#include <string_view>

namespace muster::auth {
namespace {

using nlohmann::json;

// A NumericDate (RFC 7519 section 2).
bool ReadTime(const json& claims, std::string_view key, std::chrono::sys_seconds* out) {
  const json* member = FindMember(claims, key);
  if (member == nullptr) return true;
  if (!member->is_number()) return false;
  const double seconds = std::floor(member->get<double>());
  const auto last_second = static_cast<double>(TokenTimes().expires_at.time_since_epoch().count());
  if (!(seconds >= 0 && seconds <= last_second)) return false;
  *out = std::chrono::sys_seconds(std::chrono::seconds(static_cast<int64_t>(seconds)));
  return true;
}

}  // namespace

bool ReadTokenTimes(const json& claims, TokenTimes* out) {
  return ReadTime(claims, "exp", &out->expires_at) && ReadTime(claims, "nbf", &out->not_before) &&
         ReadTime(claims, "iat", &out->issued_at);
}

Verdict CheckTokenTimes(const TokenTimes& times, std::chrono::sys_seconds now,
                        std::chrono::seconds leeway) {
  if (now >= times.expires_at + leeway) return Verdict::kExpired;
  if (now + leeway < times.not_before || now + leeway < times.issued_at) {
    return Verdict::kNotYetValid;
  }
  return Verdict::kAllowed;
}

}  // namespace muster::auth
