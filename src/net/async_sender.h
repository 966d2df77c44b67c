#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/http.h"

namespace muster::net {

// Sends many requests at once with libcurl, on one thread of its own, which keeps connections for
// the next request to the same server. Thread-safe.
class AsyncSender {
 public:
  struct Options {
    // Goes with every request.
    std::string user_agent;
    // Under way at once; more wait. Of the same host and port, at most `max_per_host` are under
    // way; the others wait in their order, without holding back those of other hosts.
    size_t max_in_flight = 1000;
    size_t max_per_host = 64;
    // Waiting ones; more are refused with RESOURCE_EXHAUSTED. Their timeout runs while they wait.
    size_t max_waiting = 100'000;
    // Connections kept open without a request, at least 1.
    size_t max_idle_connections = 200;
  };
  // Called once, on the sender's thread or, for a refused request, on the caller's; must be short.
  using Done = std::function<void(absl::StatusOr<base::HttpResponse>)>;

  explicit AsyncSender(const Options& options);
  // Ends what is under way or waits with CANCELLED.
  ~AsyncSender();
  AsyncSender(const AsyncSender&) = delete;
  AsyncSender& operator=(const AsyncSender&) = delete;

  // Results and errors are those of base::HttpSender::Send, with the mark of NeverSent.
  void Send(base::HttpRequest request, Done done);

  // Ends what is under way with CANCELLED, and refuses what comes later so, on the caller's thread.
  // Returns when no other call of a `done` is running and none will come. May be called twice, but
  // not by two threads at once, and not from a `done`.
  void Stop();

  // Under way and waiting.
  size_t pending() const;

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace muster::net
