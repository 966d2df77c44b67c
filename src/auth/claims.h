#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "auth/permission.h"

namespace muster::auth {

// A role that holds in one namespace only.
struct NamespaceRole {
  std::string role_id;
  std::string name_space;
};

// What a token says of its bearer, as far as it matters here.
struct Claims {
  std::string subject;
  std::string name_space;
  // The namespace for which AGS called; empty: the token does not carry it.
  std::string extend_namespace;
  std::vector<Permission> permissions;
  std::vector<NamespaceRole> namespace_roles;
  std::vector<std::string> roles;
  std::chrono::sys_seconds expires_at;
  // The epoch when the token does not say.
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds issued_at;
};

}  // namespace muster::auth
