#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/http.h"
#include "base/mutex.h"
#include "net/curl_sender.h"
#include "provision/engine_endpoint.h"

namespace muster::provision {

struct EngineCall {
  std::string method = "GET";
  // Behind the API's version, with the query.
  std::string path;
  // JSON.
  std::string body;
  // See RegistryAuth; empty: none is sent.
  std::string registry_auth;
  std::chrono::milliseconds timeout{60'000};
};

// The Docker Engine's HTTP API, at a version that this client and the engine both know.
// Thread-safe; as many calls at once as there are callers.
class EngineApi {
 public:
  // Details: see ContainerOptions::on_detail.
  EngineApi(EngineEndpoint endpoint, std::function<void(std::string_view detail)> on_detail);

  // The body of an answer 2xx or 304. Otherwise an error with a message fit for players, and the
  // engine's words go to on_detail, unless a GET or DELETE finds nothing: INVALID_ARGUMENT for 400,
  // PERMISSION_DENIED for 401 and 403, NOT_FOUND for 404, ABORTED for 409, UNAVAILABLE for 503,
  // RESOURCE_EXHAUSTED when the engine lacks ports, memory or disk, else INTERNAL; without an
  // answer UNAVAILABLE or DEADLINE_EXCEEDED, and CANCELLED when stopped. FAILED_PRECONDITION when
  // the engine is too old. That an engine is away goes to on_detail once, and that it is back.
  absl::StatusOr<std::string> Call(const EngineCall& call, const std::stop_token& stop);

  // Reads an endless answer line by line; see net::StreamLines.
  absl::Status Stream(const std::string& path, const std::stop_token& stop,
                      const std::function<void(std::string_view line)>& on_line);

  // See EngineEndpoint.
  const std::string& remote_host() const { return endpoint_.remote_host; }
  void Detail(std::string_view detail) const;

 private:
  // For example "/v1.41".
  absl::StatusOr<std::string> VersionPrefix(const std::stop_token& stop);
  absl::StatusOr<base::HttpResponse> Send(const base::HttpRequest& request,
                                          const std::stop_token& stop);
  // Remembers whether the engine is there; true when that changed.
  bool SetAway(bool away);
  std::unique_ptr<net::CurlSender> Borrow();
  void GiveBack(std::unique_ptr<net::CurlSender> sender);

  const EngineEndpoint endpoint_;
  const std::function<void(std::string_view)> on_detail_;

  base::Mutex mu_;
  std::vector<std::unique_ptr<net::CurlSender>> idle_ ABSL_GUARDED_BY(mu_);
  // Asked for anew after the engine was away: it may be another.
  std::optional<std::string> prefix_ ABSL_GUARDED_BY(mu_);
  bool away_ ABSL_GUARDED_BY(mu_) = false;
};

// The value of the header X-Registry-Auth: base64url of {"username":...,"password":...}. Empty
// without a user.
std::string RegistryAuth(const std::string& user, const std::string& password);

// `text` for a query.
std::string QueryValue(std::string_view text);

}  // namespace muster::provision
