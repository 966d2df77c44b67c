#include "auth/json.h"

#include <limits>

namespace muster::auth {
namespace {

using nlohmann::json;

// A negative action would have all bits.
constexpr int64_t kMinAction = 0;

bool ReadPermission(const json& object, Permission* out) {
  int64_t action = 0;
  if (!object.is_object() || !ReadString(object, "resource", &out->resource) ||
      !ReadString(object, "Resource", &out->resource) ||
      !ReadInteger(object, "action", kMinAction, &action) ||
      !ReadInteger(object, "Action", kMinAction, &action) ||
      action > std::numeric_limits<int>::max()) {
    return false;
  }
  out->action = static_cast<int>(action);
  return true;
}

}  // namespace

std::optional<json> ParseJsonObject(std::string_view text) {
  // The library takes a zero byte for the end and would ignore what follows.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  bool too_deep = false;
  const auto check_depth = [&too_deep](int depth, json::parse_event_t event, json&) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= kMaxJsonDepth) too_deep = true;
    return !too_deep;
  };
  json parsed = json::parse(text, check_depth, /*allow_exceptions=*/false);
  if (too_deep || !parsed.is_object()) return std::nullopt;
  return parsed;
}

const json* FindMember(const json& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool ReadString(const json& object, std::string_view key, std::string* out) {
  const json* member = FindMember(object, key);
  if (member == nullptr) return true;
  if (!member->is_string()) return false;
  *out = member->get_ref<const std::string&>();
  return true;
}

bool ReadStrings(const json& object, std::string_view key, std::vector<std::string>* out) {
  const json* member = FindMember(object, key);
  if (member == nullptr) return true;
  if (!member->is_array()) return false;
  for (const json& item : *member) {
    if (!item.is_string()) return false;
    out->push_back(item.get_ref<const std::string&>());
  }
  return true;
}

bool ReadInteger(const json& object, std::string_view key, int64_t min, int64_t* out) {
  const json* member = FindMember(object, key);
  if (member == nullptr) return true;
  if (!member->is_number_integer()) return false;
  const bool too_large =
      member->is_number_unsigned() && member->get<uint64_t>() > std::numeric_limits<int64_t>::max();
  if (too_large || member->get<int64_t>() < min) return false;
  *out = member->get<int64_t>();
  return true;
}

bool ReadPermissions(const json& object, std::string_view key, std::vector<Permission>* out) {
  const json* member = FindMember(object, key);
  if (member == nullptr) return true;
  if (!member->is_array()) return false;
  out->resize(member->size());
  for (size_t i = 0; i < member->size(); ++i) {
    if (!ReadPermission((*member)[i], &(*out)[i])) return false;
  }
  return true;
}

}  // namespace muster::auth
