#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/alliance/ruleset.h"
#include "match/logic_options.h"

namespace muster::match::alliance {

// How long the lists of a ruleset may be.
inline constexpr size_t kMaxRules = 1000;       // matching, flexing, alliance flexing, options
inline constexpr size_t kMaxRolesPerTeam = 64;  // and kMaxRules teams
inline constexpr size_t kMaxSubGameModes = 64;
inline constexpr size_t kMaxPlatformGroups = 64;
inline constexpr size_t kMaxPlatformsPerGroup = 64;
// Names of attributes, options, roles, modes and platforms; in characters, not bytes.
inline constexpr size_t kMaxNameLength = 64;

// Reads a ruleset, checks all of it, and fills in defaults. Keys match exactly or else in any case
// (of ASCII letters); unknown keys are ignored, those of the hosted profile too unless
// `options.profile` is kHosted; a key that stands twice is refused; null is as good as absent.
//
// INVALID_ARGUMENT, naming key and value, when it is not well formed or makes no sense. Of several
// offences it names the first of: the text is no JSON object (ParseRulesJson); a value has the
// wrong type or a list is too long; values are out of their range, as many of them as fit into one
// message; the order of ruleset_checks.h.
//
// A name that must be lower case has no ASCII capitals; other letters are taken as they are.
absl::StatusOr<Ruleset> ParseRuleset(std::string_view rules_json, const LogicOptions& options);

}  // namespace muster::match::alliance
