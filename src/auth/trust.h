#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "auth/key_set.h"
#include "auth/revocation_list.h"
#include "auth/token_cache.h"
#include "auth/token_check.h"
#include "base/strings.h"

namespace muster::auth {

// What a role grants, and whether it is in use.
struct KnownRole {
  explicit KnownRole(std::vector<Permission> granted) : permissions(std::move(granted)) {}

  const std::vector<Permission> permissions;
  // Set whenever a token is checked against it, beginning with the one that it was fetched for;
  // whoever looks after the roles takes it back.
  mutable std::atomic<bool> asked_for = true;
};

// What was fetched from IAM. A copy shares the large parts.
struct TrustParts {
  using Roles = absl::flat_hash_map<std::string, std::shared_ptr<const KnownRole>, base::StringHash,
                                    base::StringEq>;

  // Null until loaded.
  std::shared_ptr<const KeySet> keys;
  std::shared_ptr<const RevocationList> revocations;
  Roles roles;
  std::optional<std::string> studio;

  bool ready() const { return keys != nullptr && revocations != nullptr; }
};

// What a token's verdict waits for.
struct MissingKey {};
using Missing = std::variant<MissingKey, MissingRole, MissingStudio>;

// What is known at one time, and the verdicts that follow from it. Whoever learns of a change makes
// a new object with a new cache, so that no verdict outlives what it rests on; who only learns more
// hands the cache on, as no verdict is remembered while something that may matter to it is missing.
// Thread-safe.
class Trust final : public Directory {
 public:
  using Finding = std::variant<Verdict, Missing>;

  Trust(TrustParts parts, std::shared_ptr<TokenCache<Verdict>> cache)
      : parts_(std::move(parts)), cache_(std::move(cache)) {}

  const TrustParts& parts() const { return parts_; }
  const std::shared_ptr<TokenCache<Verdict>>& cache() const { return cache_; }

  // The verdict on a token that was checked before.
  std::optional<Verdict> Find(std::string_view token, std::chrono::sys_seconds now) {
    return cache_->Find(token, now);
  }
  // Checks a token and remembers the verdict when its signature is right; call it only when
  // parts().ready().
  Finding CheckAndRemember(std::string_view token, const Policy& policy,
                           std::chrono::sys_seconds now);

  const std::vector<Permission>* Role(std::string_view role_id) const override;
  const std::string* Studio() const override;

 private:
  const TrustParts parts_;
  const std::shared_ptr<TokenCache<Verdict>> cache_;
};

}  // namespace muster::auth
