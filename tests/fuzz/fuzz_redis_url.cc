#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "net/redis_url.h"
#include "tests/fuzz/fuzz_check.h"

// Any bytes are an address that can be written and read again, or are refused without a word of
// theirs.
namespace muster::net {
namespace {

std::string EncodePercent(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte / 16];
    encoded += kDigits[byte % 16];
  }
  return encoded;
}

std::string Write(const RedisAddress& address) {
  return base::StrCat("redis://", EncodePercent(address.user), ":", EncodePercent(address.password),
                      "@", base::JoinHostPort(address.host, address.port), "/", address.database);
}

void CheckUrl(std::string_view text) {
  const absl::StatusOr<RedisAddress> address = ParseRedisUrl(text);
  if (!address.ok()) {
    FUZZ_CHECK(address.status().code() == absl::StatusCode::kInvalidArgument);
    FUZZ_CHECK(address.status().message().size() < 100);
    return;
  }
  FUZZ_CHECK(!address->host.empty());
  FUZZ_CHECK(address->port >= 1 && address->port <= 65535);
  FUZZ_CHECK(address->database >= 0);
  const absl::StatusOr<RedisAddress> again = ParseRedisUrl(Write(*address));
  FUZZ_CHECK(again.ok() && *again == *address);
}

}  // namespace
}  // namespace muster::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  muster::net::CheckUrl({reinterpret_cast<const char*>(data), size});
  return 0;
}
