#include "auth/claims.h"

#include "auth/json.h"

namespace muster::auth {
namespace {

using nlohmann::json;

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
  return FindMember(json_claims, "exp") != nullptr && ReadTokenTimes(json_claims, &claims->times) &&
         ReadString(json_claims, "sub", &claims->subject) &&
         ReadString(json_claims, "namespace", &claims->name_space) &&
         ReadString(json_claims, "extend_namespace", &claims->extend_namespace) &&
         ReadPermissions(json_claims, "permissions", &claims->permissions) &&
         ReadNamespaceRoles(json_claims, &claims->namespace_roles) &&
         ReadStrings(json_claims, "roles", &claims->roles);
}

}  // namespace

std::optional<Claims> ParseClaims(std::string_view payload) {
  const std::optional<json> object = ParseJsonObject(payload);
  Claims claims;
  if (!object || !ReadClaims(*object, &claims)) return std::nullopt;
  return claims;
}

}  // namespace muster::auth
