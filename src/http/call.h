#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/server/http_server.h"
#include "net/server/message.h"

namespace muster::http {

// Who may make a call.
enum class Right {
  kAnyone,
  // A player, for what is the player's own.
  kPlayer,
  // A player for what is the player's own, an administrator for what is anybody's.
  kPlayerOrAdmin,
  kAdmin,
  // The game server whose id is the path's first parameter, by the token it was given at start.
  kServer,
};

// Who makes it.
struct Caller {
  // Empty: no player.
  std::string client_id;
  // To show; may be empty.
  std::string name;
  bool is_admin = false;
  // Empty: no game server.
  std::string server_id;
};

// A call that was let in.
struct Call {
  net::server::Request request;
  // What stood in the place of the route's parameters, decoded.
  std::vector<std::string> params;
  Caller caller;
  net::server::Reply reply;
};

}  // namespace muster::http
