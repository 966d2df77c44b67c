#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/server/message.h"
#include "net/server/web_socket.h"

namespace muster::net::server {

// The answer to one request, still owed. Movable. One of the calls is made, once, from any thread,
// at once or later; an answer that is dropped without one is a 500.
class Reply {
 public:
  // Where the answer goes; of the server's own making, or a test's.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void Send(Response response) = 0;
    virtual void Accept(std::unique_ptr<WebSocketHandler> handler) = 0;
  };

  explicit Reply(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  ~Reply();
  Reply(Reply&&) = default;
  Reply& operator=(Reply&&) = delete;

  void Send(Response response);
  // Lets the request become a WebSocket; only when it wants to, else it is a 500.
  void Accept(std::unique_ptr<WebSocketHandler> handler);

 private:
  std::shared_ptr<Sink> sink_;
};

// Answers requests. Called on the server's threads, several at a time: it must not wait for
// anybody. It outlives the server.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(Request request, Reply reply) = 0;
};

// Why the server itself turned somebody away, for a counter.
enum class Refusal {
  // 503 with Retry-After, then closed; without a word while very many are being told so.
  kTooManyConnections,
  // 400
  kMalformed,
  // 431
  kHeadTooLong,
  // 413
  kBodyTooLong,
  // 408: head or body did not come in time, or the answer was not taken.
  kTooSlow,
  // A WebSocket closed because its reader was too slow, its message too long, or it wrote too much.
  kSocketQueueFull,
  kSocketMessageTooLong,
  kSocketTooManyMessages,
  // A connection that could not be taken, most likely for want of file descriptors. Tried again and
  // again: it is counted for each try.
  kAcceptFailed,
};
inline constexpr size_t kRefusals = static_cast<size_t>(Refusal::kAcceptFailed) + 1;
// For example "head_too_long".
std::string_view RefusalName(Refusal refusal);

// HTTP/1.1 with keep-alive and pipelining in order, and WebSocket (RFC 6455) without extensions.
class HttpServer {
 public:
  struct Options {
    // IPv4 or IPv6.
    std::string address = "127.0.0.1";
    // 0: any free one.
    int port = 0;
    // Each runs its share of the connections; 0: one for every two cores.
    size_t threads = 0;
    size_t max_connections = 20'000;
    // Of one address; 0: no limit of its own (behind a balancer all come from one).
    size_t max_connections_per_peer = 0;
    size_t max_head_bytes = 16 * 1024;
    size_t max_body_bytes = 64 * 1024;
    // From the first byte of a request to the last of its head, and from there to the last of its
    // body: a trickle of bytes does not prolong them.
    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds body_timeout{20'000};
    // Of a connection between requests.
    std::chrono::milliseconds idle_timeout{60'000};
    // For a peer to take an answer.
    std::chrono::milliseconds write_timeout{20'000};
    size_t max_socket_message_bytes = 16 * 1024;
    // Messages that wait to be taken by a WebSocket's reader.
    size_t max_socket_queue = 256;
    // Messages that a WebSocket may send in any second; 0: no limit.
    size_t max_socket_messages_per_second = 50;
    // Without a sign of life for half of it a WebSocket is pinged, after all of it closed.
    std::chrono::milliseconds socket_idle_timeout{60'000};
    // Called on any thread for each refusal; may be empty.
    std::function<void(Refusal)> on_refusal;
  };

  // Listens and serves. UNAVAILABLE, naming address and port, when it cannot.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options, Handler& handler);
  // Stops without grace.
  virtual ~HttpServer() = default;

  // "host:port" with the port that was bound.
  virtual const std::string& address() const = 0;
  virtual int port() const = 0;
  virtual size_t connections() const = 0;
  virtual size_t web_sockets() const = 0;

  // Takes no more connections and ends idle ones, closes WebSockets with kGoingAway, lets answers
  // under way go out with `Connection: close`; after `grace` cuts what is left. Returns when no
  // call of the handler is running and none will come. May be called twice.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace muster::net::server
