#include "auth/iam_access_control.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "auth/iam_fetcher.h"
#include "auth/trust.h"
#include "base/mutex.h"

namespace muster::auth {
namespace {

// For one waiting call: past this nothing more is fetched for it.
constexpr std::chrono::seconds kMaxWait{10};
// As many as a token can need: all its roles, the studio, the keys.
constexpr int kMaxFetches = 66;
// The longest sleep of the thread; also keeps far times from overflowing.
constexpr std::chrono::milliseconds kMaxSleep{3'600'000};

class Impl final : public IamAccessControl {
 public:
  Impl(Options options, base::HttpSender& sender, const base::Clock& clock, OnIamChange on_change)
      : options_(std::move(options)),
        clock_(clock),
        fetcher_(options_, sender, clock, std::move(on_change),
                 [this](const TrustParts& parts, News news) { Publish(parts, news); }),
        trust_(std::make_shared<Trust>(TrustParts(), NewCache())),
        thread_([this] { Run(); }) {}
  ~Impl() override { Stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::optional<Answer> CheckNow(std::string_view token) override;
  void CheckLater(std::string token, Done done) override;
  void OnReady(std::function<void()> ready) override;
  AccessState state() override;
  void Stop() override;

 private:
  using News = IamFetcher::News;

  struct Waiting {
    std::string token;
    Done done;
    base::MonotonicTime deadline;
    bool for_key = false;
  };

  // What is known of a token without any fetch.
  struct Known {
    Trust::Finding finding = Verdict::kNotReady;
    bool from_cache = false;
    // All that are known, not only the token's.
    size_t roles = 0;
  };

  std::chrono::sys_seconds Now() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.Now());
  }
  std::shared_ptr<TokenCache<Verdict>> NewCache() const {
    return std::make_shared<TokenCache<Verdict>>(options_.max_cached_tokens);
  }
  std::shared_ptr<Trust> CurrentTrust() {
    base::MutexLock lock(&trust_mu_);
    return trust_;
  }

  Known Ask(std::string_view token);
  bool MayFetch(const Missing& missing, size_t known_roles) {
    return !stop_.stop_requested() && fetcher_.MayFetch(missing, known_roles);
  }
  // After Stop nothing tells whether a key or a role exists.
  Verdict VerdictIfMissing(const Missing& missing, size_t known_roles) const {
    return stop_.stop_requested() ? Verdict::kIamUnavailable
                                  : fetcher_.VerdictIfMissing(missing, known_roles);
  }
  // Why a call may not wait, if it may not.
  std::optional<Verdict> WhyNotWait(bool for_key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  void Publish(const TrustParts& parts, News news);
  // The thread.
  void Run();
  void ServeWaiting();
  Verdict VerdictFor(const Waiting& call);
  // Until the next fetch is due, a call waits, or Stop.
  void Sleep();

  const Options options_;
  const base::Clock& clock_;
  std::stop_source stop_;
  IamFetcher fetcher_;

  // Apart from mu_, because every call takes it.
  base::Mutex trust_mu_;
  std::shared_ptr<Trust> trust_ ABSL_GUARDED_BY(trust_mu_);

  base::Mutex mu_;
  base::CondVar wake_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mu_);
  // In the queue, or being served.
  size_t waiting_calls_ ABSL_GUARDED_BY(mu_) = 0;
  size_t waiting_for_keys_ ABSL_GUARDED_BY(mu_) = 0;
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::function<void()>> on_ready_ ABSL_GUARDED_BY(mu_);

  base::Mutex stop_mu_;
  std::thread thread_;
};

Impl::Known Impl::Ask(std::string_view token) {
  const std::shared_ptr<Trust> trust = CurrentTrust();
  if (!trust->parts().ready()) return {};
  const std::chrono::sys_seconds now = Now();
  if (const std::optional<Verdict> found = trust->Find(token, now)) return {*found, true};
  return {trust->CheckAndRemember(token, options_.policy, now), false, trust->parts().roles.size()};
}

std::optional<AccessControl::Answer> Impl::CheckNow(std::string_view token) {
  const Known known = Ask(token);
  if (const auto* verdict = std::get_if<Verdict>(&known.finding)) {
    return Answer{*verdict, known.from_cache};
  }
  const Missing& missing = std::get<Missing>(known.finding);
  if (MayFetch(missing, known.roles)) return std::nullopt;
  return Answer{VerdictIfMissing(missing, known.roles)};
}

void Impl::CheckLater(std::string token, Done done) {
  const Known known = Ask(token);
  if (const auto* verdict = std::get_if<Verdict>(&known.finding)) return done(*verdict);
  const Missing& missing = std::get<Missing>(known.finding);
  if (!MayFetch(missing, known.roles)) return done(VerdictIfMissing(missing, known.roles));
  Waiting call{std::move(token), std::move(done), clock_.MonotonicNow() + kMaxWait,
               std::holds_alternative<MissingKey>(missing)};
  std::optional<Verdict> refusal;
  {
    base::MutexLock lock(&mu_);
    refusal = WhyNotWait(call.for_key);
    if (!refusal) {
      ++waiting_calls_;
      if (call.for_key) ++waiting_for_keys_;
      queue_.push_back(std::move(call));
      wake_.Signal();
      return;
    }
  }
  call.done(*refusal);
}

std::optional<Verdict> Impl::WhyNotWait(bool for_key) const {
  if (stopped_) return Verdict::kIamUnavailable;
  if (for_key && waiting_for_keys_ >= options_.max_waiting_for_keys) return Verdict::kUnknownKey;
  if (waiting_calls_ >= options_.max_waiting_calls) return Verdict::kTooManyWaiting;
  return std::nullopt;
}

void Impl::OnReady(std::function<void()> ready) {
  {
    base::MutexLock lock(&mu_);
    if (!ready_) {
      on_ready_.push_back(std::move(ready));
      return;
    }
  }
  ready();
}

AccessState Impl::state() {
  const auto since = [this](base::MonotonicTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(clock_.MonotonicNow() - time);
  };
  const std::shared_ptr<Trust> trust = CurrentTrust();
  base::MutexLock lock(&mu_);
  return {.ready = ready_,
          .keys_age = since(fetcher_.keys_loaded_at()),
          .revocations_age = since(fetcher_.revocations_loaded_at()),
          .cached_tokens = static_cast<int64_t>(trust->cache()->size()),
          .waiting_calls = static_cast<int64_t>(waiting_calls_)};
}

void Impl::Stop() {
  base::MutexLock stopping(&stop_mu_);
  {
    base::MutexLock lock(&mu_);
    stopped_ = true;
  }
  stop_.request_stop();
  wake_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

void Impl::Publish(const TrustParts& parts, News news) {
  auto trust =
      std::make_shared<Trust>(parts, news == News::kMore ? CurrentTrust()->cache() : NewCache());
  {
    base::MutexLock lock(&trust_mu_);
    trust_.swap(trust);
  }
  std::vector<std::function<void()>> callbacks;
  {
    base::MutexLock lock(&mu_);
    if (ready_ || !parts.ready()) return;
    ready_ = true;
    callbacks.swap(on_ready_);
  }
  for (const std::function<void()>& ready : callbacks) ready();
}

void Impl::Run() {
  while (!stop_.stop_requested()) {
    ServeWaiting();
    if (!fetcher_.FetchNextDue(stop_.get_token())) Sleep();
  }
  ServeWaiting();
}

void Impl::Sleep() {
  base::MutexLock lock(&mu_);
  while (queue_.empty() && !stopped_) {
    const base::MonotonicTime now = clock_.MonotonicNow();
    const base::MonotonicTime due = fetcher_.NextDue();
    if (due <= now) return;
    // Rounded up, so as not to wake a bit too early, again and again.
    wake_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(
                            std::min<base::MonotonicTime::duration>(due - now, kMaxSleep)));
  }
}

void Impl::ServeWaiting() {
  std::deque<Waiting> calls;
  {
    base::MutexLock lock(&mu_);
    calls.swap(queue_);
  }
  for (Waiting& call : calls) {
    const Verdict verdict = VerdictFor(call);
    {
      base::MutexLock lock(&mu_);
      --waiting_calls_;
      if (call.for_key) --waiting_for_keys_;
    }
    call.done(verdict);
  }
}

Verdict Impl::VerdictFor(const Waiting& call) {
  bool fetched_keys = false;
  for (int fetches = 0;; ++fetches) {
    const Known known = Ask(call.token);
    if (const auto* verdict = std::get_if<Verdict>(&known.finding)) return *verdict;
    const Missing& missing = std::get<Missing>(known.finding);
    const bool is_key = std::holds_alternative<MissingKey>(missing);
    if ((is_key && fetched_keys) || fetches >= kMaxFetches ||
        clock_.MonotonicNow() >= call.deadline || !MayFetch(missing, known.roles)) {
      return VerdictIfMissing(missing, known.roles);
    }
    fetched_keys |= is_key;
    fetcher_.Fetch(missing, stop_.get_token());
  }
}

}  // namespace

std::unique_ptr<IamAccessControl> IamAccessControl::Start(Options options, base::HttpSender& sender,
                                                          const base::Clock& clock,
                                                          OnIamChange on_change) {
  return std::make_unique<Impl>(std::move(options), sender, clock, std::move(on_change));
}

}  // namespace muster::auth
