#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::net {

// An IPv6 address, most significant byte first; an IPv4 address is mapped: ::ffff:a.b.c.d.
using IpAddress = std::array<uint8_t, 16>;

inline constexpr int kAddressBits = 128;
// Before the bits of a mapped IPv4 address.
inline constexpr int kMappedPrefixBits = 96;

// The address that `text` is, as RFC 4291 section 2.2 and dotted decimals have it: no brackets, no
// zone, no leading zeros in a decimal. Nothing when it is none.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// Whether it is an IPv4 address.
bool IsMapped(const IpAddress& address);

}  // namespace muster::net
