#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::http {

// A token bucket for each client. Clients who have been quiet long enough to have a full bucket are
// forgotten; when all are busy and there is no room for another, the newcomer shares the bucket of
// everybody without one. Thread-safe.
class RateLimiter {
 public:
  struct Options {
    // Calls that a client may make for long; 0: no limit.
    double per_second = 10;
    // Calls that it may make at once.
    double burst = 20;
    size_t max_clients = 100'000;
  };

  // `clock` outlives the object.
  RateLimiter(const Options& options, const base::Clock& clock);

  // Nothing when the call may be made, and then it counts; else how long to wait for the next.
  std::optional<std::chrono::milliseconds> Take(std::string_view client_id);

 private:
  struct Bucket {
    double tokens = 0;
    base::MonotonicTime filled_at;
  };

  Bucket& BucketOf(std::string_view client_id, base::MonotonicTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Fill(Bucket& bucket, base::MonotonicTime now) const;
  void ForgetQuiet(base::MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  const base::Clock& clock_;
  base::Mutex mu_;
  absl::flat_hash_map<std::string, Bucket, base::StringHash, base::StringEq> buckets_
      ABSL_GUARDED_BY(mu_);
  // Of those for whom there is no room.
  Bucket shared_ ABSL_GUARDED_BY(mu_);
  base::MonotonicTime forget_at_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::http
