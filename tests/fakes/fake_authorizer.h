#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "auth/authorizer.h"
#include "base/mutex.h"

namespace muster::fakes {

// Says what it was told to say of a header; of any other one that it shows the player of that id,
// and of none at all that it shows nobody. Thread-safe.
class FakeAuthorizer final : public auth::Authorizer {
 public:
  void Set(const std::string& header, absl::StatusOr<auth::Identity> answer) {
    base::MutexLock lock(&mu_);
    answers_.insert_or_assign(header, std::move(answer));
  }
  // From now on nobody can be told from anybody.
  void Fail(absl::Status status) {
    base::MutexLock lock(&mu_);
    status_ = std::move(status);
  }

  absl::StatusOr<auth::Identity> Authorize(std::optional<std::string_view> header) override {
    base::MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    if (!header || header->empty()) return absl::UnauthenticatedError("nobody is shown");
    const auto found = answers_.find(*header);
    if (found != answers_.end()) return found->second;
    return auth::Identity{.client_id = std::string(*header)};
  }
  absl::Status Ready() const override {
    base::MutexLock lock(&mu_);
    return status_;
  }

 private:
  mutable base::Mutex mu_;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, absl::StatusOr<auth::Identity>, std::less<>> answers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
