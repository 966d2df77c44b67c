#include "telemetry/exporters/http_writer.h"

#include <algorithm>
#include <utility>

#include "base/stop_wait.h"
#include "base/strings.h"

namespace muster::telemetry::exporters {
namespace {

constexpr int kTooManyRequests = 429;

absl::Status StatusOf(const absl::StatusOr<base::HttpResponse>& response) {
  if (!response.ok()) return response.status();
  if (response->status >= 200 && response->status < 300) return absl::OkStatus();
  const std::string message = base::StrCat("the server answered ", response->status);
  const bool may_pass = response->status >= 500 || response->status == kTooManyRequests;
  return may_pass ? absl::UnavailableError(message) : absl::FailedPreconditionError(message);
}

}  // namespace

HttpWriter::HttpWriter(Options options, std::unique_ptr<base::HttpSender> sender,
                       ExportCounts& counts, OnChange on_change)
    : options_(std::move(options)),
      sender_(std::move(sender)),
      counts_(counts),
      on_change_(std::move(on_change)) {}

void HttpWriter::Write(const Batch& batch, std::stop_token stop) {
  switch (SendBatch(RequestFor(batch), stop)) {
    case Outcome::kSent:
      counts_.sent.fetch_add(batch.records, std::memory_order_relaxed);
      return;
    case Outcome::kRefused:
      return counts_.Drop(DropReason::kRefused, batch.records);
    case Outcome::kTryAgain:
      return counts_.Drop(DropReason::kGaveUp, batch.records);
  }
}

base::HttpRequest HttpWriter::RequestFor(const Batch& batch) const {
  base::HttpRequest request = {.method = "POST",
                               .url = options_.url,
                               .headers = options_.headers,
                               .timeout = options_.timeout,
                               .discard_body = true};
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = base::StrCat(options_.before, batch.text, options_.after);
  return request;
}

HttpWriter::Outcome HttpWriter::SendBatch(const base::HttpRequest& request,
                                          const std::stop_token& stop) {
  std::chrono::milliseconds pause = options_.first_pause;
  for (int attempt = 1; !stop.stop_requested(); ++attempt) {
    const Outcome outcome = Attempt(request, stop);
    if (outcome != Outcome::kTryAgain || attempt >= options_.max_attempts) return outcome;
    if (!base::WaitUnlessStopped(pause, stop)) break;
    pause = std::min(2 * pause, options_.last_pause);
  }
  return Outcome::kTryAgain;
}

HttpWriter::Outcome HttpWriter::Attempt(const base::HttpRequest& request,
                                        const std::stop_token& stop) {
  const absl::Status status = StatusOf(sender_->Send(request, stop));
  if (absl::IsCancelled(status)) return Outcome::kTryAgain;
  NoteHealth(status);
  if (status.ok()) return Outcome::kSent;
  counts_.failed_attempts.fetch_add(1, std::memory_order_relaxed);
  const bool may_pass = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  return may_pass ? Outcome::kTryAgain : Outcome::kRefused;
}

void HttpWriter::NoteHealth(const absl::Status& status) {
  if (status.ok() == healthy_) return;
  healthy_ = status.ok();
  if (on_change_) on_change_(status);
}

}  // namespace muster::telemetry::exporters
