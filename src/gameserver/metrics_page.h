#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "gameserver/event_stream.h"
#include "gameserver/games.h"
#include "gameserver/lobby_notifier.h"
#include "gameserver/room.h"
#include "net/server/http_server.h"

namespace muster::gameserver {

// What the server counts, at one moment.
struct Figures {
  Room::Occupancy room;
  uint64_t room_messages = 0;
  Games::Counts games;
  EventStream::Counts events;
  LobbyNotifier::Counts lobby;
  // By net::server::Refusal.
  std::array<uint64_t, net::server::kRefusals> refusals{};
};

// The figures in Prometheus' text format, version 0.0.4. The names game_rps_* are those that
// dashboards of servers with the same game interface know.
std::string MetricsPage(const Figures& figures);

}  // namespace muster::gameserver
