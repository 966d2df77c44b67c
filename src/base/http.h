#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace muster::base {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  // Any but HEAD, whose answer has no body where others have one.
  std::string method = "GET";
  // http:// or https://; no other scheme is spoken.
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
  // From the look-up of the name to the last byte of the answer.
  std::chrono::milliseconds timeout{10'000};
  // A longer answer is an error, and no more than this of it is held.
  size_t max_response_bytes = size_t{1} << 20;
  // For callers to whom the status says all: the answer's body is forgotten, and a longer one is no
  // error, but is not read to its end.
  bool discard_body = false;
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

// The one way to call a web server. Implementations say whether they are thread-safe.
class HttpSender {
 public:
  virtual ~HttpSender() = default;

  // Blocks until the answer is whole. An answer is OK whatever its status says; redirects are not
  // followed. UNAVAILABLE when there was no connection or it broke, DEADLINE_EXCEEDED past the
  // timeout, CANCELLED soon after `stop` was requested, RESOURCE_EXHAUSTED when the answer is too
  // long, INVALID_ARGUMENT when the URL is none. Messages name the host, never headers or bodies.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request, std::stop_token stop) = 0;
};

// The header of HTTP's basic authentication (RFC 7617).
HttpHeader BasicAuthorization(std::string_view user, std::string_view password);

}  // namespace muster::base
