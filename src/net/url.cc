#include "net/url.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/strings.h"

namespace muster::net {
namespace {

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsUnreserved(char c) {
  return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// A name or an IPv4 address.
bool IsHostName(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

// A number of digits alone, at most `max`.
std::optional<int> ParseDecimal(std::string_view text, int max) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc() && parsed == end && text.front() != '-';
  if (!whole || number > max) return std::nullopt;
  return number;
}

bool IsPort(std::string_view text) { return ParseDecimal(text, 65'535).has_value(); }

// Whether it is in brackets what they promise.
bool IsBracketedIpv6(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  const std::string_view address = host.substr(1, host.size() - 2);
  return address.find(':') != std::string_view::npos && ParseIpAddress(address).has_value();
}

std::optional<std::string> DecodeQueryPart(std::string_view part) {
  std::string text(part);
  std::replace(text.begin(), text.end(), '+', ' ');
  return DecodePercent(text);
}

std::optional<int> HexDigit(char c) {
  if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// Whether the first `bits` are the same.
bool SamePrefix(const IpAddress& a, const IpAddress& b, int bits) {
  const int whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::string EncodePathSegment(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append({'%', kHex[byte >> 4], kHex[byte & 0xf]});
  }
  return encoded;
}

std::optional<std::string> DecodePercent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded.push_back(text[at]);
      continue;
    }
    if (text.size() - at < 3) return std::nullopt;
    const std::optional<int> high = HexDigit(text[at + 1]);
    const std::optional<int> low = HexDigit(text[at + 2]);
    if (!high || !low) return std::nullopt;
    decoded.push_back(static_cast<char>(*high << 4 | *low));
    at += 2;
  }
  return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    const std::string_view key = part.substr(0, part.find('='));
    const std::string_view value = part.substr(std::min(key.size() + 1, part.size()));
    std::optional<std::string> decoded_key = DecodeQueryPart(key);
    std::optional<std::string> decoded_value = DecodeQueryPart(value);
    if (!decoded_key || !decoded_value) return std::nullopt;
    parameters.emplace_back(*std::move(decoded_key), *std::move(decoded_value));
  }
  return parameters;
}

std::optional<std::string> HostOfAuthority(std::string_view authority) {
  std::string_view host = authority;
  // The colons of an IPv6 address are all before its bracket.
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    if (!IsPort(authority.substr(colon + 1))) return std::nullopt;
    host = authority.substr(0, colon);
  }
  if (!IsHostName(host) && !IsBracketedIpv6(host)) return std::nullopt;
  return std::string(host);
}

absl::StatusOr<NetworkSet> NetworkSet::Parse(const std::vector<std::string>& networks) {
  NetworkSet set;
  set.networks_.reserve(networks.size());
  for (const std::string& text : networks) {
    const std::optional<Network> network = ParseNetwork(text);
    if (!network) {
      return absl::InvalidArgumentError(
          base::StrCat("\"", text, "\" is no network such as 10.0.0.0/8 or fd00::/8"));
    }
    set.networks_.push_back(*network);
  }
  return set;
}

std::optional<NetworkSet::Network> NetworkSet::ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address = ParseIpAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Network{*address, kAddressBits};
  const bool ipv4 = text.find(':') == std::string_view::npos;
  const int skipped_bits = ipv4 ? kMappedPrefixBits : 0;
  const std::optional<int> bits = ParseDecimal(text.substr(slash + 1), kAddressBits - skipped_bits);
  if (!bits) return std::nullopt;
  return Network{*address, skipped_bits + *bits};
}

bool NetworkSet::Contains(std::string_view address) const {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return false;
  // A network of IPv6 alone holds no IPv4 address, though it may hold the range they are mapped to.
  const int least_bits = IsMapped(*parsed) ? kMappedPrefixBits : 0;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.prefix_bits >= least_bits &&
           SamePrefix(network.address, *parsed, network.prefix_bits);
  });
}

}  // namespace muster::net
