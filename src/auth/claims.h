#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/permission.h"
#include "auth/token_times.h"

namespace muster::auth {

// A role that holds in one namespace only.
struct NamespaceRole {
  std::string role_id;
  std::string name_space;
};

// What a token of IAM says of its bearer, as far as it matters here.
struct Claims {
  std::string subject;
  std::string name_space;
  // The namespace for which AGS called; empty: the token does not carry it.
  std::string extend_namespace;
  std::vector<Permission> permissions;
  std::vector<NamespaceRole> namespace_roles;
  std::vector<std::string> roles;
  TokenTimes times;
};

// Reads a token's payload, which must have `exp`. Nothing when the claims make no sense.
std::optional<Claims> ParseClaims(std::string_view payload);

}  // namespace muster::auth
