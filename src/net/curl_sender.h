#pragma once

#include <memory>
#include <string>

#include "base/http.h"
#include "net/client_options.h"

namespace muster::net {

class CurlTransfer;

// Sends with libcurl and keeps the connection for the next request; one that the server closed
// meanwhile is replaced without an error. A server whose TLS certificate is not of a known
// authority, or not for the URL's host, is UNAVAILABLE and is sent nothing. Proxies of the
// environment are not used. Not thread-safe: each user has its own.
class CurlSender final : public base::HttpSender {
 public:
  using Options = ClientOptions;

  explicit CurlSender(Options options);
  // Trusts the machine's authorities.
  explicit CurlSender(std::string user_agent);
  ~CurlSender() override;
  CurlSender(const CurlSender&) = delete;
  CurlSender& operator=(const CurlSender&) = delete;

  // Beside what HttpSender says: a header that holds a line's end is INVALID_ARGUMENT, and what
  // libcurl itself cannot do is UNAVAILABLE.
  absl::StatusOr<base::HttpResponse> Send(const base::HttpRequest& request,
                                          std::stop_token stop) override;

 private:
  const Options options_;
  const std::unique_ptr<CurlTransfer> transfer_;
};

// OK when `url` is an http or https URL with a host; else INVALID_ARGUMENT saying what is wrong. It
// does not repeat the URL, which may hold a password.
absl::Status CheckUrl(const std::string& url);

}  // namespace muster::net
