#include "auth/server_token.h"

#include "auth/base64url.h"
#include "auth/secret.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

constexpr std::string_view kPrefix = "ms1.";

}  // namespace

std::string MintServerToken(std::string_view key, std::string_view server_id) {
  // The words keep a mac that was made for something else from being taken for a server's.
  const std::string mac = HmacSha256(key, base::StrCat("muster server ", server_id));
  return base::StrCat(kPrefix, server_id, ".", EncodeBase64Url(mac));
}

std::optional<std::string> ServerOfToken(std::string_view key, std::string_view token) {
  if (key.empty() || !token.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = token.substr(kPrefix.size());
  // The id may hold points, the mac has none.
  const size_t point = rest.rfind('.');
  if (point == std::string_view::npos || point == 0) return std::nullopt;
  const std::string_view server_id = rest.substr(0, point);
  if (!ConstantTimeEquals(MintServerToken(key, server_id), token)) return std::nullopt;
  return std::string(server_id);
}

}  // namespace muster::auth
