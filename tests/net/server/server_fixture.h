#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/server/http_server.h"
#include "tests/support/raw_http_client.h"

namespace muster::net::server {

// Waits until `condition` holds; false when it does not for very long.
bool Await(const std::function<bool()>& condition);

// Does as the test says; until it says so, answers everything with 200 "hello".
class TestHandler final : public Handler {
 public:
  using Script = std::function<void(Request, Reply)>;

  // Before the first request.
  void Do(Script script) { script_ = std::move(script); }
  void Handle(Request request, Reply reply) override;
  int calls() const { return calls_; }
  // Now under way.
  int running() const { return running_; }

 private:
  Script script_;
  std::atomic<int> calls_ = 0;
  std::atomic<int> running_ = 0;
};

// What came over a WebSocket; outlives the handler that writes to it. Thread-safe.
class SocketLog {
 public:
  // A handler that writes here and, when `echo` is set, sends each message back.
  std::unique_ptr<WebSocketHandler> NewHandler(bool echo = true);

  void OnOpen(std::shared_ptr<WebSocket> socket);
  void OnMessage(std::string_view text);
  void OnClose();

  std::shared_ptr<WebSocket> socket() const;
  std::vector<std::string> messages() const;
  int opened() const;
  int closed() const;

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<WebSocket> socket_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
  int opened_ ABSL_GUARDED_BY(mutex_) = 0;
  int closed_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A server on a free port, and clients for it.
class HttpServerTest : public testing::Test {
 protected:
  using Client = support::RawHttpClient;
  using Frame = support::RawFrame;

  void Start(HttpServer::Options options = {});
  // Requests become WebSockets that write to `log_`.
  void StartWebSockets(HttpServer::Options options = {}, bool echo = true);
  int port() const { return server_->port(); }
  int Refusals(Refusal refusal) const { return refusals_[static_cast<size_t>(refusal)]; }

  TestHandler handler_;
  SocketLog log_;
  std::array<std::atomic<int>, kRefusals> refusals_{};
  std::unique_ptr<HttpServer> server_;
};

// "GET path" as text.
std::string GetRequest(std::string_view path, std::string_view headers = "");

MATCHER_P(HasStatus, status, "") {
  *result_listener << "which is " << (arg ? std::to_string(arg->status) : "no response");
  return arg && arg->status == status;
}

}  // namespace muster::net::server
