#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auth/verdict.h"

namespace muster::auth {

// Decides whether the bearer of a token may call. Thread-safe.
class AccessControl {
 public:
  using Done = std::function<void(Verdict)>;

  // What CheckNow found.
  struct Answer {
    Verdict verdict = Verdict::kNotReady;
    // The token was known from an earlier call, so that nothing had to be verified.
    bool from_cache = false;
  };

  virtual ~AccessControl() = default;

  // The verdict on a token, without waiting for anybody; nothing when something has to be fetched
  // from IAM first.
  virtual std::optional<Answer> CheckNow(std::string_view token) = 0;

  // Fetches what is missing and calls `done` with the verdict: once, within about 20 s, on the
  // thread that fetches or, when nothing can be fetched now, on this one. `done` must be short: all
  // that waits for the fetching thread waits for it too.
  virtual void CheckLater(std::string token, Done done) = 0;

  // Calls `ready` once keys and revocations have been loaded: at once when they have been.
  virtual void OnReady(std::function<void()> ready) = 0;
};

// How well IAM can be reached, for metrics. Ages count from the last good load, or from the start
// when there was none yet.
struct AccessState {
  bool ready = false;
  std::chrono::milliseconds keys_age{0};
  std::chrono::milliseconds revocations_age{0};
  int64_t cached_tokens = 0;
  int64_t waiting_calls = 0;
};

// Called on a thread of the access control when a kind of call to IAM began to fail, with its
// error, or came to work again, with OK. `what` is `keys`, `revocations`, `login`, `role` or
// `studio`; all roles together are one kind, which works again once none of them fails. Two more
// things are told once each time they come about, without an OK afterwards: that IAM refuses to
// show us a role (`role`, PERMISSION_DENIED), and that no more roles are kept (`role`,
// RESOURCE_EXHAUSTED).
using OnIamChange = std::function<void(std::string_view what, const absl::Status& status)>;

// The token in the value of an `authorization` header: what follows `Bearer `, the scheme in any
// case (RFC 6750, RFC 9110 section 11.1). Nothing when it is not of that form.
std::optional<std::string_view> BearerToken(std::string_view header);

}  // namespace muster::auth
