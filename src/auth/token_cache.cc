#include "auth/token_cache.h"

#include <algorithm>
#include <utility>

namespace muster::auth {
namespace {

// A signature's last characters are as good as random, and of tokens whose signature is wrong none
// is kept.
constexpr size_t kSampleBytes = 16;

}  // namespace

TokenCache::TokenCache(size_t max_tokens)
    : shards_used_(std::clamp<size_t>(max_tokens / 2, 1, kShards)),
      max_young_(std::max<size_t>(1, max_tokens / 2 / shards_used_)) {}

TokenCache::Shard& TokenCache::ShardOf(std::string_view token) {
  token.remove_prefix(token.size() - std::min(token.size(), kSampleBytes));
  return shards_[base::StringHash()(token) % shards_used_];
}

void TokenCache::Remember(Shard& shard, std::string token, const Entry& entry) {
  if (shard.young.size() >= max_young_ && !shard.young.contains(token)) {
    shard.old = std::exchange(shard.young, {});
  }
  shard.young.insert_or_assign(std::move(token), entry);
}

std::optional<Verdict> TokenCache::Find(std::string_view token, std::chrono::sys_seconds now) {
  Shard& shard = ShardOf(token);
  base::MutexLock lock(&shard.mu);
  Entry entry;
  if (const auto young = shard.young.find(token); young != shard.young.end()) {
    entry = young->second;
    if (now >= entry.expires_at) shard.young.erase(young);
  } else if (const auto old = shard.old.find(token); old != shard.old.end()) {
    entry = old->second;
    shard.old.erase(old);
    if (now < entry.expires_at) Remember(shard, std::string(token), entry);
  } else {
    return std::nullopt;
  }
  if (now >= entry.expires_at) return std::nullopt;
  return entry.verdict;
}

void TokenCache::Insert(std::string_view token, Verdict verdict,
                        std::chrono::sys_seconds expires_at) {
  Shard& shard = ShardOf(token);
  base::MutexLock lock(&shard.mu);
  shard.old.erase(token);
  Remember(shard, std::string(token), {verdict, expires_at});
}

size_t TokenCache::size() {
  size_t size = 0;
  for (size_t i = 0; i < shards_used_; ++i) {
    base::MutexLock lock(&shards_[i].mu);
    size += shards_[i].young.size() + shards_[i].old.size();
  }
  return size;
}

}  // namespace muster::auth
