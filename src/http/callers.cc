#include "http/callers.h"

#include <utility>

#include "auth/access_control.h"
#include "auth/secret.h"
#include "base/status_macros.h"
#include "lobby/request.h"

namespace muster::http {
namespace {

bool IsPlayerRight(Right right) {
  return right == Right::kPlayer || right == Right::kPlayerOrAdmin;
}

bool HasRight(Right right, const Caller& caller, std::string_view own_server) {
  switch (right) {
    case Right::kAnyone:
      return true;
    case Right::kPlayer:
      return !caller.client_id.empty();
    case Right::kPlayerOrAdmin:
      return caller.is_admin || !caller.client_id.empty();
    case Right::kAdmin:
      return caller.is_admin;
    case Right::kServer:
      return !own_server.empty() && caller.server_id == own_server;
  }
  return false;
}

}  // namespace

absl::StatusOr<Caller> Callers::Identify(std::optional<std::string_view> authorization) const {
  const std::optional<std::string_view> token =
      authorization ? auth::BearerToken(*authorization) : std::nullopt;
  if (token) {
    if (!options_.admin_token.empty() && auth::ConstantTimeEquals(*token, options_.admin_token)) {
      return Caller{.is_admin = true};
    }
    if (std::optional<std::string> server = options_.server_of_token(*token)) {
      return Caller{.server_id = *std::move(server)};
    }
  }
  MUSTER_ASSIGN_OR_RETURN(auth::Identity identity, authorizer_.Authorize(authorization));
  // A defect of the authorizer: nobody may share a record with others who have no id.
  if (identity.client_id.empty()) return absl::InternalError("the authorizer gave an empty id");
  return Caller{.client_id = std::move(identity.client_id),
                .name = std::move(identity.name),
                .is_admin = identity.is_admin};
}

absl::StatusOr<Caller> Callers::Check(Right right, std::optional<std::string_view> authorization,
                                      std::string_view own_server) const {
  if (right == Right::kAnyone) return Caller();
  MUSTER_ASSIGN_OR_RETURN(Caller caller, Identify(authorization));
  if (!HasRight(right, caller, own_server)) {
    return absl::PermissionDeniedError("this call needs another right");
  }
  if (IsPlayerRight(right) && !caller.client_id.empty()) {
    MUSTER_RETURN_IF_ERROR(lobby::CheckClientId(caller.client_id));
  }
  return caller;
}

}  // namespace muster::http
