#include "gameserver/metrics_page.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::gameserver {
namespace {

using testing::HasSubstr;

TEST(MetricsPage, HasEveryFigureUnderItsName) {
  Figures figures;
  figures.room = {.slots = 4, .used = 3, .connected = 2};
  figures.room_messages = 5;
  figures.games = {.games = 6, .connections = 7, .messages = 8};
  figures.events = {.waiting = 9, .written = 10, .dropped = 11, .failures = 12};
  figures.lobby = {.sent = 13, .failed = 14};
  figures.refusals[0] = 15;

  const std::string page = MetricsPage(figures);

  for (const char* sample :
       {"muster_gameserver_slots 4", "muster_gameserver_slots_used 3",
        "muster_gameserver_players_connected 2", "muster_gameserver_messages_total 5",
        "game_rps_active_games_total 6", "game_rps_active_connections_total 7",
        "game_rps_socket_messages_received 8", "muster_gameserver_events_waiting 9",
        "muster_gameserver_events_written_total 10", "muster_gameserver_events_dropped_total 11",
        "muster_gameserver_event_failures_total 12", "muster_gameserver_lobby_calls_total 13",
        "muster_gameserver_lobby_failures_total 14",
        "muster_gameserver_refusals_total{reason=\"too_many_connections\"} 15"}) {
    EXPECT_THAT(page, HasSubstr("\n" + std::string(sample) + "\n"));
  }
}

TEST(MetricsPage, SaysTypeAndMeaningBeforeEachSample) {
  const std::string page = MetricsPage({});

  EXPECT_THAT(page, HasSubstr("# HELP muster_gameserver_slots Players that the server takes.\n"
                              "# TYPE muster_gameserver_slots gauge\n"
                              "muster_gameserver_slots 0\n"));
  EXPECT_THAT(page, HasSubstr("# TYPE muster_gameserver_refusals_total counter\n"));
}

}  // namespace
}  // namespace muster::gameserver
