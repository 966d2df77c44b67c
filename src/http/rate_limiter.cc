#include "http/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace muster::http {
namespace {

using Seconds = std::chrono::duration<double>;

// Between two looks at all buckets, when there is no room.
constexpr std::chrono::seconds kForgetPause{1};

}  // namespace

RateLimiter::RateLimiter(const Options& options, const base::Clock& clock)
    : options_(options), clock_(clock), shared_{options.burst, clock.MonotonicNow()} {}

std::optional<std::chrono::milliseconds> RateLimiter::Take(std::string_view client_id) {
  if (options_.per_second <= 0) return std::nullopt;
  const base::MonotonicTime now = clock_.MonotonicNow();
  base::MutexLock lock(&mu_);
  Bucket& bucket = BucketOf(client_id, now);
  Fill(bucket, now);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::milliseconds>(
      Seconds((1 - bucket.tokens) / options_.per_second));
}

RateLimiter::Bucket& RateLimiter::BucketOf(std::string_view client_id, base::MonotonicTime now) {
  const auto found = buckets_.find(client_id);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= options_.max_clients && now >= forget_at_) ForgetQuiet(now);
  if (buckets_.size() >= options_.max_clients) return shared_;
  return buckets_.try_emplace(std::string(client_id), Bucket{options_.burst, now}).first->second;
}

void RateLimiter::Fill(Bucket& bucket, base::MonotonicTime now) const {
  const double gained = Seconds(now - bucket.filled_at).count() * options_.per_second;
  bucket.tokens = std::min(options_.burst, bucket.tokens + gained);
  bucket.filled_at = now;
}

void RateLimiter::ForgetQuiet(base::MonotonicTime now) {
  forget_at_ = now + kForgetPause;
  absl::erase_if(buckets_, [&](auto& entry) {
    Fill(entry.second, now);
    return entry.second.tokens >= options_.burst;
  });
}

}  // namespace muster::http
