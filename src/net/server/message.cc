#include "net/server/message.h"

#include "absl/strings/match.h"
#include "base/strings.h"

namespace muster::net::server {

std::optional<std::string_view> Request::Header(std::string_view name) const {
  for (const base::HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, base::ToAbsl(name))) return header.value;
  }
  return std::nullopt;
}

}  // namespace muster::net::server
