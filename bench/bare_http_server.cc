#include <array>
#include <csignal>
#include <ctime>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http.hpp"
#include "net/server/http_server.h"

// Answers GET /healthz with a fixed body and the same head, in two ways: with nothing but Beast and
// coroutines, as its examples do, the reference; or with the project's own server around the same
// trivial handler.
namespace muster::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Flags {
  int port = 0;
  size_t threads = 1;
  std::string body = "ok";
  bool muster = false;
};

constexpr std::string_view kPath = "/healthz";
constexpr std::string_view kPlain = "text/plain; charset=utf-8";

void PrintReady(int port) {
  std::cout << R"({"msg":"ready","http":"127.0.0.1:)" << port << "\"}" << std::endl;
}

auto Into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

// As HTTP writes it; made anew each second, as the project's server does.
const std::string& DateNow() {
  thread_local time_t made_at = 0;
  thread_local std::string date;
  const time_t now = time(nullptr);
  if (now == made_at) return date;
  made_at = now;
  std::array<char, 64> text{};
  tm parts{};
  const size_t size =
      strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
  date.assign(text.data(), size);
  return date;
}

http::response<http::string_body> AnswerTo(const http::request<http::string_body>& request,
                                           const std::string& body) {
  const bool known = request.target() == beast::string_view(kPath.data(), kPath.size());
  http::response<http::string_body> response(known ? http::status::ok : http::status::not_found,
                                             request.version());
  response.set(http::field::server, "muster");
  response.set(http::field::date, DateNow());
  response.set(http::field::content_type, beast::string_view(kPlain.data(), kPlain.size()));
  response.keep_alive(request.keep_alive());
  if (known) response.body() = body;
  response.prepare_payload();
  return response;
}

asio::awaitable<void> Serve(tcp::socket socket, const std::string& body) {
  beast::flat_buffer buffer;
  error_code error;
  bool keep_alive = true;
  while (keep_alive) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, Into(error));
    if (error) co_return;
    const http::response<http::string_body> response = AnswerTo(request, body);
    keep_alive = response.keep_alive();
    co_await http::async_write(socket, response, Into(error));
    if (error) co_return;
  }
}

// One context a thread; connections go to them in turn.
class BareServer {
 public:
  explicit BareServer(const Flags& flags) : flags_(flags) {
    for (size_t i = 0; i < flags.threads; ++i) {
      contexts_.push_back(std::make_unique<asio::io_context>(1));
      guards_.push_back(asio::make_work_guard(*contexts_.back()));
    }
  }

  void Run() {
    asio::co_spawn(*contexts_.front(), Accept(), asio::detached);
    std::vector<std::jthread> threads;
    threads.reserve(contexts_.size());
    for (const auto& context : contexts_) threads.emplace_back([&context] { context->run(); });
  }

 private:
  asio::awaitable<void> Accept() {
    const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"),
                                 static_cast<asio::ip::port_type>(flags_.port));
    tcp::acceptor acceptor(*contexts_.front(), endpoint);
    PrintReady(acceptor.local_endpoint().port());
    for (size_t next = 0;; ++next) {
      asio::io_context& context = *contexts_[next % contexts_.size()];
      tcp::socket socket(context);
      co_await acceptor.async_accept(socket, asio::use_awaitable);
      socket.set_option(tcp::no_delay(true));
      asio::co_spawn(context, Serve(std::move(socket), flags_.body), asio::detached);
    }
  }

  const Flags flags_;
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
};

class FixedHandler final : public net::server::Handler {
 public:
  explicit FixedHandler(std::string body) : body_(std::move(body)) {}
  void Handle(net::server::Request request, net::server::Reply reply) override {
    const bool known = request.path == kPath;
    reply.Send({.status = known ? 200 : 404,
                .content_type = std::string(kPlain),
                .body = known ? body_ : std::string()});
  }

 private:
  const std::string body_;
};

int RunMuster(const Flags& flags) {
  FixedHandler handler(flags.body);
  net::server::HttpServer::Options options;
  options.port = flags.port;
  options.threads = flags.threads;
  const auto server = net::server::HttpServer::Start(options, handler);
  if (!server.ok()) {
    std::cerr << "bench_bare_http: " << server.status().ToString() << "\n";
    return 1;
  }
  PrintReady((*server)->port());
  // Until a signal ends the process.
  sigset_t none;
  sigemptyset(&none);
  sigsuspend(&none);
  return 0;
}

int Main(const Flags& flags) {
  if (flags.muster) return RunMuster(flags);
  BareServer(flags).Run();
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Answers GET /healthz with a fixed body");
  app.option_defaults()->always_capture_default();
  app.add_option("--port", flags.port, "Of 127.0.0.1; 0: any free one");
  app.add_option("--threads", flags.threads, "Each with its own context")
      ->check(CLI::PositiveNumber);
  app.add_option("--body", flags.body, "What is answered");
  app.add_flag("--muster", flags.muster, "With the project's server instead of Beast alone");
  CLI11_PARSE(app, argc, argv);
  return muster::bench::Main(flags);
}
