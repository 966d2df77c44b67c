#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/revocation_list.h"
#include "tests/fuzz/fuzz_check.h"

// A revocation list of any bytes is refused with INVALID_ARGUMENT, or answers without a crash, the
// same each time.
namespace muster::auth {
namespace {

void CheckList(std::string_view text) {
  const absl::StatusOr<RevocationList> list = RevocationList::Parse(text);
  if (!list.ok()) {
    FUZZ_CHECK(list.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  for (const std::string_view token : {std::string_view("token"), text, std::string_view()}) {
    FUZZ_CHECK(list->TokenRevoked(token) == list->TokenRevoked(token));
    // Who is revoked for a late token is so for an early one.
    const std::chrono::sys_seconds late(std::chrono::seconds(2'000'000'000));
    FUZZ_CHECK(!list->UserRevoked(token, late) ||
               list->UserRevoked(token, std::chrono::sys_seconds()));
  }
  for (const uint64_t position : BloomPositions(text, 640, 7)) FUZZ_CHECK(position < 640);
}

}  // namespace
}  // namespace muster::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::auth::CheckList({reinterpret_cast<const char*>(data), size});
  return 0;
}
