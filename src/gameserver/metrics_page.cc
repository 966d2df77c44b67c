#include "gameserver/metrics_page.h"

#include <string_view>

#include "base/strings.h"

namespace muster::gameserver {
namespace {

// Appends families to a page.
class Page {
 public:
  void Gauge(std::string_view name, std::string_view help, uint64_t value) {
    Family(name, "gauge", help);
    Sample(name, "", value);
  }
  void Counter(std::string_view name, std::string_view help, uint64_t value) {
    Family(name, "counter", help);
    Sample(name, "", value);
  }
  void Family(std::string_view name, std::string_view type, std::string_view help) {
    text_ += base::StrCat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
  }
  void Sample(std::string_view name, std::string_view labels, uint64_t value) {
    text_ += base::StrCat(name, labels, " ", value, "\n");
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

void AddRoom(const Figures& figures, Page& page) {
  page.Gauge("muster_gameserver_slots", "Players that the server takes.", figures.room.slots);
  page.Gauge("muster_gameserver_slots_used", "Slots that are held.", figures.room.used);
  page.Gauge("muster_gameserver_players_connected", "Players with a slot that are connected.",
             figures.room.connected);
  page.Counter("muster_gameserver_messages_total", "Messages that players with a slot sent.",
               figures.room_messages);
}

void AddGames(const Games::Counts& games, Page& page) {
  page.Gauge("game_rps_active_games_total", "Games that exist.", games.games);
  page.Gauge("game_rps_active_connections_total", "Connected players of games.", games.connections);
  page.Counter("game_rps_socket_messages_received", "Messages that players of games sent.",
               games.messages);
}

void AddEvents(const EventStream::Counts& events, Page& page) {
  page.Gauge("muster_gameserver_events_waiting", "Events to be written.", events.waiting);
  page.Counter("muster_gameserver_events_written_total", "Events in the stream.", events.written);
  page.Counter("muster_gameserver_events_dropped_total", "Events that found the buffer full.",
               events.dropped);
  page.Counter("muster_gameserver_event_failures_total", "Attempts to write that failed.",
               events.failures);
}

void AddLobby(const LobbyNotifier::Counts& lobby, Page& page) {
  page.Counter("muster_gameserver_lobby_calls_total", "Changes that the lobby was told.",
               lobby.sent);
  page.Counter("muster_gameserver_lobby_failures_total", "Calls to the lobby that failed.",
               lobby.failed);
}

void AddRefusals(const Figures& figures, Page& page) {
  constexpr std::string_view kName = "muster_gameserver_refusals_total";
  page.Family(kName, "counter", "Connections and requests that were turned away.");
  for (size_t i = 0; i < figures.refusals.size(); ++i) {
    const std::string_view reason = net::server::RefusalName(static_cast<net::server::Refusal>(i));
    page.Sample(kName, base::StrCat("{reason=\"", reason, "\"}"), figures.refusals[i]);
  }
}

}  // namespace

std::string MetricsPage(const Figures& figures) {
  Page page;
  AddRoom(figures, page);
  AddGames(figures.games, page);
  AddEvents(figures.events, page);
  AddLobby(figures.lobby, page);
  AddRefusals(figures, page);
  return page.Take();
}

}  // namespace muster::gameserver
