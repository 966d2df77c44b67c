#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt_authorizer.h"
#include "auth/server_token.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/support/test_keys.h"

// Any bytes as the header `Authorization`, or as a part of a token, never crash and never let in
// who does not have the secret. Signed with it, a payload shows only what it says. No bytes are a
// game server's token but those that were made for it.
namespace muster::auth {
namespace {

constexpr std::string_view kSecret = "a secret of at least thirty-two bytes";
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

const fakes::FakeClock& Clock() {
  static const fakes::FakeClock clock;
  return clock;
}

absl::StatusOr<Identity> Authorize(std::string_view header) {
  JwtAuthorizer authorizer({.secrets = {std::string(kSecret)}, .max_cached_tokens = 2}, nullptr,
                           Clock());
  absl::StatusOr<Identity> first = authorizer.Authorize(header);
  const absl::StatusOr<Identity> again = authorizer.Authorize(header);
  FUZZ_CHECK(first.status() == again.status());
  if (first.ok()) {
    FUZZ_CHECK(!first->client_id.empty());
    FUZZ_CHECK(first->client_id == again->client_id && first->is_admin == again->is_admin);
  } else {
    FUZZ_CHECK(absl::IsUnauthenticated(first.status()));
  }
  return first;
}

void CheckRefused(std::string_view header) { FUZZ_CHECK(!Authorize(header).ok()); }

// A payload that somebody with the secret signed.
void CheckSigned(std::string_view payload) {
  const absl::StatusOr<Identity> identity =
      Authorize("Bearer " + support::SignHs256(kHeader, payload, kSecret));
  if (!identity.ok()) return;
  const auto holds = [payload](std::string_view text) {
    return payload.find(text) != std::string_view::npos;
  };
  // Escapes may spell any letter otherwise.
  if (holds("\\")) return;
  FUZZ_CHECK(holds("\"exp\"") && (holds("\"user_id\"") || holds("\"sub\"")));
  FUZZ_CHECK(holds(identity->client_id) || identity->client_id == "0");
  FUZZ_CHECK(holds(identity->name));
  FUZZ_CHECK(!identity->is_admin || (holds("\"roles\"") && holds("\"muster-admin\"")));
}

void CheckServerToken(std::string_view bytes) {
  const std::optional<std::string> server = ServerOfToken(kSecret, bytes);
  FUZZ_CHECK(!server || MintServerToken(kSecret, *server) == bytes);
  const std::string token = MintServerToken(kSecret, bytes);
  FUZZ_CHECK(ServerOfToken(kSecret, token).value_or("") == bytes);
}

void CheckBytes(std::string_view bytes) {
  CheckRefused(bytes);
  CheckRefused("Bearer " + std::string(bytes));
  CheckRefused("Bearer " + support::JoinToken(kHeader, bytes, std::string(32, 's')));
  CheckRefused("Bearer " + support::JoinToken(bytes, R"({"user_id":1,"exp":1900000000})", ""));
  CheckSigned(bytes);
  CheckServerToken(bytes);
}

}  // namespace
}  // namespace muster::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::auth::CheckBytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
