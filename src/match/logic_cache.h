#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "match/logic_registry.h"
#include "match/match_logic.h"

namespace muster::match {

// Turns rules into logics and remembers the latest ones, because a pool sends the same rules with
// every call. Bounded: past kMaxEntries everything is forgotten, and rules longer than
// kMaxCachedBytes are never kept. Thread-safe.
class LogicCache {
 public:
  static constexpr size_t kMaxEntries = 64;
  static constexpr size_t kMaxCachedBytes = 16 * 1024;

  LogicCache(LogicFactory factory, LogicOptions options)
      : factory_(std::move(factory)), options_(std::move(options)) {}

  // The logic for these rules if it is remembered, else null.
  std::shared_ptr<const MatchLogic> Find(std::string_view rules_json);

  // The logic for these rules; the factory's error when they are bad. Errors are not remembered.
  absl::StatusOr<std::shared_ptr<const MatchLogic>> Get(std::string_view rules_json);

 private:
  const LogicFactory factory_;
  const LogicOptions options_;
  base::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<const MatchLogic>, base::StringHash,
                      base::StringEq>
      logics_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::match
