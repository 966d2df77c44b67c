#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_registry.h"
#include "nlohmann/json.hpp"

namespace muster::match {

// Parses the text of a ruleset: an object, `null`, or nothing at all, which counts as `null`.
// INVALID_ARGUMENT, naming place or key, for anything else, for text longer or nested deeper than
// the options allow, and for a key that stands twice in one object.
absl::StatusOr<nlohmann::json> ParseRulesJson(std::string_view text, const LogicOptions& options);

// Reads typed members of one JSON object. A member that is missing or null is 0, false or absent;
// one of another type is INVALID_ARGUMENT naming key and value. Keys nobody asks for are ignored.
class RulesReader {
 public:
  // `object` is an object or null, and outlives the reader; `path` names it in errors ("" for the
  // top).
  RulesReader(const nlohmann::json& object, std::string path)
      : object_(object), path_(std::move(path)) {}

  // A whole number, 0 or more.
  absl::StatusOr<int64_t> Count(std::string_view key) const;
  absl::StatusOr<bool> Bool(std::string_view key) const;
  // The member, an object or null. It lives as long as the object that was read.
  absl::StatusOr<RulesReader> Child(std::string_view key) const;

  // The full name of a key, for example "alliance.min_number".
  std::string Name(std::string_view key) const;

 private:
  const nlohmann::json& Member(std::string_view key) const;
  absl::Status WrongType(std::string_view key, std::string_view wanted) const;

  const nlohmann::json& object_;
  std::string path_;
};

}  // namespace muster::match
