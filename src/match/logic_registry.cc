#include "match/logic_registry.h"

#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace muster::match {

void LogicRegistry::Register(std::string name, LogicFactory factory) {
  if (factories_.empty()) default_name_ = name;
  factories_.insert_or_assign(std::move(name), std::move(factory));
}

absl::StatusOr<LogicFactory> LogicRegistry::Find(std::string_view name) const {
  const auto found = factories_.find(name);
  if (found != factories_.end()) return found->second;
  const auto append_name = [](std::string* out, const auto& entry) { out->append(entry.first); };
  return absl::InvalidArgumentError(base::StrCat(
      "MATCH_LOGIC `", name, "` is none of: ", absl::StrJoin(factories_, ", ", append_name)));
}

}  // namespace muster::match
