#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <list>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::support {
namespace {

// A test that sends more has gone wrong.
constexpr size_t kMaxHeadBytes = size_t{1} << 20;

// The constructor has no other way to say it, and the test cannot go on.
void Require(bool condition, const char* what) {
  if (!condition) throw std::system_error(errno, std::generic_category(), what);
}

int Listen(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(listener >= 0, "socket");
  const int on = 1;
  Require(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0, "setsockopt");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "bind");
  Require(listen(listener, SOMAXCONN) == 0, "listen");
  return listener;
}

int ListenAt(const std::string& unix_socket) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (unix_socket.size() >= sizeof(address.sun_path)) throw std::length_error(unix_socket);
  unix_socket.copy(address.sun_path, unix_socket.size());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(listener >= 0, "socket");
  Require(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "bind");
  Require(listen(listener, SOMAXCONN) == 0, "listen");
  return listener;
}

int PortOf(int listener) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  Require(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

// Waits until the other side closes or this one shuts the connection down; true then, false when
// the time ran out. Negative: no limit.
bool WaitForEnd(int connection, std::chrono::milliseconds limit) {
  pollfd watched = {connection, POLLRDHUP, 0};
  return poll(&watched, 1, static_cast<int>(limit.count())) > 0;
}

// Moves bytes of the connection to `buffer` until it holds `bytes`; false when it ended before.
bool ReadUntil(int connection, size_t bytes, std::string* buffer) {
  std::array<char, 65536> chunk;
  while (buffer->size() < bytes) {
    const ssize_t got = recv(connection, chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    buffer->append(chunk.data(), static_cast<size_t>(got));
  }
  return true;
}

void SendAll(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

void ParseHeader(std::string_view line, HttpCall* call) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const auto value = absl::StripAsciiWhitespace(base::ToAbsl(line.substr(colon + 1)));
  call->headers[absl::AsciiStrToLower(base::ToAbsl(line.substr(0, colon)))] = std::string(value);
}

HttpCall ParseHead(std::string_view head) {
  HttpCall call;
  const std::string_view first = head.substr(0, head.find("\r\n"));
  const size_t path_at = std::min(first.find(' '), first.size());
  call.method = first.substr(0, path_at);
  if (path_at < first.size()) {
    const std::string_view rest = first.substr(path_at + 1);
    call.path = rest.substr(0, rest.find(' '));
  }
  for (size_t at = first.size(); at < head.size();) {
    at += 2;
    const size_t end = std::min(head.find("\r\n", at), head.size());
    ParseHeader(head.substr(at, end - at), &call);
    at = end;
  }
  return call;
}

// The next call of a connection; bytes of the one after it stay in `buffer`.
bool ReadCall(int connection, std::string* buffer, HttpCall* call) {
  size_t end = 0;
  while ((end = buffer->find("\r\n\r\n")) == std::string::npos) {
    if (buffer->size() > kMaxHeadBytes) return false;
    if (!ReadUntil(connection, buffer->size() + 1, buffer)) return false;
  }
  *call = ParseHead(std::string_view(*buffer).substr(0, end));
  buffer->erase(0, end + 4);
  size_t length = 0;
  if (const auto header = call->headers.find("content-length"); header != call->headers.end()) {
    if (!absl::SimpleAtoi(header->second, &length)) return false;
  }
  if (!ReadUntil(connection, length, buffer)) return false;
  call->body = buffer->substr(0, length);
  buffer->erase(0, length);
  return true;
}

// Without the line that ends it.
std::string OpenHeadOf(const HttpReply& reply) {
  std::string head = base::StrCat("HTTP/1.1 ", reply.status, " Reply\r\n");
  for (const auto& [name, value] : reply.headers) head += base::StrCat(name, ": ", value, "\r\n");
  return head;
}

std::string HeadOf(const HttpReply& reply) {
  return base::StrCat(OpenHeadOf(reply), "Content-Length: ", reply.body.size(), "\r\n\r\n");
}

// Whether the connection may take another call.
bool SendReply(int connection, const HttpReply& reply) {
  if (reply.delay.count() > 0 && WaitForEnd(connection, reply.delay)) return false;
  switch (reply.manner) {
    case HttpManner::kWhole:
      SendAll(connection, HeadOf(reply) + reply.body);
      return true;
    case HttpManner::kHalf:
      SendAll(connection, HeadOf(reply) + reply.body.substr(0, reply.body.size() / 2));
      return false;
    case HttpManner::kClose:
      return false;
    case HttpManner::kOpen:
      SendAll(connection, base::StrCat(OpenHeadOf(reply), "\r\n", reply.body));
      WaitForEnd(connection, std::chrono::milliseconds(-1));
      return false;
    case HttpManner::kSilent:
      WaitForEnd(connection, std::chrono::milliseconds(-1));
      return false;
  }
  return false;
}

}  // namespace

struct HttpServer::State {
  struct Connection {
    int descriptor = -1;
    std::atomic<bool> ended = false;
    std::thread thread;
  };

  State(Handler own_handler, int wanted_port)
      : handler(std::move(own_handler)), listener(Listen(wanted_port)), port(PortOf(listener)) {}
  State(Handler own_handler, const std::string& wanted_socket)
      : handler(std::move(own_handler)),
        unix_socket(wanted_socket),
        listener(ListenAt(wanted_socket)),
        port(0) {}

  void Accept();
  void Serve(Connection* connection);
  // Joins and closes connections that ended.
  void Reap() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);

  const Handler handler;
  const std::string unix_socket;
  const int listener;
  const int port;
  std::atomic<int> calls = 0;
  std::atomic<int> accepted = 0;
  std::thread acceptor;

  base::Mutex mu;
  bool stopping ABSL_GUARDED_BY(mu) = false;
  std::list<Connection> connections ABSL_GUARDED_BY(mu);
};

void HttpServer::State::Accept() {
  while (true) {
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    base::MutexLock lock(&mu);
    Reap();
    if (descriptor < 0 && stopping) return;
    if (descriptor < 0) continue;
    ++accepted;
    Connection& connection = connections.emplace_back();
    connection.descriptor = descriptor;
    if (stopping) shutdown(descriptor, SHUT_RDWR);
    connection.thread = std::thread([this, &connection] { Serve(&connection); });
  }
}

void HttpServer::State::Serve(Connection* connection) {
  std::string buffer;
  HttpCall call;
  while (ReadCall(connection->descriptor, &buffer, &call)) {
    ++calls;
    if (!SendReply(connection->descriptor, handler(call))) break;
  }
  // The client sees the end now; the number is given back when the thread is joined.
  shutdown(connection->descriptor, SHUT_RDWR);
  connection->ended = true;
}

void HttpServer::State::Reap() {
  connections.remove_if([](Connection& connection) {
    if (!connection.ended) return false;
    connection.thread.join();
    close(connection.descriptor);
    return true;
  });
}

HttpServer::HttpServer(Handler handler, int port)
    : state_(std::make_unique<State>(std::move(handler), port)) {
  state_->acceptor = std::thread([state = state_.get()] { state->Accept(); });
}

HttpServer::HttpServer(Handler handler, const std::string& unix_socket)
    : state_(std::make_unique<State>(std::move(handler), unix_socket)) {
  state_->acceptor = std::thread([state = state_.get()] { state->Accept(); });
}

HttpServer::~HttpServer() { Stop(); }

int HttpServer::port() const { return state_->port; }
std::string HttpServer::url() const { return base::StrCat("http://127.0.0.1:", port()); }
int HttpServer::calls() const { return state_->calls; }
int HttpServer::connections() const { return state_->accepted; }

void HttpServer::Stop() {
  {
    base::MutexLock lock(&state_->mu);
    if (std::exchange(state_->stopping, true)) return;
    for (const State::Connection& connection : state_->connections) {
      shutdown(connection.descriptor, SHUT_RDWR);
    }
  }
  // Wakes accept.
  shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  close(state_->listener);
  if (!state_->unix_socket.empty()) unlink(state_->unix_socket.c_str());
  base::MutexLock lock(&state_->mu);
  for (State::Connection& connection : state_->connections) {
    connection.thread.join();
    close(connection.descriptor);
  }
  state_->connections.clear();
}

}  // namespace muster::support
