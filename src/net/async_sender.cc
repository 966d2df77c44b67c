#include "net/async_sender.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "net/curl_exchange.h"
#include "net/curl_request.h"
#include "net/never_sent.h"
#include "net/send_queue.h"

namespace muster::net {
namespace {

using std::chrono::milliseconds;
using Result = absl::StatusOr<base::HttpResponse>;

// Longer than any wait needs: deadlines and calls end it.
constexpr milliseconds kLongestWait{60'000};

absl::Status Cancelled(const std::string& endpoint) {
  return absl::CancelledError(base::StrCat(endpoint, ": the sender ended"));
}

base::MonotonicTime MonotonicNow() { return base::Clock::System().MonotonicNow(); }

}  // namespace

class AsyncSender::Loop {
 public:
  explicit Loop(const Options& options);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Send(base::HttpRequest request, Done done);
  size_t pending() const;
  // Ends everything; returns when the thread did.
  void Stop();

 private:
  // A request that libcurl works on.
  struct Transfer {
    explicit Transfer(SendJob own_job) : job(std::move(own_job)) {}

    SendJob job;
    CurlExchange exchange;
    // Goes before what it points to.
    CurlEasy easy{curl_easy_init()};
  };

  // OK when the job was queued.
  absl::Status Enqueue(SendJob&& job);

  // All below on the thread.
  void Run();
  bool stopping() const;
  void Perform();
  void EndFinished();
  void EndExpired();
  void StartAdmitted();
  void Start(SendJob job);
  void Wait();
  void End(std::unique_ptr<Transfer> transfer, Result result);
  void EndAll(const std::function<absl::Status(const std::string& endpoint)>& error);
  void CancelQueued();
  // Makes room for another, then tells.
  void Tell(const SendJob& job, Result result);

  const ClientOptions client_;
  const CurlMulti multi_;

  mutable base::Mutex mu_;
  SendQueue queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // The thread's alone.
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
  std::thread thread_;
};

AsyncSender::Loop::Loop(const Options& options)
    : client_{.user_agent = options.user_agent},
      multi_(NewCurlMulti()),
      queue_({.max_in_flight = options.max_in_flight,
              .max_per_host = options.max_per_host,
              .max_waiting = options.max_waiting}) {
  if (multi_ == nullptr) return;
  // To libcurl 0 is no limit at all.
  const size_t idle = std::max<size_t>(1, options.max_idle_connections);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<CurlLong>(idle));
  thread_ = std::thread([this] { Run(); });
}

void AsyncSender::Loop::Stop() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void AsyncSender::Loop::Send(base::HttpRequest request, Done done) {
  absl::StatusOr<std::string> endpoint = EndpointOf(request.url);
  if (!endpoint.ok()) return done(MarkNeverSent(endpoint.status()));
  const base::MonotonicTime deadline = MonotonicNow() + CurlTimeout(request.timeout);
  SendJob job = {std::move(request), std::move(done), *std::move(endpoint), deadline};
  const absl::Status queued = Enqueue(std::move(job));
  if (!queued.ok()) return job.done(MarkNeverSent(queued));
  curl_multi_wakeup(multi_.get());
}

absl::Status AsyncSender::Loop::Enqueue(SendJob&& job) {
  if (multi_ == nullptr) return absl::UnavailableError("libcurl could not be set up");
  base::MutexLock lock(&mu_);
  if (stopping_) return Cancelled(job.endpoint);
  if (queue_.Add(std::move(job))) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      base::StrCat(job.endpoint, ": ", queue_.waiting(), " requests wait already"));
}

size_t AsyncSender::Loop::pending() const {
  base::MutexLock lock(&mu_);
  return queue_.in_flight() + queue_.waiting();
}

bool AsyncSender::Loop::stopping() const {
  base::MutexLock lock(&mu_);
  return stopping_;
}

void AsyncSender::Loop::Run() {
  while (!stopping()) {
    Perform();
    EndFinished();
    EndExpired();
    StartAdmitted();
    Wait();
  }
  EndAll(Cancelled);
  CancelQueued();
}

void AsyncSender::Loop::Perform() {
  int running = 0;
  const CURLMcode code = curl_multi_perform(multi_.get(), &running);
  if (code == CURLM_OK) return;
  EndAll([code](const std::string& endpoint) { return CurlMultiStatus(code, endpoint); });
}

void AsyncSender::Loop::EndFinished() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    std::unique_ptr<Transfer> transfer =
        std::move(transfers_.extract(message->easy_handle).mapped());
    Result result = transfer->exchange.Finish(code);
    End(std::move(transfer), std::move(result));
  }
}

void AsyncSender::Loop::EndExpired() {
  std::vector<SendJob> expired;
  {
    base::MutexLock lock(&mu_);
    expired = queue_.TakeExpired(MonotonicNow());
  }
  for (const SendJob& job : expired) {
    job.done(MarkNeverSent(absl::DeadlineExceededError(
        base::StrCat(job.endpoint, ": too many requests were before this one"))));
  }
}

void AsyncSender::Loop::StartAdmitted() {
  while (true) {
    std::optional<SendJob> job;
    {
      base::MutexLock lock(&mu_);
      job = queue_.TakeAdmitted();
    }
    if (!job) return;
    Start(*std::move(job));
  }
}

void AsyncSender::Loop::Start(SendJob job) {
  auto transfer = std::make_unique<Transfer>(std::move(job));
  CURL* const easy = transfer->easy.get();
  const auto left = std::chrono::ceil<milliseconds>(transfer->job.deadline - MonotonicNow());
  absl::Status status = transfer->exchange.Prepare(easy, client_, transfer->job.request, left);
  if (status.ok()) {
    status = CurlMultiStatus(curl_multi_add_handle(multi_.get(), easy), transfer->job.endpoint);
  }
  if (!status.ok()) return Tell(transfer->job, MarkNeverSent(status));
  transfers_.emplace(easy, std::move(transfer));
}

void AsyncSender::Loop::Wait() {
  std::optional<base::MonotonicTime> deadline;
  {
    base::MutexLock lock(&mu_);
    deadline = queue_.next_deadline();
  }
  milliseconds wait = kLongestWait;
  if (deadline) {
    wait = std::clamp(std::chrono::ceil<milliseconds>(*deadline - MonotonicNow()), milliseconds(0),
                      kLongestWait);
  }
  // An error shows at the next round of work.
  curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
}

void AsyncSender::Loop::End(std::unique_ptr<Transfer> transfer, Result result) {
  curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  Tell(transfer->job, std::move(result));
}

void AsyncSender::Loop::EndAll(
    const std::function<absl::Status(const std::string& endpoint)>& error) {
  for (auto& [easy, transfer] : std::exchange(transfers_, {})) {
    absl::Status status = error(transfer->job.endpoint);
    End(std::move(transfer), std::move(status));
  }
}

void AsyncSender::Loop::CancelQueued() {
  std::vector<SendJob> queued;
  {
    base::MutexLock lock(&mu_);
    queued = queue_.TakeAll();
  }
  for (const SendJob& job : queued) job.done(MarkNeverSent(Cancelled(job.endpoint)));
}

void AsyncSender::Loop::Tell(const SendJob& job, Result result) {
  {
    base::MutexLock lock(&mu_);
    queue_.Finished(job.endpoint);
  }
  job.done(std::move(result));
}

AsyncSender::AsyncSender(const Options& options) : loop_(std::make_unique<Loop>(options)) {}

// Callbacks may still call the sender.
AsyncSender::~AsyncSender() { loop_->Stop(); }

void AsyncSender::Send(base::HttpRequest request, Done done) {
  loop_->Send(std::move(request), std::move(done));
}

void AsyncSender::Stop() { loop_->Stop(); }

size_t AsyncSender::pending() const { return loop_->pending(); }

}  // namespace muster::net
