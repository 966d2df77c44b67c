#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "net/curl_request.h"

namespace muster::net {

// Runs transfers one after the other, blocking, and keeps their connections. The multi handle owns
// those, so a stop can wake the one thing that waits for them. Not thread-safe.
class CurlTransfer {
 public:
  // Asked before each wait: how long it may be at most, or why the transfer ends.
  using Limit = std::function<absl::StatusOr<std::chrono::milliseconds>()>;

  // A wait longer than any transfer needs, whose end is up to libcurl's timeouts and the stop.
  static absl::StatusOr<std::chrono::milliseconds> NoLimit();

  CurlTransfer() : multi_(NewCurlMulti()), easy_(multi_ ? curl_easy_init() : nullptr) {}

  // The handle of the next transfer, without what the one before set; null when libcurl could not
  // be set up.
  CURL* Reset();
  // Runs the transfer of that handle to its end and says how that was. CANCELLED soon after `stop`
  // was requested; the error of `limit`; UNAVAILABLE when libcurl cannot run it.
  absl::StatusOr<CURLcode> Run(const std::string& endpoint, const std::stop_token& stop,
                               const Limit& limit = NoLimit);

 private:
  absl::StatusOr<CURLcode> RunAdded(const std::string& endpoint, const std::stop_token& stop,
                                    const Limit& limit);

  const CurlMulti multi_;
  // Goes first.
  const CurlEasy easy_;
};

}  // namespace muster::net
