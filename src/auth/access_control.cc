#include "auth/access_control.h"

#include "absl/strings/match.h"
#include "base/strings.h"

namespace muster::auth {

std::optional<std::string_view> BearerToken(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(base::ToAbsl(header), base::ToAbsl(kScheme))) return std::nullopt;
  const size_t start = header.find_first_not_of(' ', kScheme.size());
  if (start == std::string_view::npos) return std::nullopt;
  return header.substr(start);
}

}  // namespace muster::auth
