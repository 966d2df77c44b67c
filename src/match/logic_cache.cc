#include "match/logic_cache.h"

#include "base/status_macros.h"

namespace muster::match {

std::shared_ptr<const MatchLogic> LogicCache::Find(std::string_view rules_json) {
  base::MutexLock lock(&mu_);
  const auto found = logics_.find(rules_json);
  return found == logics_.end() ? nullptr : found->second;
}

absl::StatusOr<std::shared_ptr<const MatchLogic>> LogicCache::Get(std::string_view rules_json) {
  if (auto known = Find(rules_json)) return known;
  MUSTER_ASSIGN_OR_RETURN(std::shared_ptr<const MatchLogic> logic, factory_(rules_json, options_));
  if (rules_json.size() <= kMaxCachedBytes) {
    base::MutexLock lock(&mu_);
    if (logics_.size() >= kMaxEntries) logics_.clear();
    logics_.emplace(rules_json, logic);
  }
  return logic;
}

}  // namespace muster::match
