#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/iam_access_control.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fakes/fake_http_sender.h"
#include "tests/support/test_keys.h"

namespace muster::auth {

inline constexpr char kKeysPath[] = "/iam/v3/oauth/jwks";
inline constexpr char kRevocationsPath[] = "/iam/v3/oauth/revocationlist";
inline constexpr char kLoginPath[] = "/iam/v3/oauth/token";
inline constexpr char kRolePath[] = "/iam/v3/admin/roles/r1";
inline constexpr char kStudioPath[] = "/basic/v1/admin/namespaces/game/context";
inline constexpr char kNothingRevoked[] = R"({"revoked_tokens":null,"revoked_users":null})";

// Longer than anything takes; only a broken test waits so long.
inline constexpr std::chrono::seconds kPatience{10};

// The machine's clock, moved on by a test. Thread-safe.
class MovedClock final : public base::Clock {
 public:
  base::PreciseTimestamp PreciseNow() const override {
    return Clock::System().PreciseNow() + moved();
  }
  base::MonotonicTime MonotonicNow() const override {
    return Clock::System().MonotonicNow() + moved();
  }
  void Advance(std::chrono::milliseconds time) { moved_ms_ += time.count(); }

 private:
  std::chrono::milliseconds moved() const { return std::chrono::milliseconds(moved_ms_); }
  std::atomic<int64_t> moved_ms_ = 0;
};

// Notes the changes as "what: CODE". Thread-safe.
class ChangeLog {
 public:
  void Add(std::string_view what, const absl::Status& status) {
    base::MutexLock lock(&mu_);
    entries_.push_back(std::string(what) + ": " + absl::StatusCodeToString(status.code()));
    changed_.SignalAll();
  }
  // Blocks until there are as many.
  std::vector<std::string> WaitFor(size_t count) {
    base::MutexLock lock(&mu_);
    for (int i = 0; i < 1000 && entries_.size() < count; ++i) {
      changed_.WaitFor(&mu_, std::chrono::milliseconds(10));
    }
    return entries_;
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  std::vector<std::string> entries_ ABSL_GUARDED_BY(mu_);
};

// An access control whose IAM answers as scripted; all is well at first.
class IamFixture : public testing::Test {
 protected:
  IamFixture() {
    sender_.Answer(kKeysPath, {200, support::Jwks({support::TestKey::Shared()})});
    sender_.Answer(kRevocationsPath, {200, kNothingRevoked});
    sender_.Answer(kLoginPath, {200, R"({"access_token":"our.token","expires_in":3600})"});
    options_.iam = {.base_url = "http://iam.test", .client_id = "id", .client_secret = "secret"};
    options_.policy = {.name_space = "game", .resource_name = "MMV2GRPCSERVICE"};
    options_.first_retry = std::chrono::milliseconds(2);
    options_.last_retry = std::chrono::milliseconds(10);
  }

  void Start() {
    control_ = IamAccessControl::Start(
        options_, sender_, clock_,
        [this](std::string_view what, const absl::Status& status) { changes_.Add(what, status); });
  }
  void AwaitReady() {
    auto ready = std::make_shared<std::promise<void>>();
    control_->OnReady([ready] { ready->set_value(); });
    ASSERT_EQ(ready->get_future().wait_for(kPatience), std::future_status::ready);
  }
  void StartReady() {
    Start();
    AwaitReady();
  }

  std::future<Verdict> Later(std::string token) {
    auto verdict = std::make_shared<std::promise<Verdict>>();
    std::future<Verdict> result = verdict->get_future();
    control_->CheckLater(std::move(token), [verdict](Verdict v) { verdict->set_value(v); });
    return result;
  }
  static Verdict Get(std::future<Verdict> verdict) {
    EXPECT_EQ(verdict.wait_for(kPatience), std::future_status::ready);
    return verdict.get();
  }
  // The verdict without waiting; nothing must be missing.
  Verdict Now(std::string_view token) {
    const std::optional<AccessControl::Answer> answer = control_->CheckNow(token);
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->verdict : Verdict::kNotReady;
  }
  bool NeedsFetch(std::string_view token) { return !control_->CheckNow(token).has_value(); }
  bool FromCache(std::string_view token) {
    const std::optional<AccessControl::Answer> answer = control_->CheckNow(token);
    return answer && answer->from_cache;
  }

  // The claims of AGS' own token, changed by a JSON merge patch.
  std::string Claims(std::string_view patch = "{}") const {
    const int64_t now =
        std::chrono::floor<std::chrono::seconds>(clock_.Now()).time_since_epoch().count();
    nlohmann::json claims = {
        {"sub", "alice"}, {"extend_namespace", "game"}, {"iat", now - 60}, {"exp", now + 60}};
    claims.merge_patch(nlohmann::json::parse(patch));
    return claims.dump();
  }
  std::string Token(std::string_view patch = "{}") const {
    return support::TestKey::Shared().Token(Claims(patch));
  }
  // Signed with a key that IAM does not publish at first.
  std::string OtherToken() const { return support::TestKey::Other().Token(Claims()); }
  void PublishBothKeys() {
    sender_.Answer(kKeysPath,
                   {200, support::Jwks({support::TestKey::Shared(), support::TestKey::Other()})});
  }

  fakes::FakeHttpSender sender_;
  MovedClock clock_;
  ChangeLog changes_;
  IamAccessControl::Options options_;
  std::unique_ptr<IamAccessControl> control_;
};

}  // namespace muster::auth
