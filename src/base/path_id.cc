#include "base/path_id.h"

#include <algorithm>

#include "base/strings.h"

namespace muster::base {
namespace {

// The length of the UTF-8 character (RFC 3629, section 4) that `text` begins with; 0: it is none.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    // No overlong forms, no surrogates.
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

absl::Status CheckPathId(std::string_view what, std::string_view id) {
  const auto refuse = [what](std::string_view why) {
    return absl::InvalidArgumentError(StrCat(what, ": ", why));
  };
  if (id.empty()) return refuse("it is empty");
  if (id.size() > kMaxPathIdBytes) return refuse(StrCat("longer than ", kMaxPathIdBytes, " bytes"));
  // In a path these two mean other places.
  if (id == "." || id == "..") return refuse("a path's dots are no id");
  if (std::any_of(id.begin(), id.end(), IsControl)) return refuse("it holds a control character");
  if (!IsUtf8(id)) return refuse("it is not UTF-8");
  return absl::OkStatus();
}

}  // namespace muster::base
