#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_registry.h"
#include "match/match_logic.h"

namespace muster::match::pairs {

// The sample logic: players in twos, or in whatever number the rules say, in the order they came. A
// LogicFactory; see pair_rules.h for the rules and their errors.
absl::StatusOr<std::shared_ptr<const MatchLogic>> MakePairsLogic(std::string_view rules_json,
                                                                 const LogicOptions& options);

}  // namespace muster::match::pairs
