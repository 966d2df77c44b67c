#include "gameserver/player_gate.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/path_id.h"
#include "base/strings.h"
#include "net/url.h"

namespace muster::gameserver {
namespace {

using net::server::CloseCode;
using net::server::Reply;
using net::server::Request;
using net::server::Response;
using net::server::WebSocket;
using net::server::WebSocketHandler;
using SocketPtr = std::shared_ptr<WebSocket>;

// A player in the room.
class RoomPlayer final : public WebSocketHandler {
 public:
  RoomPlayer(Room& room, std::string player) : room_(room), player_(std::move(player)) {}

  void OnOpen(SocketPtr socket) override {
    if (room_.Enter(player_, socket)) {
      socket_ = std::move(socket);
    } else {
      socket->Close(CloseCode::kPolicyViolation, "no slot is reserved for this user");
    }
  }
  void OnMessage(std::string_view text) override {
    if (socket_ != nullptr) room_.Say(player_, socket_, text);
  }
  void OnClose() override {
    if (socket_ != nullptr) room_.Leave(player_, socket_);
    socket_ = nullptr;
  }

 private:
  Room& room_;
  const std::string player_;
  // Null: not let in.
  SocketPtr socket_;
};

// A player of a game.
class GamePlayer final : public WebSocketHandler {
 public:
  GamePlayer(Games& games, std::string token, std::string user)
      : games_(games), token_(std::move(token)), user_(std::move(user)) {}

  void OnOpen(SocketPtr socket) override {
    if (games_.Connect(token_, user_, socket)) socket_ = std::move(socket);
  }
  void OnMessage(std::string_view /*text*/) override {
    if (socket_ != nullptr) games_.Receive(token_, user_, socket_);
  }
  void OnClose() override {
    if (socket_ != nullptr) games_.Leave(token_, user_, socket_);
    socket_ = nullptr;
  }

 private:
  Games& games_;
  const std::string token_;
  const std::string user_;
  // Null: not let in.
  SocketPtr socket_;
};

// Somebody who did not say who comes to what.
class Nobody final : public WebSocketHandler {
 public:
  void OnOpen(SocketPtr socket) override {
    socket->Close(CloseCode::kNormal, "A user ID and game token must be supplied.");
  }
  void OnMessage(std::string_view /*text*/) override {}
  void OnClose() override {}
};

struct Credentials {
  // Empty: not given.
  std::string user;
  std::string token;
};

// Nothing when the query is not valid. Of a name that comes twice the last counts.
std::optional<Credentials> ReadCredentials(std::string_view query) {
  auto parameters = net::ParseQuery(query);
  if (!parameters.has_value()) return std::nullopt;
  Credentials credentials;
  for (auto& [name, value] : *parameters) {
    if (name == "user_id") {
      credentials.user = std::move(value);
    } else if (name == "game_token") {
      credentials.token = std::move(value);
    }
  }
  if (!credentials.user.empty() && !base::CheckPathId("id", credentials.user).ok()) {
    return std::nullopt;
  }
  return credentials;
}

Response Refusal(int status, std::string_view text) {
  return {status, "text/plain", base::StrCat(text, "\n"), {}};
}

}  // namespace

void PlayerGate::Handle(Request request, Reply reply) {
  if (request.path != "/") return reply.Send(Refusal(404, "not found"));
  if (!request.wants_web_socket) {
    Response response = Refusal(426, "players come by WebSocket");
    response.headers.push_back({"Upgrade", "websocket"});
    return reply.Send(std::move(response));
  }
  std::optional<Credentials> credentials = ReadCredentials(request.query);
  if (!credentials.has_value()) return reply.Send(Refusal(400, "user_id: it is not valid"));
  if (credentials->user.empty()) return reply.Accept(std::make_unique<Nobody>());
  if (credentials->token.empty()) {
    return reply.Accept(std::make_unique<RoomPlayer>(room_, std::move(credentials->user)));
  }
  reply.Accept(std::make_unique<GamePlayer>(games_, std::move(credentials->token),
                                            std::move(credentials->user)));
}

}  // namespace muster::gameserver
