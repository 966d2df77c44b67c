#include "net/curl_transfer.h"

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::net {

CURL* CurlTransfer::Reset() {
  if (easy_ != nullptr) curl_easy_reset(easy_.get());
  return easy_.get();
}

absl::StatusOr<std::chrono::milliseconds> CurlTransfer::NoLimit() {
  return std::chrono::minutes(1);
}

absl::StatusOr<CURLcode> CurlTransfer::Run(const std::string& endpoint, const std::stop_token& stop,
                                           const Limit& limit) {
  MUSTER_RETURN_IF_ERROR(
      CurlMultiStatus(curl_multi_add_handle(multi_.get(), easy_.get()), endpoint));
  absl::StatusOr<CURLcode> code = RunAdded(endpoint, stop, limit);
  // Only now may what the options point to go away.
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return code;
}

absl::StatusOr<CURLcode> CurlTransfer::RunAdded(const std::string& endpoint,
                                                const std::stop_token& stop, const Limit& limit) {
  CURLM* const multi = multi_.get();
  const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
  int running = 1;
  while (running > 0) {
    if (stop.stop_requested()) {
      return absl::CancelledError(base::StrCat(endpoint, ": the call was stopped"));
    }
    MUSTER_RETURN_IF_ERROR(CurlMultiStatus(curl_multi_perform(multi, &running), endpoint));
    if (running == 0) break;
    MUSTER_ASSIGN_OR_RETURN(const std::chrono::milliseconds wait, limit());
    MUSTER_RETURN_IF_ERROR(CurlMultiStatus(
        curl_multi_poll(multi, nullptr, 0, static_cast<int>(wait.count()), nullptr), endpoint));
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

}  // namespace muster::net
