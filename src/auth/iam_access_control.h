#pragma once

#include <chrono>
#include <memory>

#include "auth/access_control.h"
#include "auth/iam_client.h"
#include "auth/token_check.h"
#include "base/clock.h"
#include "base/http.h"

namespace muster::auth {

// Access control by AccelByte IAM. Keys, revocations and the roles in use are fetched at the start
// and then every `fetch_interval`; while that fails the last good ones serve on, and it is tried
// again with a growing pause, which holds for what a token needs, too. A token signed with an
// unknown key causes one fetch of the keys, at most every `refetch_pause`. A role that IAM does not
// let us see grants nothing until it is fetched again; one that no token asked for in a whole
// `fetch_interval` is forgotten. Verdicts are kept until the token expires or something known
// changed, and no longer than `fetch_interval` when roles are in use. One thread does all fetching.
class IamAccessControl : public AccessControl {
 public:
  struct Options {
    IamClient::Options iam;
    Policy policy;
    std::chrono::milliseconds fetch_interval{3'600'000};
    std::chrono::milliseconds refetch_pause{10'000};
    // Between attempts while IAM fails: the first pause, doubled up to the last one.
    std::chrono::milliseconds first_retry{500};
    std::chrono::milliseconds last_retry{30'000};
    size_t max_cached_tokens = 10'000;
    // Calls that may wait for a fetch; more are refused with kTooManyWaiting.
    size_t max_waiting_calls = 1000;
    // Of those, the ones that may wait for a key; more are refused with kUnknownKey. Few, as
    // anybody can make up the name of a key, and must not keep out who waits for a role.
    size_t max_waiting_for_keys = 64;
    // Roles that are kept; tokens that need others are refused with kNoPermission.
    size_t max_roles = 10'000;
  };

  // Starts fetching at once. `sender` and `clock` outlive the object.
  static std::unique_ptr<IamAccessControl> Start(Options options, base::HttpSender& sender,
                                                 const base::Clock& clock, OnIamChange on_change);

  virtual AccessState state() = 0;

  // Ends the fetching, and returns when all waiting calls are answered. From then on, and for those
  // calls, what is known serves on; who needs more gets kIamUnavailable. The destructor does it
  // too. May be called twice, also at the same time. Not from a callback of this object: it waits
  // for their thread.
  virtual void Stop() = 0;
};

}  // namespace muster::auth
