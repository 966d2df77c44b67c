#include "auth/json_web_token.h"

#include <cmath>
#include <optional>

#include "auth/base64url.h"
#include "auth/json.h"

namespace muster::auth {
namespace {

using nlohmann::json;

// The end of the year 9999; a later time is an error of whoever wrote it.
constexpr double kLastSecond = 253'402'300'799;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<Parts> Split(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  // A third point would be in the signature, where base64url has none.
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1)};
}

std::optional<json> DecodeObject(std::string_view part) {
  const std::optional<std::string> text = DecodeBase64Url(part);
  return text ? ParseJsonObject(*text) : std::nullopt;
}

// kAllowed when the header is one that we take.
Verdict ReadHeader(const json& header, std::string* key_id) {
  const json* algorithm = FindMember(header, "alg");
  if (algorithm == nullptr || *algorithm != "RS256") return Verdict::kWrongAlgorithm;
  // RFC 7515 section 4.1.11: who does not understand all of `crit` must refuse. We understand none.
  if (header.contains("crit")) return Verdict::kMalformed;
  const json* id = FindMember(header, "kid");
  if (id == nullptr || !id->is_string()) return Verdict::kMalformed;
  *key_id = id->get_ref<const std::string&>();
  return Verdict::kAllowed;
}

// A NumericDate (RFC 7519 section 2), whose fraction is dropped.
bool ReadTime(const json& claims, std::string_view key, std::chrono::sys_seconds* out) {
  const json* member = FindMember(claims, key);
  if (member == nullptr) return true;
  if (!member->is_number()) return false;
  const double seconds = std::floor(member->get<double>());
  if (!(seconds >= 0 && seconds <= kLastSecond)) return false;
  *out = std::chrono::sys_seconds(std::chrono::seconds(static_cast<int64_t>(seconds)));
  return true;
}

bool ReadTimes(const json& json_claims, Claims* claims) {
  return FindMember(json_claims, "exp") != nullptr &&
         ReadTime(json_claims, "exp", &claims->expires_at) &&
         ReadTime(json_claims, "nbf", &claims->not_before) &&
         ReadTime(json_claims, "iat", &claims->issued_at);
}

bool ReadNamespaceRoles(const json& json_claims, std::vector<NamespaceRole>* out) {
  const json* member = FindMember(json_claims, "namespace_roles");
  if (member == nullptr) return true;
  if (!member->is_array()) return false;
  for (const json& item : *member) {
    NamespaceRole& role = out->emplace_back();
    if (!item.is_object() || !ReadString(item, "roleId", &role.role_id) ||
        !ReadString(item, "namespace", &role.name_space)) {
      return false;
    }
  }
  return true;
}

bool ReadClaims(const json& json_claims, Claims* claims) {
  return ReadTimes(json_claims, claims) && ReadString(json_claims, "sub", &claims->subject) &&
         ReadString(json_claims, "namespace", &claims->name_space) &&
         ReadString(json_claims, "extend_namespace", &claims->extend_namespace) &&
         ReadPermissions(json_claims, "permissions", &claims->permissions) &&
         ReadNamespaceRoles(json_claims, &claims->namespace_roles) &&
         ReadStrings(json_claims, "roles", &claims->roles);
}

}  // namespace

std::variant<JsonWebToken, Verdict> ParseJsonWebToken(std::string_view token) {
  const std::optional<Parts> parts = Split(token);
  if (!parts) return Verdict::kMalformed;
  const std::optional<json> header = DecodeObject(parts->header);
  if (!header) return Verdict::kMalformed;
  JsonWebToken parsed;
  const Verdict verdict = ReadHeader(*header, &parsed.key_id);
  if (verdict != Verdict::kAllowed) return verdict;
  const std::optional<json> payload = DecodeObject(parts->payload);
  if (!payload || !ReadClaims(*payload, &parsed.claims)) return Verdict::kMalformed;
  std::optional<std::string> signature = DecodeBase64Url(parts->signature);
  if (!signature) return Verdict::kMalformed;
  parsed.signature = *std::move(signature);
  parsed.signed_part =
      token.substr(0, static_cast<size_t>(parts->signature.data() - token.data()) - 1);
  return parsed;
}

}  // namespace muster::auth
