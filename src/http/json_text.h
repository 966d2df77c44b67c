#pragma once

#include <string>

#include "nlohmann/json.hpp"

namespace muster::http {

// JSON as it is sent. Bytes that are not UTF-8, such as a game server may have printed, become
// U+FFFD.
inline std::string JsonText(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace muster::http
