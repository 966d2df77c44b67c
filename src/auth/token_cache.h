#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::auth {

// What is known of tokens whose signature was right, until they expire. Bounded: the tokens asked
// for longest ago make room, about half of them at a time. Thread-safe; a look-up takes well under
// a microsecond.
template <typename Value>
class TokenCache {
 public:
  // At least 2.
  explicit TokenCache(size_t max_tokens)
      : shards_used_(std::clamp<size_t>(max_tokens / 2, 1, kShards)),
        max_young_(std::max<size_t>(1, max_tokens / 2 / shards_used_)) {}

  // Nothing when the token is not known or has expired.
  std::optional<Value> Find(std::string_view token, std::chrono::sys_seconds now) {
    Shard& shard = ShardOf(token);
    base::MutexLock lock(&shard.mu);
    if (const auto young = shard.young.find(token); young != shard.young.end()) {
      if (now < young->second.expires_at) return young->second.value;
      shard.young.erase(young);
    } else if (const auto old = shard.old.find(token); old != shard.old.end()) {
      Entry entry = std::move(old->second);
      shard.old.erase(old);
      if (now < entry.expires_at) return Remember(shard, token, std::move(entry)).value;
    }
    return std::nullopt;
  }

  void Insert(std::string_view token, Value value, std::chrono::sys_seconds expires_at) {
    Shard& shard = ShardOf(token);
    base::MutexLock lock(&shard.mu);
    shard.old.erase(token);
    Remember(shard, token, {std::move(value), expires_at});
  }

  size_t size() {
    size_t size = 0;
    for (size_t i = 0; i < shards_used_; ++i) {
      base::MutexLock lock(&shards_[i].mu);
      size += shards_[i].young.size() + shards_[i].old.size();
    }
    return size;
  }

 private:
  struct Entry {
    Value value;
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
  // A signature's last characters are as good as random, and of tokens whose signature is wrong
  // none is kept.
  static constexpr size_t kSampleBytes = 16;

  Shard& ShardOf(std::string_view token) {
    token.remove_prefix(token.size() - std::min(token.size(), kSampleBytes));
    return shards_[base::StringHash()(token) % shards_used_];
  }

  // Puts an entry among the young ones, which become the old ones when they are too many.
  const Entry& Remember(Shard& shard, std::string_view token, Entry entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu) {
    if (shard.young.size() >= max_young_ && !shard.young.contains(token)) {
      shard.old = std::exchange(shard.young, {});
    }
    return shard.young.insert_or_assign(std::string(token), std::move(entry)).first->second;
  }

  // Fewer than kShards for a tiny cache.
  const size_t shards_used_;
  // Of one shard.
  const size_t max_young_;
  std::array<Shard, kShards> shards_;
};

}  // namespace muster::auth
