#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "match/alliance/ruleset_parser.h"

// Texts of rulesets for the tests of their parser.
namespace muster::match::alliance {

// A ruleset of two teams of one player, and `members` beside the alliance ("" for none).
inline std::string With(std::string_view members) {
  std::string text =
      R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,"player_max_number":1})";
  if (!members.empty()) text.append(",").append(members);
  return text + "}";
}

// A ruleset of two teams of five players with `members` inside of its alliance, and `beside` it.
inline std::string WithInAlliance(std::string_view members, std::string_view beside = "") {
  std::string text =
      R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":5,"player_max_number":5,)";
  text.append(members).append("}");
  if (!beside.empty()) text.append(",").append(beside);
  return text + "}";
}

inline absl::StatusOr<Ruleset> Parse(std::string_view text, Profile profile = Profile::kCore) {
  LogicOptions options;
  options.profile = profile;
  return ParseRuleset(text, options);
}

inline absl::StatusOr<Ruleset> ParseHosted(std::string_view text) {
  return Parse(text, Profile::kHosted);
}

// A case of a table: a ruleset that is refused with a message of this fragment.
struct RefusedCase {
  const char* name;
  std::string text;
  const char* message;
};
inline std::ostream& operator<<(std::ostream& out, const RefusedCase& test_case) {
  return out << test_case.name;
}

}  // namespace muster::match::alliance
