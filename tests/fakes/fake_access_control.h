#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "auth/access_control.h"
#include "base/mutex.h"

namespace muster::fakes {

// Knows what each token is worth from a map; a token that is not in it has to be asked for, and
// whoever asks waits until the test answers. Thread-safe.
class FakeAccessControl final : public auth::AccessControl {
 public:
  void Set(const std::string& token, auth::Verdict verdict, bool from_cache = false) {
    base::MutexLock lock(&mu_);
    known_[token] = {verdict, from_cache};
  }

  // Answers all that wait.
  void AnswerWaiting(auth::Verdict verdict) {
    std::vector<Done> waiting;
    {
      base::MutexLock lock(&mu_);
      waiting.swap(waiting_);
    }
    for (const Done& done : waiting) done(verdict);
  }

  size_t waiting() const {
    base::MutexLock lock(&mu_);
    return waiting_.size();
  }

  void BecomeReady() {
    std::vector<std::function<void()>> callbacks;
    {
      base::MutexLock lock(&mu_);
      ready_ = true;
      callbacks.swap(on_ready_);
    }
    for (const auto& callback : callbacks) callback();
  }

  std::optional<Answer> CheckNow(std::string_view token) override {
    base::MutexLock lock(&mu_);
    const auto found = known_.find(token);
    if (found == known_.end()) return std::nullopt;
    return found->second;
  }

  void CheckLater(std::string /*token*/, Done done) override {
    base::MutexLock lock(&mu_);
    waiting_.push_back(std::move(done));
  }

  void OnReady(std::function<void()> ready) override {
    {
      base::MutexLock lock(&mu_);
      if (!ready_) {
        on_ready_.push_back(std::move(ready));
        return;
      }
    }
    ready();
  }

 private:
  mutable base::Mutex mu_;
  std::map<std::string, Answer, std::less<>> known_ ABSL_GUARDED_BY(mu_);
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mu_);
  std::vector<std::function<void()>> on_ready_ ABSL_GUARDED_BY(mu_);
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace muster::fakes
