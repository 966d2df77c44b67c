#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gameserver/games.h"
#include "gameserver/room.h"
#include "net/server/message.h"

namespace muster::gameserver {

// What a lobby asks of this server, on the control port: reservations, games, how it is doing.
// Nobody proves who they are, so the port is for the lobby's network alone. Thread-safe.
//
//   POST /reservation/{id}    200 a slot is held, 403 all are taken
//   GET /reservation/{id}     200 a slot is held, 404 none is
//   DELETE /reservation/{id}  200 given back, 404 none was held, 409 the player is playing
//   GET /status               {"slots":n,"used":m,"players":connected}
//   GET /healthz, /readyz     200; readyz: 503 when no player may come
//   GET /metrics              Prometheus' text format
//   POST /create_game, /join_game, /remove_game, /remove_player; GET /active_games
//   POST /close               ends the server; only where it is allowed
//
// `id` is percent-encoded; 400 when it is none (see base::CheckPathId), 404 for other paths, 405
// for other methods.
class ControlApi {
 public:
  struct Options {
    std::function<bool()> is_ready;
    // The page of /metrics.
    std::function<std::string()> metrics;
    // Empty: closing is not allowed, and the path is not there.
    std::function<void()> on_close;
  };

  ControlApi(Options options, Room& room, Games& games)
      : options_(std::move(options)), room_(room), games_(games) {}

  net::server::Response Answer(const net::server::Request& request);

 private:
  net::server::Response AnswerReservation(std::string_view method, std::string_view segment);
  net::server::Response AnswerGet(std::string_view path);
  net::server::Response AnswerPost(std::string_view path, const std::string& body);

  net::server::Response CreateGame(const std::string& body);
  net::server::Response JoinGame(const std::string& body);
  net::server::Response RemoveGame(const std::string& body);
  net::server::Response RemovePlayer(const std::string& body);

  const Options options_;
  Room& room_;
  Games& games_;
};

}  // namespace muster::gameserver
