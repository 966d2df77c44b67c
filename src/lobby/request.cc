#include "lobby/request.h"

#include <algorithm>

#include "base/strings.h"

namespace muster::lobby {
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

std::string_view RequestStateName(RequestState state) {
  switch (state) {
    case RequestState::kCreated:
      return "created";
    case RequestState::kInProgress:
      return "in_progress";
    case RequestState::kDone:
      return "done";
    case RequestState::kFailed:
      return "failed";
    case RequestState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

absl::Status CheckClientId(std::string_view client_id) {
  if (client_id.empty()) return absl::InvalidArgumentError("client id: it is empty");
  if (client_id.size() > kMaxClientIdBytes) {
    return absl::InvalidArgumentError(
        base::StrCat("client id: longer than ", kMaxClientIdBytes, " bytes"));
  }
  // In a path these two mean other places.
  if (client_id == "." || client_id == "..") {
    return absl::InvalidArgumentError("client id: a path's dots are no id");
  }
  if (std::any_of(client_id.begin(), client_id.end(), IsControl)) {
    return absl::InvalidArgumentError("client id: it holds a control character");
  }
  if (!IsUtf8(client_id)) return absl::InvalidArgumentError("client id: it is not UTF-8");
  return absl::OkStatus();
}

}  // namespace muster::lobby
