#include "auth/jwks_keys.h"

#include <algorithm>
#include <utility>

#include "auth/fetch_pauses.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

// The longest sleep of the thread; also keeps far times from overflowing.
constexpr std::chrono::milliseconds kMaxSleep{3'600'000};

}  // namespace

JwksKeys::JwksKeys(Options options, base::HttpSender& sender, const base::Clock& clock,
                   OnChange on_change)
    : options_(std::move(options)),
      sender_(sender),
      clock_(clock),
      on_change_(std::move(on_change)),
      problem_("no keys yet: the first fetch goes on"),
      // The first fetch is under way: nobody need ask for it.
      refetch_from_(base::MonotonicTime::max()),
      thread_([this] { Run(); }) {}

JwksKeys::~JwksKeys() {
  {
    base::MutexLock lock(&mu_);
    stopped_ = true;
  }
  stop_.request_stop();
  wake_.SignalAll();
  thread_.join();
}

JwksKeys::Snapshot JwksKeys::Current() const {
  base::MutexLock lock(&mu_);
  return current_;
}

void JwksKeys::NoteUnknownKey() {
  const base::MonotonicTime now = clock_.MonotonicNow();
  base::MutexLock lock(&mu_);
  if (now < refetch_from_) return;
  wanted_ = true;
  wake_.Signal();
}

absl::Status JwksKeys::Ready() const {
  base::MutexLock lock(&mu_);
  return current_.keys != nullptr ? absl::OkStatus() : absl::UnavailableError(problem_);
}

void JwksKeys::Run() {
  while (!stop_.stop_requested()) {
    Fetch();
    Sleep();
  }
}

void JwksKeys::Fetch() {
  const absl::Status status = Load();
  // That we are stopped says nothing of the issuer.
  if (!stop_.stop_requested()) Note(status);
}

absl::Status JwksKeys::Load() {
  const base::HttpRequest request{.url = options_.url, .timeout = options_.timeout};
  MUSTER_ASSIGN_OR_RETURN(base::HttpResponse response, sender_.Send(request, stop_.get_token()));
  if (response.status != 200) {
    return absl::UnavailableError(
        base::StrCat("the issuer answered with status ", response.status));
  }
  if (response.body == last_answer_) return absl::OkStatus();
  MUSTER_ASSIGN_OR_RETURN(KeySet keys, KeySet::Parse(response.body));
  last_answer_ = std::move(response.body);
  auto shared = std::make_shared<const KeySet>(std::move(keys));
  base::MutexLock lock(&mu_);
  current_ = {std::move(shared), current_.version + 1};
  return absl::OkStatus();
}

void JwksKeys::Note(const absl::Status& status) {
  const bool failed_before = retry_pause_.count() > 0;
  retry_pause_ = status.ok()
                     ? std::chrono::milliseconds(0)
                     : NextRetryPause(retry_pause_, options_.first_retry, options_.last_retry);
  const base::MonotonicTime now = clock_.MonotonicNow();
  due_ = now + (status.ok() ? options_.fetch_interval : retry_pause_);
  {
    base::MutexLock lock(&mu_);
    wanted_ = false;
    refetch_from_ = now + std::max(options_.refetch_pause, retry_pause_);
    problem_ = base::StrCat("no keys yet: ", status.message());
  }
  if (failed_before == status.ok() && on_change_) on_change_(status);
}

void JwksKeys::Sleep() {
  base::MutexLock lock(&mu_);
  while (!wanted_ && !stopped_) {
    const base::MonotonicTime now = clock_.MonotonicNow();
    if (due_ <= now) return;
    // Rounded up, so as not to wake a bit too early, again and again.
    wake_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(
                            std::min<base::MonotonicTime::duration>(due_ - now, kMaxSleep)));
  }
}

}  // namespace muster::auth
