#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_cache.h"
#include "rpc/call_observer.h"

namespace muster::rpc {

// The logic for these rules. When they were not remembered, a span tells that they had to be
// parsed, and the log what the logic has to remark on them: the first 16, 256 bytes of each.
absl::StatusOr<std::shared_ptr<const match::MatchLogic>> LogicFor(const ObservedCall& call,
                                                                  match::LogicCache& logics,
                                                                  std::string_view rules_json);

}  // namespace muster::rpc
