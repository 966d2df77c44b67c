#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/url.h"
#include "tests/fuzz/fuzz_check.h"

// Any bytes are a query, a host or a network, or nothing; and a segment of a path after encoding.
namespace muster::net {
namespace {

void CheckSegment(std::string_view text) {
  const std::string segment = EncodePathSegment(text);
  FUZZ_CHECK(segment.find_first_of("/?#+&= ") == std::string::npos);
  FUZZ_CHECK(DecodePercent(segment) == text);
  const auto decoded = DecodePercent(text);
  FUZZ_CHECK(!decoded || decoded->size() <= text.size());
}

void CheckQuery(std::string_view text) {
  const auto parameters = ParseQuery(text);
  if (!parameters) return;
  std::string again;
  for (const auto& [name, value] : *parameters) {
    again += "&" + EncodePathSegment(name) + "=" + EncodePathSegment(value);
  }
  FUZZ_CHECK(ParseQuery(again) == parameters);
}

void CheckAuthority(std::string_view text) {
  const auto host = HostOfAuthority(text);
  if (!host) return;
  FUZZ_CHECK(text.starts_with(*host));
  FUZZ_CHECK(HostOfAuthority(*host) == host);
  FUZZ_CHECK(HostOfAuthority(*host + ":45677") == host);
}

void CheckNetwork(std::string_view text) {
  const auto set = NetworkSet::Parse({std::string(text)});
  const std::string_view address = text.substr(0, text.find('/'));
  // A network holds the address it was written with, but for IPv4 in what is of IPv6.
  if (set.ok() && !IsMapped(*ParseIpAddress(address))) FUZZ_CHECK(set->Contains(address));
  FUZZ_CHECK(!ParseIpAddress(text) || set.ok());
}

}  // namespace
}  // namespace muster::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  muster::net::CheckSegment(text);
  muster::net::CheckQuery(text);
  muster::net::CheckAuthority(text);
  muster::net::CheckNetwork(text);
  return 0;
}
