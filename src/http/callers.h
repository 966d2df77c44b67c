#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/authorizer.h"
#include "http/call.h"

namespace muster::http {

// Tells who calls and whether they may. Thread-safe.
class Callers {
 public:
  struct Options {
    // Whoever bears it is an administrator; empty: nobody is by a token alone.
    std::string admin_token;
    // The id in a game server's token; nothing when it is none of ours.
    std::function<std::optional<std::string>(std::string_view token)> server_of_token;
  };

  // `authorizer` outlives the object.
  Callers(Options options, auth::Authorizer& authorizer)
      : options_(std::move(options)), authorizer_(authorizer) {}

  // The caller, when it has the right. `own_server`: the server that a call of right kServer is
  // about. UNAUTHENTICATED when nobody is shown, PERMISSION_DENIED when it is somebody else,
  // INVALID_ARGUMENT for a player whose id cannot be used, INTERNAL when the authorizer gave a
  // player no id, UNAVAILABLE when callers cannot be told apart now.
  absl::StatusOr<Caller> Check(Right right, std::optional<std::string_view> authorization,
                               std::string_view own_server) const;

 private:
  absl::StatusOr<Caller> Identify(std::optional<std::string_view> authorization) const;

  const Options options_;
  auth::Authorizer& authorizer_;
};

}  // namespace muster::http
