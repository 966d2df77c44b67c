#include "gameserver/ids.h"

#include <algorithm>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::gameserver {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// The writer of JSON is who needs it, so its word counts. What it would leave out or replace is
// none; asked so, it throws nothing.
bool IsUtf8(std::string_view text) {
  using Json = nlohmann::json;
  const Json value(text);
  const auto written = [&value](Json::error_handler_t on_other_bytes) {
    return value.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, on_other_bytes);
  };
  return written(Json::error_handler_t::ignore) == written(Json::error_handler_t::replace);
}

}  // namespace

absl::Status CheckId(std::string_view id) {
  if (id.empty()) return absl::InvalidArgumentError("id: it is empty");
  if (id.size() > kMaxIdBytes) {
    return absl::InvalidArgumentError(base::StrCat("id: longer than ", kMaxIdBytes, " bytes"));
  }
  // In a path these two mean other places.
  if (id == "." || id == "..") return absl::InvalidArgumentError("id: a path's dots are no id");
  if (std::any_of(id.begin(), id.end(), IsControl)) {
    return absl::InvalidArgumentError("id: it holds a control character");
  }
  if (!IsUtf8(id)) return absl::InvalidArgumentError("id: it is not UTF-8");
  return absl::OkStatus();
}

}  // namespace muster::gameserver
