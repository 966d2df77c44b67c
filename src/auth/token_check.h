#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/claims.h"
#include "auth/key_set.h"
#include "auth/permission.h"
#include "auth/revocation_list.h"
#include "auth/verdict.h"

namespace muster::auth {

// What a caller must be allowed.
struct Policy {
  // Ours, AB_NAMESPACE.
  std::string name_space;
  // AB_RESOURCE_NAME; the permission needed is NAMESPACE:{name_space}:{resource_name}.
  std::string resource_name;
  int action = kActionRead;
  // How far clocks may be apart.
  std::chrono::seconds leeway{10};
};

// Something that the verdict depends on and that was not fetched yet.
struct MissingRole {
  std::string role_id;
};
struct MissingStudio {};
using AccessOutcome = std::variant<Verdict, MissingRole, MissingStudio>;

// What is known of roles and of our namespace's studio. The pointers are borrowed.
class Directory {
 public:
  virtual ~Directory() = default;
  // Null when the role was not fetched yet.
  virtual const std::vector<Permission>* Role(std::string_view role_id) const = 0;
  // Null when it was not fetched yet; empty when our namespace belongs to no studio.
  virtual const std::string* Studio() const = 0;
};

// Whether the token is one that IAM signed and that holds now: kAllowed, or why not. Pure.
Verdict CheckToken(std::string_view token, const KeySet& keys, const RevocationList& revocations,
                   std::chrono::sys_seconds now, std::chrono::seconds leeway, Claims* claims);

// Whether the bearer of a token that holds may call. `extend_namespace`, when the token carries it,
// decides alone; else a permission is needed, from the claims, then namespace roles, then roles.
// Pure.
AccessOutcome CheckAccess(const Claims& claims, const Policy& policy, const Directory& directory);

}  // namespace muster::auth
