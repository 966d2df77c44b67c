#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace muster::auth {

// Who calls, as far as the header `Authorization` shows it.
struct Identity {
  // The player; may be anything, even empty: whoever uses it must look.
  std::string client_id;
  // A name to show; empty when unknown.
  std::string name;
  bool is_admin = false;
};

// Says who calls. Thread-safe, and never waits for anybody.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // `header`: the value of `Authorization`; nothing when the request has none. UNAUTHENTICATED when
  // it shows nobody; UNAVAILABLE when that cannot be said now (no keys yet). Messages help nobody
  // to guess.
  virtual absl::StatusOr<Identity> Authorize(std::optional<std::string_view> header) = 0;

  // OK once callers can be told apart; else UNAVAILABLE saying why not.
  virtual absl::Status Ready() const = 0;
};

// For development only: whoever says so is it. Any value that is not empty is the client id, as it
// stands; nobody is an administrator.
class DevAuthorizer final : public Authorizer {
 public:
  absl::StatusOr<Identity> Authorize(std::optional<std::string_view> header) override;
  absl::Status Ready() const override { return absl::OkStatus(); }
};

}  // namespace muster::auth
