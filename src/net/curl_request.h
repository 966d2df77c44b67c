#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/http.h"
#include "curl/curl.h"
#include "net/client_options.h"

// What the senders share: a base::HttpRequest as libcurl needs it. For this folder only.
namespace muster::net {

// libcurl's options have no type of their own, so they must be passed as exactly this.
using CurlLong = long;  // NOLINT(google-runtime-int)

struct CurlEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;

struct CurlMultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

// The library is set up before the first of them; null when that, or memory, failed.
CurlMulti NewCurlMulti();

// "host:port" of a URL that can be called; else INVALID_ARGUMENT, which does not repeat the URL.
absl::StatusOr<std::string> EndpointOf(const std::string& url);

// `timeout` as libcurl takes one: at least a millisecond, at most 24 days.
std::chrono::milliseconds CurlTimeout(std::chrono::milliseconds timeout);

// OK or UNAVAILABLE.
absl::Status CurlMultiStatus(CURLMcode code, const std::string& endpoint);

// The request that one handle is set up for. Not thread-safe.
class CurlRequest {
 public:
  // For a handle that is new or was reset. `options`, `request` and this object live until the
  // transfer has ended. What becomes of the answer, and how long that may take, is not set.
  absl::Status Prepare(CURL* easy, const ClientOptions& options, const base::HttpRequest& request);

  // Sets a further option. That some fail must not go unseen: then all later ones do, and status()
  // is UNAVAILABLE.
  template <typename Value>
  void Set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
  }
  absl::Status status() const;

  // "host:port", for messages.
  const std::string& endpoint() const { return endpoint_; }
  // What the answer's head says; 0 before it.
  int http_status() const;
  // The status of a transfer that failed so.
  absl::Status ErrorOf(CURLcode code) const;

 private:
  void SetClient(const ClientOptions& options);
  void SetMessage(const base::HttpRequest& request);
  void SetPem(CURLoption option, const std::string& pem);

  CURL* easy_ = nullptr;
  std::string endpoint_;
  CurlList headers_;
  CURLcode code_ = CURLE_OK;
};

}  // namespace muster::net
