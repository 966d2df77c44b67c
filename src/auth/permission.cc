#include "auth/permission.h"

#include <algorithm>
#include <vector>

namespace muster::auth {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kNamespace = "NAMESPACE";
constexpr std::string_view kUser = "USER";

std::vector<std::string_view> Segments(std::string_view resource) {
  std::vector<std::string_view> segments;
  while (true) {
    const size_t colon = resource.find(':');
    segments.push_back(resource.substr(0, colon));
    if (colon == std::string_view::npos) return segments;
    resource.remove_prefix(colon + 1);
  }
}

// `granted` is `studio-`: a studio and its games. A game made today is named `studio-game`; of
// older names only IAM knows the studio.
bool StudioCovers(std::string_view granted, std::string_view name_space,
                  const IsGameOfStudio& is_game_of_studio) {
  const std::string_view studio = granted.substr(0, granted.size() - 1);
  if (name_space == studio) return true;
  if (name_space.starts_with(granted) && std::ranges::count(name_space, '-') == 1) return true;
  return is_game_of_studio != nullptr && is_game_of_studio(name_space, studio);
}

bool IsStudio(std::string_view granted) { return granted.size() > 1 && granted.back() == '-'; }

// Whether a grant that has fewer segments than what is required ends in a `*` for all the rest.
bool CoversAllBelow(const std::vector<std::string_view>& granted) {
  if (granted.back() != kAny) return false;
  if (granted.size() == 1) return true;
  const std::string_view before = granted[granted.size() - 2];
  return before != kNamespace && before != kUser;
}

// Replaces every `name` in `text`; what is put in is not looked at again.
std::string Replaced(std::string_view text, std::string_view name, std::string_view value) {
  std::string out;
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name)) {
    out.append(text.substr(0, at)).append(value);
    text.remove_prefix(at + name.size());
  }
  return out.append(text);
}

}  // namespace

bool ResourceCovers(std::string_view granted, std::string_view required,
                    const IsGameOfStudio& is_game_of_studio) {
  const std::vector<std::string_view> grants = Segments(granted);
  const std::vector<std::string_view> needs = Segments(required);
  const size_t common = std::min(grants.size(), needs.size());
  for (size_t i = 0; i < common; ++i) {
    if (grants[i] == needs[i] || grants[i] == kAny) continue;
    const bool names_studio = i > 0 && grants[i - 1] == kNamespace && IsStudio(grants[i]);
    if (!names_studio || !StudioCovers(grants[i], needs[i], is_game_of_studio)) return false;
  }
  if (grants.size() < needs.size()) return CoversAllBelow(grants);
  return std::all_of(grants.begin() + static_cast<std::ptrdiff_t>(common), grants.end(),
                     [](std::string_view segment) { return segment == kAny; });
}

std::string Substitute(std::string_view resource, std::string_view name_space,
                       std::string_view user_id) {
  return Replaced(Replaced(resource, "{namespace}", name_space), "{userId}", user_id);
}

}  // namespace muster::auth
