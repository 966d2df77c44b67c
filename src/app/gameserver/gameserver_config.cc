#include "app/gameserver/gameserver_config.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "net/redis_url.h"

namespace muster::app::gameserver {
namespace {

using base::EnvReader;
using muster::gameserver::EventStream;
using muster::gameserver::Games;
using muster::gameserver::GameServer;
using muster::gameserver::LobbyNotifier;
using muster::gameserver::Slots;
using PortOptions = net::server::HttpServer::Options;

constexpr int64_t kMaxPort = 65535;
constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr int64_t kMaxSlots = 10'000;
// Each player is named in one frame.
constexpr int64_t kMaxPlayersPerGame = 16;
constexpr size_t kControlConnections = 256;

std::chrono::milliseconds Milliseconds(EnvReader& env, std::string_view name, int64_t fallback) {
  return std::chrono::milliseconds(env.Int(name, fallback, 0, kDayMs));
}

size_t Size(int64_t value) { return static_cast<size_t>(value); }

PortOptions ReadPlayerPort(EnvReader& env, const std::string& address) {
  PortOptions port;
  port.address = address;
  port.port = static_cast<int>(env.Int("GAME_PORT", 7777, 0, kMaxPort));
  port.threads = 1;
  port.max_connections = Size(env.Int("MAX_CONNECTIONS", 1000, 1, 1'000'000));
  port.max_socket_message_bytes = Size(env.Int("PLAYER_MESSAGE_BYTES", 16'384, 1, 1'048'576));
  port.max_socket_messages_per_second =
      Size(env.Int("PLAYER_MESSAGES_PER_SECOND", 50, 0, 1'000'000));
  return port;
}

PortOptions ReadControlPort(EnvReader& env, const std::string& address) {
  PortOptions port;
  port.address = address;
  port.port = static_cast<int>(env.Int("CONTROL_PORT", 3000, 0, kMaxPort));
  port.threads = 1;
  port.max_connections = kControlConnections;
  return port;
}

std::optional<LobbyNotifier::Options> ReadLobby(EnvReader& env) {
  LobbyNotifier::Options lobby;
  lobby.lobby_url = env.String("LOBBY_URL", "");
  lobby.server_id = env.String("SERVER_ID", "");
  lobby.token = env.String("SERVER_TOKEN", "");
  if (lobby.lobby_url.empty()) return std::nullopt;
  if (!lobby.lobby_url.starts_with("http://")) {
    env.Problem(base::StrCat("LOBBY_URL `", lobby.lobby_url, "` does not start with http://"));
  }
  while (lobby.lobby_url.ends_with('/')) lobby.lobby_url.pop_back();
  if (lobby.server_id.empty() || lobby.token.empty()) {
    env.Problem("LOBBY_URL needs SERVER_ID and SERVER_TOKEN");
  }
  return lobby;
}

std::optional<EventStream::Options> ReadEvents(EnvReader& env) {
  EventStream::Options events;
  events.product_id = env.String("PRODUCT_ID", "");
  const std::string url = env.String("EVENT_STREAM_URL", "");
  if (url.empty()) return std::nullopt;
  auto redis = net::ParseRedisUrl(url);
  if (redis.ok()) {
    events.redis = *std::move(redis);
  } else {
    env.Problem(base::StrCat("EVENT_STREAM_URL: ", base::FromAbsl(redis.status().message())));
  }
  if (events.product_id.empty()) env.Problem("EVENT_STREAM_URL needs PRODUCT_ID");
  return events;
}

Slots::Options ReadSlots(EnvReader& env) {
  Slots::Options slots;
  slots.slots = Size(env.Int("MAX_PLAYERS", 4, 1, kMaxSlots));
  slots.reservation_ttl = Milliseconds(env, "RESERVATION_TTL_MS", 60'000);
  slots.reconnect = Milliseconds(env, "RECONNECT_MS", 10'000);
  return slots;
}

Games::Options ReadGames(EnvReader& env, std::chrono::milliseconds host_timeout) {
  Games::Options games;
  games.max_games = Size(env.Int("MAX_GAMES", 100, 0, kMaxSlots));
  games.players_per_game = Size(env.Int("PLAYERS_PER_GAME", 2, 2, kMaxPlayersPerGame));
  games.host_timeout = host_timeout;
  return games;
}

}  // namespace

absl::StatusOr<GameServer::Options> ReadGameServerConfig(const base::Environment& environment) {
  EnvReader env(environment);
  GameServer::Options options;
  const std::string address = env.String("BIND_ADDRESS", "0.0.0.0");
  options.player_port = ReadPlayerPort(env, address);
  options.control_port = ReadControlPort(env, env.String("CONTROL_BIND_ADDRESS", address));
  options.slots = ReadSlots(env);
  if (options.player_port.max_connections < options.slots.slots) {
    env.Problem("MAX_CONNECTIONS is below MAX_PLAYERS");
  }
  options.games = ReadGames(env, options.slots.reservation_ttl);
  options.lobby = ReadLobby(env);
  options.events = ReadEvents(env);
  options.idle_exit = Milliseconds(env, "IDLE_EXIT_MS", 0);
  options.grace = Milliseconds(env, "SHUTDOWN_GRACE_MS", 5000);
  options.allow_close = env.Bool("ALLOW_CLOSE", false);
  MUSTER_RETURN_IF_ERROR(env.status());
  return options;
}

}  // namespace muster::app::gameserver
