#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/http.h"
#include "telemetry/exporters/batcher.h"
#include "telemetry/exporters/export_counts.h"

namespace muster::telemetry::exporters {

// Posts each batch to a web server. 2xx: sent. 5xx, 429, no connection, a broken one and a timeout:
// tried again after a pause that doubles up to `last_pause`, `max_attempts` times in all. Any other
// status: dropped at once. What stands in the answer does not matter. An attempt that was cut by
// `stop` did not fail, but gave up.
class HttpWriter final : public BatchWriter {
 public:
  struct Options {
    std::string url;
    // Beside Content-Type: application/json.
    std::vector<base::HttpHeader> headers;
    // Put around a batch to make the body.
    std::string before;
    std::string after;
    // Of one attempt.
    std::chrono::milliseconds timeout{10'000};
    int max_attempts = 8;
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds last_pause{10'000};
  };

  // Called with the error when an attempt failed after one that did not (or at first), and with OK
  // when one succeeded after that: once a change. On the thread of the batcher. It must not lead to
  // records of this very exporter.
  using OnChange = std::function<void(const absl::Status&)>;

  // `counts` outlives the writer.
  HttpWriter(Options options, std::unique_ptr<base::HttpSender> sender, ExportCounts& counts,
             OnChange on_change);

  void Write(const Batch& batch, std::stop_token stop) override;

 private:
  enum class Outcome { kSent, kRefused, kTryAgain };
  base::HttpRequest RequestFor(const Batch& batch) const;
  // kTryAgain: there is no attempt left.
  Outcome SendBatch(const base::HttpRequest& request, const std::stop_token& stop);
  Outcome Attempt(const base::HttpRequest& request, const std::stop_token& stop);
  void NoteHealth(const absl::Status& status);

  const Options options_;
  const std::unique_ptr<base::HttpSender> sender_;
  ExportCounts& counts_;
  const OnChange on_change_;
  bool healthy_ = true;
};

}  // namespace muster::telemetry::exporters
