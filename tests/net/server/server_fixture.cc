#include "tests/net/server/server_fixture.h"

#include <chrono>
#include <thread>

#include "base/strings.h"

namespace muster::net::server {
namespace {

class LoggingHandler final : public WebSocketHandler {
 public:
  LoggingHandler(SocketLog& log, bool echo) : log_(log), echo_(echo) {}
  void OnOpen(std::shared_ptr<WebSocket> socket) override {
    socket_ = socket;
    log_.OnOpen(std::move(socket));
  }
  void OnMessage(std::string_view text) override {
    log_.OnMessage(text);
    if (echo_) socket_->Send(std::make_shared<const std::string>(text));
  }
  void OnClose() override { log_.OnClose(); }

 private:
  SocketLog& log_;
  const bool echo_;
  std::shared_ptr<WebSocket> socket_;
};

}  // namespace

bool Await(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

void TestHandler::Handle(Request request, Reply reply) {
  ++calls_;
  ++running_;
  if (script_) {
    script_(std::move(request), std::move(reply));
  } else {
    reply.Send({.content_type = "text/plain", .body = "hello"});
  }
  --running_;
}

std::unique_ptr<WebSocketHandler> SocketLog::NewHandler(bool echo) {
  return std::make_unique<LoggingHandler>(*this, echo);
}

void SocketLog::OnOpen(std::shared_ptr<WebSocket> socket) {
  const base::MutexLock lock(&mutex_);
  socket_ = std::move(socket);
  ++opened_;
}

void SocketLog::OnMessage(std::string_view text) {
  const base::MutexLock lock(&mutex_);
  messages_.emplace_back(text);
}

void SocketLog::OnClose() {
  const base::MutexLock lock(&mutex_);
  ++closed_;
}

std::shared_ptr<WebSocket> SocketLog::socket() const {
  const base::MutexLock lock(&mutex_);
  return socket_;
}

std::vector<std::string> SocketLog::messages() const {
  const base::MutexLock lock(&mutex_);
  return messages_;
}

int SocketLog::opened() const {
  const base::MutexLock lock(&mutex_);
  return opened_;
}

int SocketLog::closed() const {
  const base::MutexLock lock(&mutex_);
  return closed_;
}

void HttpServerTest::Start(HttpServer::Options options) {
  options.on_refusal = [this](Refusal refusal) { ++refusals_[static_cast<size_t>(refusal)]; };
  auto server = HttpServer::Start(std::move(options), handler_);
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
}

void HttpServerTest::StartWebSockets(HttpServer::Options options, bool echo) {
  handler_.Do([this, echo](const Request&, Reply reply) { reply.Accept(log_.NewHandler(echo)); });
  Start(std::move(options));
}

std::string GetRequest(std::string_view path, std::string_view headers) {
  return base::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n");
}

}  // namespace muster::net::server
