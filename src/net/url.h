#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "net/ip_address.h"

namespace muster::net {

// `text` as exactly one segment of a path: everything but the unreserved characters of RFC 3986
// (letters, digits, "-", ".", "_", "~") percent-encoded. "." and ".." stay, and mean something
// else: refuse them before.
std::string EncodePathSegment(std::string_view text);

// The bytes that percent-encoded text stands for; nothing when a '%' is not followed by two
// hexadecimal digits. '+' stays '+'.
std::optional<std::string> DecodePercent(std::string_view text);

// The parameters of a query, decoded ('+' is a space); nothing when one cannot be decoded.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

// The host of an authority "host", "host:port", "[v6]:port" or "[v6]", as a Host header has it;
// an IPv6 address keeps its brackets. Nothing when it is none: empty, a bare IPv6 address, a port
// that is no number up to 65535, or characters that no host has.
std::optional<std::string> HostOfAuthority(std::string_view authority);

// A set of networks such as 10.0.0.0/8, 192.168.1.7 and fd00::/8. Immutable, hence thread-safe.
class NetworkSet {
 public:
  // INVALID_ARGUMENT, naming the part that is no network.
  static absl::StatusOr<NetworkSet> Parse(const std::vector<std::string>& networks);
  // Whether the address, IPv4 or IPv6 without brackets, lies in one of them; an IPv4 address mapped
  // into IPv6 counts as IPv4, which no network of IPv6 holds. Text that is no address is in none.
  bool Contains(std::string_view address) const;

 private:
  struct Network {
    IpAddress address;
    int prefix_bits;
  };
  static std::optional<Network> ParseNetwork(std::string_view text);

  std::vector<Network> networks_;
};

}  // namespace muster::net
