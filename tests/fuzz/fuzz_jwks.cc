#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/key_set.h"
#include "tests/fuzz/fuzz_check.h"

// A key set of any bytes is refused with INVALID_ARGUMENT, or holds keys that no made-up signature
// satisfies.
namespace muster::auth {
namespace {

void CheckKeys(std::string_view text) {
  const absl::StatusOr<KeySet> keys = KeySet::Parse(text);
  if (!keys.ok()) {
    FUZZ_CHECK(keys.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  FUZZ_CHECK(keys->size() >= 1);
  FUZZ_CHECK(keys->size() <= KeySet::kMaxKeys);
  for (const std::string_view id : {"key-1", "key-2", ""}) {
    FUZZ_CHECK(!keys->Verify(id, "text", std::string(256, '\1')));
  }
}

}  // namespace
}  // namespace muster::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::auth::CheckKeys({reinterpret_cast<const char*>(data), size});
  return 0;
}
