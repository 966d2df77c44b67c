#include "http/addresses.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/strings.h"

namespace muster::http {
namespace {

// What the nearest proxy wrote stands last, in the last header of that name; what is before it may
// be anybody's word. Empty when there is none.
std::string_view LastForwardedHost(const net::server::Request& request) {
  const auto header = std::find_if(request.headers.rbegin(), request.headers.rend(),
                                   [](const base::HttpHeader& each) {
                                     return absl::EqualsIgnoreCase(each.name, "X-Forwarded-Host");
                                   });
  if (header == request.headers.rend()) return "";
  std::string_view last = header->value;
  last.remove_prefix(last.rfind(',') + 1);
  return base::FromAbsl(absl::StripAsciiWhitespace(base::ToAbsl(last)));
}

}  // namespace

std::string Addresses::CallersHost(const net::server::Request& request) const {
  std::optional<std::string> host;
  if (options_.trusted_proxies.Contains(request.peer)) {
    host = net::HostOfAuthority(LastForwardedHost(request));
  }
  const std::optional<std::string_view> own = request.Header("Host");
  if (!host && own) host = net::HostOfAuthority(*own);
  return host ? *host : "localhost";
}

std::string Addresses::Of(const lobby::Place& place, std::string_view callers_host) const {
  const auto configured = options_.node_hostnames.find(place.node);
  if (configured != options_.node_hostnames.end()) {
    return base::JoinHostPort(configured->second, place.port);
  }
  if (!options_.external_hostname.empty()) {
    return base::JoinHostPort(options_.external_hostname, place.port);
  }
  if (!place.node_address.empty()) return base::JoinHostPort(place.node_address, place.port);
  return base::JoinHostPort(callers_host, place.port);
}

}  // namespace muster::http
