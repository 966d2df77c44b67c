#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "base/http.h"
#include "net/client_options.h"
#include "net/curl_request.h"

namespace muster::net {

// One request with its answer held in memory; as base::HttpSender::Send says, but for the transfer
// itself, which its user runs. Stays where it is from Prepare to the transfer's end.
class CurlExchange {
 public:
  CurlExchange() = default;
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // As CurlRequest::Prepare; the transfer may take `timeout`, whatever the request says.
  absl::Status Prepare(CURL* easy, const ClientOptions& options, const base::HttpRequest& request,
                       std::chrono::milliseconds timeout);
  // After the transfer, which ended so.
  absl::StatusOr<base::HttpResponse> Finish(CURLcode code);

  const std::string& endpoint() const { return request_.endpoint(); }

 private:
  static size_t Receive(char* data, size_t size, size_t count, void* self);

  CurlRequest request_;
  size_t max_bytes_ = 0;
  bool discard_ = false;
  size_t bytes_ = 0;
  std::string body_;
  bool too_long_ = false;
};

}  // namespace muster::net
