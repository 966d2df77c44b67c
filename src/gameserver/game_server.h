#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/http.h"
#include "gameserver/control_api.h"
#include "gameserver/event_stream.h"
#include "gameserver/games.h"
#include "gameserver/json_log.h"
#include "gameserver/life.h"
#include "gameserver/lobby_notifier.h"
#include "gameserver/metrics_page.h"
#include "gameserver/player_gate.h"
#include "gameserver/room.h"
#include "net/server/http_server.h"

namespace muster::gameserver {

// A whole game server: slots for players, games, a port for players and one for the lobby.
// Thread-safe.
class GameServer {
 public:
  struct Options {
    Slots::Options slots;
    Games::Options games;
    net::server::HttpServer::Options player_port;
    net::server::HttpServer::Options control_port;
    // Nothing: no stream.
    std::optional<EventStream::Options> events;
    // Nothing: no lobby to tell.
    std::optional<LobbyNotifier::Options> lobby;
    // Ends by itself when nobody has held a slot and no game has been there for so long; 0: never.
    std::chrono::milliseconds idle_exit{0};
    // POST /close is there: it takes nobody new from then on, and ends soon after.
    bool allow_close = false;
    // From Stop to its end, as far as others let it.
    std::chrono::milliseconds grace{5000};
  };
  // All outlive the server.
  struct Parts {
    const base::Clock& clock;
    JsonLog& log;
    // For the lobby.
    base::HttpSender& sender;
    // Called once, on a thread of the server, when it wants to end; whoever hears it calls Stop.
    std::function<void(std::string_view why)> on_end;
  };

  // Serves. UNAVAILABLE, naming it, when an address cannot be had.
  static absl::StatusOr<std::unique_ptr<GameServer>> Start(Options options, Parts parts);
  // Stops.
  ~GameServer();

  int player_port() const { return player_server_->port(); }
  int control_port() const { return control_server_->port(); }

  // Takes nobody new, closes the players with 1001, removes the games, writes the events that wait,
  // and ends within the grace. May be called twice.
  void Stop();

 private:
  class Control;
  // Without a stream, events go nowhere.
  class NoEvents;

  GameServer(Options options, Parts parts);
  absl::Status Listen();
  net::server::HttpServer::Options Counted(net::server::HttpServer::Options options);
  void Tick();
  void TakeNobodyNew();
  Figures figures() const;

  const Options options_;
  const Parts parts_;
  std::array<std::atomic<uint64_t>, net::server::kRefusals> refusals_{};
  const std::unique_ptr<NoEvents> no_events_;
  // Null: there is none.
  const std::unique_ptr<EventStream> stream_;
  const std::unique_ptr<LobbyNotifier> lobby_;
  Room room_;
  Games games_;
  Life life_;
  PlayerGate gate_;
  const std::unique_ptr<Control> control_;
  std::unique_ptr<net::server::HttpServer> player_server_;
  std::unique_ptr<net::server::HttpServer> control_server_;
  std::jthread ticker_;
};

}  // namespace muster::gameserver
