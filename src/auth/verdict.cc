#include "auth/verdict.h"

#include <array>

#include "base/strings.h"

namespace muster::auth {
namespace {

struct Meaning {
  std::string_view name;
  absl::StatusCode code;
};

// In the order of Verdict.
constexpr std::array<Meaning, kVerdicts> kMeanings = {{
    {"allowed", absl::StatusCode::kOk},
    {"no_token", absl::StatusCode::kUnauthenticated},
    {"malformed", absl::StatusCode::kUnauthenticated},
    {"wrong_algorithm", absl::StatusCode::kUnauthenticated},
    {"unknown_key", absl::StatusCode::kUnauthenticated},
    {"bad_signature", absl::StatusCode::kUnauthenticated},
    {"expired", absl::StatusCode::kUnauthenticated},
    {"not_yet_valid", absl::StatusCode::kUnauthenticated},
    {"token_revoked", absl::StatusCode::kUnauthenticated},
    {"user_revoked", absl::StatusCode::kUnauthenticated},
    {"other_namespace", absl::StatusCode::kPermissionDenied},
    {"no_permission", absl::StatusCode::kPermissionDenied},
    {"not_ready", absl::StatusCode::kUnavailable},
    {"iam_unavailable", absl::StatusCode::kUnavailable},
    {"too_many_waiting", absl::StatusCode::kUnavailable},
}};

std::string_view MessageOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return "";
    case absl::StatusCode::kUnauthenticated:
      return "the call needs a valid access token";
    case absl::StatusCode::kPermissionDenied:
      return "the access token does not allow this call";
    default:
      return "access control is not ready, try again";
  }
}

const Meaning& MeaningOf(Verdict verdict) { return kMeanings[static_cast<size_t>(verdict)]; }

}  // namespace

std::string_view VerdictName(Verdict verdict) { return MeaningOf(verdict).name; }

std::vector<std::string_view> VerdictNames() {
  std::vector<std::string_view> names;
  names.reserve(kVerdicts);
  for (size_t i = 0; i < kVerdicts; ++i) names.push_back(VerdictName(static_cast<Verdict>(i)));
  return names;
}

absl::Status ToStatus(Verdict verdict) {
  const absl::StatusCode code = MeaningOf(verdict).code;
  return {code, base::ToAbsl(MessageOf(code))};
}

}  // namespace muster::auth
