#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::auth {

// The pause before the next attempt at what failed just now. `last` is the pause before this
// attempt, 0 when the one before was good. Doubles from `first` up to `longest`, and is never 0.
inline std::chrono::milliseconds NextRetryPause(std::chrono::milliseconds last,
                                                std::chrono::milliseconds first,
                                                std::chrono::milliseconds longest) {
  const std::chrono::milliseconds next = last.count() > 0 ? std::min(last * 2, longest) : first;
  return std::max(next, std::chrono::milliseconds(1));
}

// Things that may not be fetched before some time. Holds no more than were closed lately.
// Thread-safe.
class FetchPauses {
 public:
  bool Open(std::string_view what, base::MonotonicTime now) {
    base::MutexLock lock(&mu_);
    const auto found = closed_until_.find(what);
    return found == closed_until_.end() || now >= found->second;
  }

  void Close(std::string_view what, base::MonotonicTime now, base::MonotonicTime until) {
    base::MutexLock lock(&mu_);
    absl::erase_if(closed_until_, [now](const auto& entry) { return now >= entry.second; });
    closed_until_.insert_or_assign(std::string(what), until);
  }

 private:
  base::Mutex mu_;
  absl::flat_hash_map<std::string, base::MonotonicTime, base::StringHash, base::StringEq>
      closed_until_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::auth
