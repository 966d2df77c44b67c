#include "app/gameserver/gameserver_config.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::app::gameserver {
namespace {

using std::chrono::milliseconds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string, std::less<>>;

absl::StatusOr<muster::gameserver::GameServer::Options> Read(const Variables& variables) {
  return ReadGameServerConfig(base::MapEnvironment(variables));
}

TEST(GameServerConfig, HasADefaultForEverything) {
  const auto config = Read({});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->player_port.address, "0.0.0.0");
  EXPECT_EQ(config->player_port.port, 7777);
  EXPECT_EQ(config->control_port.address, "0.0.0.0");
  EXPECT_EQ(config->control_port.port, 3000);
  EXPECT_EQ(config->slots.slots, 4u);
  EXPECT_EQ(config->slots.reservation_ttl, milliseconds(60'000));
  EXPECT_EQ(config->slots.reconnect, milliseconds(10'000));
  EXPECT_EQ(config->games.max_games, 100u);
  EXPECT_EQ(config->games.players_per_game, 2u);
  EXPECT_EQ(config->idle_exit, milliseconds(0));
  EXPECT_EQ(config->grace, milliseconds(5000));
  EXPECT_FALSE(config->allow_close);
  EXPECT_FALSE(config->lobby.has_value());
  EXPECT_FALSE(config->events.has_value());
}

TEST(GameServerConfig, ReadsPortsAndLimits) {
  const auto config = Read({{"BIND_ADDRESS", "127.0.0.1"},
                            {"GAME_PORT", "1"},
                            {"CONTROL_PORT", "2"},
                            {"MAX_CONNECTIONS", "30"},
                            {"PLAYER_MESSAGE_BYTES", "4"},
                            {"PLAYER_MESSAGES_PER_SECOND", "5"}});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->player_port.address, "127.0.0.1");
  EXPECT_EQ(config->player_port.port, 1);
  EXPECT_EQ(config->control_port.address, "127.0.0.1");
  EXPECT_EQ(config->control_port.port, 2);
  EXPECT_EQ(config->player_port.max_connections, 30u);
  EXPECT_EQ(config->player_port.max_socket_message_bytes, 4u);
  EXPECT_EQ(config->player_port.max_socket_messages_per_second, 5u);
}

TEST(GameServerConfig, TheControlPortMayHaveAnAddressOfItsOwn) {
  const auto config = Read({{"BIND_ADDRESS", "10.0.0.7"}, {"CONTROL_BIND_ADDRESS", "127.0.0.1"}});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->player_port.address, "10.0.0.7");
  EXPECT_EQ(config->control_port.address, "127.0.0.1");
}

TEST(GameServerConfig, ReadsSlotsGamesAndTimes) {
  const auto config = Read({{"MAX_PLAYERS", "1"},
                            {"RESERVATION_TTL_MS", "2"},
                            {"RECONNECT_MS", "3"},
                            {"MAX_GAMES", "4"},
                            {"PLAYERS_PER_GAME", "5"},
                            {"IDLE_EXIT_MS", "6"},
                            {"SHUTDOWN_GRACE_MS", "7"},
                            {"ALLOW_CLOSE", "true"}});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->slots.slots, 1u);
  EXPECT_EQ(config->slots.reservation_ttl, milliseconds(2));
  EXPECT_EQ(config->games.host_timeout, milliseconds(2));
  EXPECT_EQ(config->slots.reconnect, milliseconds(3));
  EXPECT_EQ(config->games.max_games, 4u);
  EXPECT_EQ(config->games.players_per_game, 5u);
  EXPECT_EQ(config->idle_exit, milliseconds(6));
  EXPECT_EQ(config->grace, milliseconds(7));
  EXPECT_TRUE(config->allow_close);
}

TEST(GameServerConfig, ReadsLobbyAndStream) {
  const auto config = Read({{"LOBBY_URL", "http://lobby:3000/"},
                            {"SERVER_ID", "s1"},
                            {"SERVER_TOKEN", "secret"},
                            {"EVENT_STREAM_URL", "redis://redis-db/1"},
                            {"PRODUCT_ID", "exrps"}});

  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->lobby.has_value());
  EXPECT_EQ(config->lobby->lobby_url, "http://lobby:3000");
  EXPECT_EQ(config->lobby->server_id, "s1");
  EXPECT_EQ(config->lobby->token, "secret");
  ASSERT_TRUE(config->events.has_value());
  EXPECT_EQ(config->events->redis.host, "redis-db");
  EXPECT_EQ(config->events->redis.database, 1);
  EXPECT_EQ(config->events->product_id, "exrps");
}

TEST(GameServerConfig, EveryPlayerNeedsAConnection) {
  EXPECT_THAT(Read({{"MAX_PLAYERS", "5"}, {"MAX_CONNECTIONS", "4"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("MAX_CONNECTIONS is below MAX_PLAYERS")));
}

TEST(GameServerConfig, NamesAllProblemsAtOnce) {
  EXPECT_THAT(Read({{"GAME_PORT", "70000"},
                    {"MAX_PLAYERS", "0"},
                    {"PLAYERS_PER_GAME", "1"},
                    {"LOBBY_URL", "https://lobby"},
                    {"SERVER_TOKEN", "secret"},
                    {"EVENT_STREAM_URL", "rediss://:secret@host"},
                    {"ALLOW_CLOSE", "perhaps"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("GAME_PORT"), HasSubstr("MAX_PLAYERS"),
                             HasSubstr("PLAYERS_PER_GAME"), HasSubstr("LOBBY_URL `https"),
                             HasSubstr("LOBBY_URL needs SERVER_ID"), HasSubstr("TLS proxy"),
                             HasSubstr("EVENT_STREAM_URL needs PRODUCT_ID"),
                             HasSubstr("ALLOW_CLOSE"), Not(HasSubstr("secret")))));
}

}  // namespace
}  // namespace muster::app::gameserver
