#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "auth/verdict.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::auth {

// Verdicts on tokens whose signature was right, until they expire. Bounded: the tokens asked for
// longest ago make room, about half of them at a time. Thread-safe; a look-up takes well under a
// microsecond.
class TokenCache {
 public:
  // At least 2.
  explicit TokenCache(size_t max_tokens);

  // Nothing when the token is not known or has expired.
  std::optional<Verdict> Find(std::string_view token, std::chrono::sys_seconds now);
  void Insert(std::string_view token, Verdict verdict, std::chrono::sys_seconds expires_at);
  size_t size();

 private:
  struct Entry {
    Verdict verdict = Verdict::kNotReady;
    std::chrono::sys_seconds expires_at;
  };
  using Map = absl::flat_hash_map<std::string, Entry, base::StringHash, base::StringEq>;

  // One lock a shard, so that calls seldom wait for each other.
  struct Shard {
    base::Mutex mu;
    // Used lately, and before that.
    Map young ABSL_GUARDED_BY(mu);
    Map old ABSL_GUARDED_BY(mu);
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(std::string_view token);
  // Puts an entry among the young ones, which become the old ones when they are too many.
  void Remember(Shard& shard, std::string token, const Entry& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);

  // Fewer than kShards for a tiny cache.
  const size_t shards_used_;
  // Of one shard.
  const size_t max_young_;
  std::array<Shard, kShards> shards_;
};

}  // namespace muster::auth
