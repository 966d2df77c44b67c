#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "match/logic_options.h"
#include "nlohmann/json.hpp"

namespace muster::match {

// Parses the text of a ruleset: an object, `null`, or nothing at all, which counts as `null`.
// INVALID_ARGUMENT, naming place or key, for anything else (a byte-order mark too), for text longer
// or nested deeper than the options allow, and for a key that stands twice in one object.
absl::StatusOr<nlohmann::json> ParseRulesJson(std::string_view text, const LogicOptions& options);

// The value as JSON in printable ASCII, cut after 64 bytes: errors and remarks repeat it so.
std::string Shown(const nlohmann::json& value);

// The full name of a member: `alliance.min_number`, or `modes["5 v 5"]` for a key that is not a
// plain word. `path` names the object; "" for the top.
std::string MemberName(std::string_view path, std::string_view key);

// Which member of an object a key names.
enum class KeyMatch {
  kExact,
  // The member of this name, or else one that differs from it in the case of ASCII letters only.
  kAnyCase,
};

// Reads typed members of one JSON object. A member that is missing or null is 0, false, empty or
// absent; one of another type is INVALID_ARGUMENT naming key and value, and so is a key that two
// members match in different cases while none matches it exactly. Keys nobody asks for are ignored.
class RulesReader {
 public:
  // `object` is an object or null, and outlives the reader; `path` names it in errors ("" for the
  // top). Readers of members match keys as this one does.
  RulesReader(const nlohmann::json& object, std::string path, KeyMatch keys = KeyMatch::kExact)
      : object_(&object), path_(std::move(path)), keys_(keys) {}

  // A whole number written without fraction and exponent, 0 or more.
  absl::StatusOr<int64_t> Count(std::string_view key) const;
  // As Count, of either sign.
  absl::StatusOr<int64_t> Integer(std::string_view key) const;
  absl::StatusOr<double> Number(std::string_view key) const;
  absl::StatusOr<bool> Bool(std::string_view key) const;
  absl::StatusOr<std::string> Text(std::string_view key) const;
  // The member, an object or null. It lives as long as the object that was read.
  absl::StatusOr<RulesReader> Child(std::string_view key) const;

  // Lists of at most `limit` entries; a longer one is INVALID_ARGUMENT too. An entry of Children is
  // an object or null; those of ChildLists are such lists, each within the limit.
  absl::StatusOr<std::vector<std::string>> Texts(std::string_view key, size_t limit) const;
  absl::StatusOr<std::vector<RulesReader>> Children(std::string_view key, size_t limit) const;
  absl::StatusOr<std::vector<std::vector<RulesReader>>> ChildLists(std::string_view key,
                                                                   size_t limit) const;

  // Whether there is such a member, not null.
  bool Given(std::string_view key) const;
  // Names of the members that are not null, in byte order.
  std::vector<std::string> Keys() const;
  // The MemberName of a key.
  std::string Name(std::string_view key) const { return MemberName(path_, key); }
  // The key's value as errors show it.
  std::string ShownValue(std::string_view key) const;

 private:
  // Null when there is none; never a JSON null.
  absl::StatusOr<const nlohmann::json*> Find(std::string_view key) const;
  absl::StatusOr<const nlohmann::json*> FindList(std::string_view key, size_t limit) const;
  absl::Status WrongType(std::string_view key, std::string_view wanted) const;
  absl::StatusOr<std::vector<RulesReader>> Entries(const nlohmann::json& list,
                                                   const std::string& name) const;

  const nlohmann::json* object_;
  std::string path_;
  KeyMatch keys_;
};

}  // namespace muster::match
