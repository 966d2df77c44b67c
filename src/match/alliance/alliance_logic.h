#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_options.h"
#include "match/match_logic.h"

namespace muster::match::alliance {

// The logic `alliance`: teams, ratings, parties, regions and options by the rulesets of AccelByte's
// default matchmaker. A LogicFactory; see ruleset_parser.h for the errors of rules.
absl::StatusOr<std::shared_ptr<const MatchLogic>> MakeAllianceLogic(std::string_view rules_json,
                                                                    const LogicOptions& options);

}  // namespace muster::match::alliance
