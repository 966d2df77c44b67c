#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace muster::support {

struct HttpCall {
  std::string method;
  // With the query, as it was sent.
  std::string path;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
};

// How an answer goes out.
enum class HttpManner {
  kWhole,
  // Announces the whole body, sends half of it and closes.
  kHalf,
  // Closes without a byte.
  kClose,
  // Sends the body without saying how long it is, and nothing more until the client leaves or the
  // server stops.
  kOpen,
  // Says nothing until the client leaves or the server stops.
  kSilent,
};

struct HttpReply {
  int status = 200;
  std::string body;
  HttpManner manner = HttpManner::kWhole;
  // Before the first byte; cut short when the server stops.
  std::chrono::milliseconds delay{0};
  // Beside Content-Length.
  std::map<std::string, std::string> headers;
};

// A real HTTP/1.1 server on a port of 127.0.0.1 or a Unix socket, for tests: keep-alive,
// Content-Length bodies, a thread a connection. It behaves as badly as its handler says.
// Thread-safe.
class HttpServer {
 public:
  // Called on the connections' threads.
  using Handler = std::function<HttpReply(const HttpCall&)>;

  // Listens; port 0: any free one. A port that was just in use can be taken again.
  explicit HttpServer(Handler handler, int port = 0);
  // Listens on a new Unix socket at this path, which goes when the server stops.
  HttpServer(Handler handler, const std::string& unix_socket);
  // Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // 0 for a Unix socket.
  int port() const;
  // "http://127.0.0.1:PORT", without a final slash; of a port.
  std::string url() const;
  // Calls that were read whole.
  int calls() const;
  // Connections that were accepted.
  int connections() const;

  // Closes the listener and all connections and joins their threads.
  void Stop();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace muster::support
