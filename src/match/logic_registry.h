#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "match/logic_options.h"
#include "match/match_logic.h"

namespace muster::match {

// Makes a logic from rules as JSON text; empty text means no rules. INVALID_ARGUMENT, naming key
// and value, when the rules are not well formed or make no sense. Called from many threads at once.
using LogicFactory = std::function<absl::StatusOr<std::shared_ptr<const MatchLogic>>(
    std::string_view rules_json, const LogicOptions& options)>;

// The logics a server can run, by name. Filled at start, then only read.
class LogicRegistry {
 public:
  // Registers a logic; a name that is taken is replaced.
  void Register(std::string name, LogicFactory factory);

  // The logic to run when nobody names one: the one that was registered first, "" when none was.
  const std::string& default_name() const { return default_name_; }

  // INVALID_ARGUMENT naming all known logics when `name` is not one of them.
  absl::StatusOr<LogicFactory> Find(std::string_view name) const;

 private:
  std::map<std::string, LogicFactory, std::less<>> factories_;
  std::string default_name_;
};

// The logics that come with Muster.
LogicRegistry BuiltInLogics();

}  // namespace muster::match
