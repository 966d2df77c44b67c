#include "tests/gameserver/player_client.h"

#include <sys/socket.h>

#include "boost/asio.hpp"
#include "boost/beast.hpp"

namespace muster::gameserver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr int kTimeoutSeconds = 30;

}  // namespace

struct PlayerClient::State {
  asio::io_context context;
  websocket::stream<asio::ip::tcp::socket> stream{context};
  std::string refusal;
};

PlayerClient::PlayerClient(int port, const std::string& target)
    : state_(std::make_unique<State>()) {
  auto& socket = state_->stream.next_layer();
  beast::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, error);
  const timeval timeout{.tv_sec = kTimeoutSeconds, .tv_usec = 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  websocket::response_type response;
  if (!error) state_->stream.handshake(response, "127.0.0.1", target, error);
  if (error == websocket::error::upgrade_declined) {
    state_->refusal = std::to_string(response.result_int());
  } else if (error) {
    state_->refusal = error.message();
  }
}

PlayerClient::~PlayerClient() = default;

const std::string& PlayerClient::refusal() const { return state_->refusal; }

void PlayerClient::Send(const std::string& text) {
  beast::error_code error;
  state_->stream.write(asio::buffer(text), error);
}

std::string PlayerClient::Next() {
  beast::flat_buffer buffer;
  beast::error_code error;
  state_->stream.read(buffer, error);
  if (!error) return beast::buffers_to_string(buffer.data());
  // A server that is gone already may break the farewell, but not what it said before.
  const websocket::close_reason& reason = state_->stream.reason();
  if (reason.code == websocket::close_code::none) return "broken: " + error.message();
  return "closed " + std::to_string(reason.code) + " " +
         std::string(reason.reason.data(), reason.reason.size());
}

void PlayerClient::Close() {
  beast::error_code error;
  state_->stream.close(websocket::close_code::normal, error);
}

}  // namespace muster::gameserver
