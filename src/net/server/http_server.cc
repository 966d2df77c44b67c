#include "net/server/http_server.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/strings.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "net/server/http_connection.h"
#include "net/server/io_thread.h"
#include "net/server/listener.h"
#include "net/server/serving.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;

size_t ThreadsOf(const HttpServer::Options& options) {
  if (options.threads > 0) return options.threads;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

// Often enough for the shortest timeout to be off by little, seldom enough to cost nothing.
milliseconds CheckInterval(const HttpServer::Options& options) {
  const milliseconds shortest =
      std::min({options.head_timeout, options.body_timeout, options.idle_timeout,
                options.write_timeout, options.socket_idle_timeout});
  return std::clamp(shortest / 8, milliseconds(5), milliseconds(250));
}

class AsioHttpServer final : public HttpServer {
 public:
  AsioHttpServer(Options options, Handler& handler) : serving_(std::move(options), handler) {}
  ~AsioHttpServer() override { Stop(milliseconds(0)); }

  absl::Status Listen();
  void Run();

  const std::string& address() const override { return address_; }
  int port() const override { return listener_->port(); }
  size_t connections() const override { return serving_.admission.connections(); }
  size_t web_sockets() const override { return serving_.web_sockets; }
  void Stop(milliseconds grace) override;

 private:
  // On the first thread: takes the threads in turn.
  std::shared_ptr<IoThread> NextThread() { return threads_[next_thread_++ % threads_.size()]; }
  void OnSocket(std::shared_ptr<IoThread> thread, Socket socket, std::string peer);

  Serving serving_;
  // Before `listener_`, which lives on the first of them.
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::unique_ptr<Listener> listener_;
  std::string address_;
  size_t next_thread_ = 0;

  base::Mutex stop_mutex_;
  bool stopped_ ABSL_GUARDED_BY(stop_mutex_) = true;
};

absl::Status AsioHttpServer::Listen() {
  const Options& options = serving_.options;
  const size_t threads = ThreadsOf(options);
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_shared<IoThread>(CheckInterval(options)));
  }
  MUSTER_ASSIGN_OR_RETURN(
      listener_, Listener::Open(threads_.front()->executor(), options.address, options.port));
  address_ = base::JoinHostPort(options.address, listener_->port());
  return absl::OkStatus();
}

void AsioHttpServer::Run() {
  boost::asio::co_spawn(
      threads_.front()->executor(),
      listener_->Run([this] { return NextThread(); },
                     [this](std::shared_ptr<IoThread> thread, Socket socket, std::string peer) {
                       OnSocket(std::move(thread), std::move(socket), std::move(peer));
                     },
                     [this] { serving_.CountRefusal(Refusal::kAcceptFailed); }),
      boost::asio::detached);
  for (const std::shared_ptr<IoThread>& thread : threads_) thread->Start();
  const base::MutexLock lock(&stop_mutex_);
  stopped_ = false;
}

void AsioHttpServer::OnSocket(std::shared_ptr<IoThread> thread, Socket socket, std::string peer) {
  std::optional<Admission::Ticket> ticket = serving_.admission.Enter(std::move(peer));
  IoThread& target = *thread;
  target.Post([this, thread = std::move(thread), socket = std::move(socket),
               ticket = std::move(ticket)]() mutable {
    if (thread->draining()) return;
    if (ticket) {
      HttpConnection::Serve(serving_, std::move(thread), std::move(socket), *std::move(ticket));
    } else {
      HttpConnection::TurnAway(serving_, std::move(thread), std::move(socket));
    }
  });
}

void AsioHttpServer::Stop(milliseconds grace) {
  // Held to the end: who comes second finds the server stopped.
  const base::MutexLock lock(&stop_mutex_);
  if (std::exchange(stopped_, true)) return;
  threads_.front()->Post([this] { listener_->Close(); });
  for (const std::shared_ptr<IoThread>& thread : threads_) {
    thread->Post([&thread = *thread] { thread.DrainAll(); });
  }
  serving_.admission.WaitUntilEmpty(grace);
  for (const std::shared_ptr<IoThread>& thread : threads_) thread->Stop();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Options options, Handler& handler) {
  auto server = std::make_unique<AsioHttpServer>(std::move(options), handler);
  MUSTER_RETURN_IF_ERROR(server->Listen());
  server->Run();
  return server;
}

}  // namespace muster::net::server
