#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/permission.h"
#include "nlohmann/json.hpp"

// Reading of JSON that others wrote: no exceptions, and a value of the wrong type is an error. Each
// reader returns false for a wrong type; a member that is missing or null leaves `out` as it is.
namespace muster::auth {

// Deeper JSON is refused.
inline constexpr int kMaxJsonDepth = 32;

// The object that `text` is; nothing when it is not valid JSON, not an object, too deep, or holds a
// number that is no double. Of keys that stand twice the last one counts, which RFC 7519 section 4
// allows.
std::optional<nlohmann::json> ParseJsonObject(std::string_view text);

// Null when the member is missing or null.
const nlohmann::json* FindMember(const nlohmann::json& object, std::string_view key);

bool ReadString(const nlohmann::json& object, std::string_view key, std::string* out);
bool ReadStrings(const nlohmann::json& object, std::string_view key, std::vector<std::string>* out);
// A whole number from `min` on.
bool ReadInteger(const nlohmann::json& object, std::string_view key, int64_t min, int64_t* out);

// An array of objects of `Resource` and `Action`, as tokens have them, or `resource` and `action`,
// as IAM's REST answers do.
bool ReadPermissions(const nlohmann::json& object, std::string_view key,
                     std::vector<Permission>* out);

}  // namespace muster::auth
