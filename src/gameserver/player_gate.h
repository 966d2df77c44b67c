#pragma once

#include "gameserver/games.h"
#include "gameserver/room.h"
#include "net/server/http_server.h"

namespace muster::gameserver {

// Lets players in, on the game port: WebSockets of `/`.
//
//   ?user_id=U               to the room, with a reservation; else closed with 1008
//   ?game_token=T&user_id=U  to a game, see Games::Connect
//
// Without a user, or with a token and no user, the WebSocket is closed with 1000. Before that: 404
// for another path, 426 for what is no WebSocket, 400 when the query or an id in it is not valid.
class PlayerGate final : public net::server::Handler {
 public:
  PlayerGate(Room& room, Games& games) : room_(room), games_(games) {}

  void Handle(net::server::Request request, net::server::Reply reply) override;

 private:
  Room& room_;
  Games& games_;
};

}  // namespace muster::gameserver
