#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "match/logic_cache.h"
#include "rpc/call_observer.h"

namespace muster::rpc {

// The logic for these rules. A span tells when they had to be parsed.
inline absl::StatusOr<std::shared_ptr<const match::MatchLogic>> LogicFor(
    const ObservedCall& call, match::LogicCache& logics, std::string_view rules_json) {
  ObservedWork work(call, "rules parse");
  if (auto known = logics.Find(rules_json)) {
    work.Forget();
    return known;
  }
  return logics.Get(rules_json);
}

}  // namespace muster::rpc
