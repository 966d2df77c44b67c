#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "net/server/io_thread.h"

namespace muster::net::server {

// Accepts connections, one after the other. Used on the thread it runs on, but for Open and port.
class Listener {
 public:
  // Where the next connection goes.
  using NextThread = std::function<std::shared_ptr<IoThread>()>;
  // Called with what NextThread gave; `peer` is an address without port.
  using OnSocket =
      std::function<void(std::shared_ptr<IoThread> thread, Socket socket, std::string peer)>;
  // Called for each connection that could not be taken.
  using OnFailure = std::function<void()>;

  // UNAVAILABLE, naming address and port, when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(Executor executor,
                                                        const std::string& address, int port);
  explicit Listener(Executor executor) : acceptor_(executor), pause_(executor) {}

  int port() const { return port_; }

  // Until Close.
  Task<> Run(NextThread next_thread, OnSocket on_socket, OnFailure on_failure);
  void Close();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

  boost::system::error_code Listen(const std::string& address, int port);
  Task<> Pause();

  Acceptor acceptor_;
  Timer pause_;
  int port_ = 0;
  bool closed_ = false;
};

}  // namespace muster::net::server
