#include "net/server/listener.h"

#include <utility>

#include "absl/status/status.h"
#include "base/strings.h"

namespace muster::net::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// After an accept that failed, most likely for want of file descriptors: others must end first.
constexpr std::chrono::milliseconds kPause{50};

// Without brackets; an IPv4 address that came through an IPv6 socket as itself.
std::string PeerName(const tcp::endpoint& peer) {
  const asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(Executor executor,
                                                         const std::string& address, int port) {
  auto listener = std::make_unique<Listener>(executor);
  const error_code error = listener->Listen(address, port);
  if (!error) return listener;
  return absl::UnavailableError(
      base::StrCat("cannot listen on ", base::JoinHostPort(address, port), ": ", error.message()));
}

error_code Listener::Listen(const std::string& address, int port) {
  error_code error;
  const asio::ip::address ip = asio::ip::make_address(address, error);
  if (error) return error;
  if (port < 0 || port > 65535) return asio::error::invalid_argument;
  const tcp::endpoint endpoint(ip, static_cast<asio::ip::port_type>(port));
  acceptor_.open(endpoint.protocol(), error);
  // A server that starts anew is not kept out by connections of the one before.
  if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(Acceptor::max_listen_connections, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  return error;
}

Task<> Listener::Run(NextThread next_thread, OnSocket on_socket, OnFailure on_failure) {
  while (!closed_) {
    const std::shared_ptr<IoThread> thread = next_thread();
    Socket socket(thread->executor());
    tcp::endpoint peer;
    error_code error;
    co_await acceptor_.async_accept(socket, peer, Into(error));
    if (closed_) co_return;
    if (error) {
      on_failure();
      co_await Pause();
      continue;
    }
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    on_socket(thread, std::move(socket), PeerName(peer));
  }
}

Task<> Listener::Pause() {
  error_code ignored;
  pause_.expires_after(kPause);
  co_await pause_.async_wait(Into(ignored));
}

void Listener::Close() {
  closed_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace muster::net::server
