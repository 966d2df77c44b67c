#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// The packaged Abseil has a string_view of its own that does not take std::string_view. These
// bridge the two, so that the rest of the code knows std::string_view only.
namespace muster::base {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

namespace strings_internal {
inline absl::string_view Adapt(std::string_view text) { return ToAbsl(text); }
inline const std::string& Adapt(const std::string& text) { return text; }
inline const char* Adapt(const char* text) { return text; }
template <typename T>
const T& Adapt(const T& value) {
  return value;
}
}  // namespace strings_internal

// absl::StrCat that takes std::string_view too.
template <typename... Args>
std::string StrCat(const Args&... args) {
  return absl::StrCat(strings_internal::Adapt(args)...);
}

// "host:port", with brackets around an IPv6 address.
inline std::string JoinHostPort(std::string_view host, int port) {
  const bool bare_ipv6 = host.find(':') != std::string_view::npos && host.front() != '[';
  return bare_ipv6 ? StrCat("[", host, "]:", port) : StrCat(host, ":", port);
}

// Hash and equality for absl containers whose keys are std::string or std::string_view; look-ups
// take either without a copy.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const {
    return absl::Hash<absl::string_view>()(ToAbsl(text));
  }
};
using StringEq = std::equal_to<>;

}  // namespace muster::base
