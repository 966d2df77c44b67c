#include "rpc/logic_for.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/status_macros.h"

namespace muster::rpc {
namespace {

// Rules may come anew with every call, so that what is logged of them is little.
constexpr size_t kMaxRemarks = 33;
constexpr size_t kMaxShownBytes = 256;

// The caller's own mistakes, hence no warning.
void LogRemarks(const ObservedCall& call, const match::MatchLogic& logic) {
  const std::vector<std::string> remarks = logic.Remarks();
  for (size_t i = 0; i < std::min(remarks.size(), kMaxRemarks); ++i) {
    call.Log(telemetry::LogLevel::kInfo, "remark on rules",
             {{"detail", std::string_view(remarks[i]).substr(0, kMaxShownBytes)}});
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const match::MatchLogic>> LogicFor(const ObservedCall& call,
                                                                  match::LogicCache& logics,
                                                                  std::string_view rules_json) {
  ObservedWork work(call, "rules parse");
  if (auto known = logics.Find(rules_json)) {
    work.Forget();
    return known;
  }
  MUSTER_ASSIGN_OR_RETURN(std::shared_ptr<const match::MatchLogic> logic, logics.Get(rules_json));
  LogRemarks(call, *logic);
  return logic;
}

}  // namespace muster::rpc
