#include "net/curl_exchange.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::net {

absl::Status CurlExchange::Prepare(CURL* easy, const ClientOptions& options,
                                   const base::HttpRequest& request,
                                   std::chrono::milliseconds timeout) {
  max_bytes_ = request.max_response_bytes;
  discard_ = request.discard_body;
  MUSTER_RETURN_IF_ERROR(request_.Prepare(easy, options, request));
  request_.Set(CURLOPT_WRITEFUNCTION, &CurlExchange::Receive);
  request_.Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  const auto timeout_ms = static_cast<CurlLong>(CurlTimeout(timeout).count());
  request_.Set(CURLOPT_TIMEOUT_MS, timeout_ms);
  request_.Set(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
  return request_.status();
}

size_t CurlExchange::Receive(char* data, size_t size, size_t count, void* self) {
  auto& to = *static_cast<CurlExchange*>(self);
  const size_t bytes = size * count;
  to.too_long_ = bytes > to.max_bytes_ - to.bytes_;
  // Any other number than `bytes` makes libcurl end the transfer.
  if (to.too_long_) return bytes + 1;
  to.bytes_ += bytes;
  if (!to.discard_) to.body_.append(data, bytes);
  return bytes;
}

absl::StatusOr<base::HttpResponse> CurlExchange::Finish(CURLcode code) {
  // Of a body that is not wanted, the end is not missed.
  if (code == CURLE_OK || (discard_ && too_long_)) {
    return base::HttpResponse{request_.http_status(), std::move(body_)};
  }
  if (!too_long_) return request_.ErrorOf(code);
  return absl::ResourceExhaustedError(
      base::StrCat(endpoint(), ": the answer is longer than ", max_bytes_, " bytes"));
}

}  // namespace muster::net
