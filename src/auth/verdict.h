#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace muster::auth {

// What became of a call's token. Names are labels of a metric and words of the log.
enum class Verdict {
  kAllowed,
  // No `authorization`.
  kNoToken,
  // More than one `authorization`, not a bearer token, not a JWT, or claims that make no sense.
  kMalformed,
  // Not RS256.
  kWrongAlgorithm,
  // Signed with a key that IAM does not publish.
  kUnknownKey,
  kBadSignature,
  kExpired,
  // `nbf` or `iat` lies in the future.
  kNotYetValid,
  kTokenRevoked,
  kUserRevoked,
  // `extend_namespace` names another namespace than ours.
  kOtherNamespace,
  kNoPermission,
  // Keys or revocations were never loaded: nobody can be let in.
  kNotReady,
  // Something this token needs cannot be fetched now.
  kIamUnavailable,
  // Too many calls wait for a fetch.
  kTooManyWaiting,
};
inline constexpr size_t kVerdicts = static_cast<size_t>(Verdict::kTooManyWaiting) + 1;

// For example "bad_signature".
std::string_view VerdictName(Verdict verdict);
// Of all verdicts, in their order.
std::vector<std::string_view> VerdictNames();

// What the caller is told: OK, UNAUTHENTICATED, PERMISSION_DENIED or UNAVAILABLE, with a message
// that is the same for all verdicts of a code, so that it helps nobody to guess.
absl::Status ToStatus(Verdict verdict);

}  // namespace muster::auth
