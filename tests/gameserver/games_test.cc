#include "gameserver/games.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/gameserver/recording_socket.h"
#include "tests/support/status_matchers.h"

namespace muster::gameserver {
namespace {

using support::StatusIs;
using testing::_;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using SocketPtr = std::shared_ptr<RecordingSocket>;

constexpr std::string_view kRefused = "A validation error occurred connection to the game.";

class RecordingEvents final : public GameEvents {
 public:
  void Publish(GameEvent event) override { events.push_back(std::move(event)); }
  std::vector<GameEvent> events;
};

GameEvent State(const std::string& state) { return {"state_change", "g1", {{"new_state", state}}}; }
const GameEvent kRemoved{"game_removed", "g1", {}};

class GamesTest : public testing::Test {
 protected:
  // A game with a host and a guest who have a place but are not there.
  std::string MakeGame() {
    const auto token = games_.Create("g1", "host", "Ann");
    EXPECT_TRUE(games_.Join("g1", "guest", "Ben").ok());
    return token.value_or("");
  }
  // Lets a player of "g1" in; what was said so far is forgotten.
  SocketPtr Come(const std::string& token, const std::string& user) {
    SocketPtr socket = MakeSocket();
    EXPECT_TRUE(games_.Connect(token, user, socket));
    socket->frames.clear();
    return socket;
  }
  // One who is refused.
  SocketPtr Knock(const std::string& token, const std::string& user) {
    SocketPtr socket = MakeSocket();
    EXPECT_FALSE(games_.Connect(token, user, socket));
    return socket;
  }

  fakes::FakeClock clock_;
  RecordingEvents events_;
  int tokens_ = 0;
  Games games_{
      {.max_games = 2, .host_timeout = std::chrono::milliseconds(1000)}, events_, clock_, [this] {
        return "t" + std::to_string(++tokens_);
      }};
};

TEST(RandomToken, IsLongAndNew) {
  const std::string token = RandomToken();

  EXPECT_THAT(token, MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(token.size(), 32u);
  EXPECT_NE(token, RandomToken());
}

TEST_F(GamesTest, AllPlayersOfAGameHaveItsToken) {
  EXPECT_EQ(games_.Create("g1", "host", "Ann").value(), "t1");
  EXPECT_EQ(games_.Join("g1", "guest", "Ben").value(), "t1");
  EXPECT_EQ(games_.Join("g1", "guest", "Ben").value(), "t1");
  EXPECT_EQ(games_.Create("g2", "host", "Ann").value(), "t2");

  EXPECT_THAT(games_.ActiveGames(), ElementsAre("g1", "g2"));
}

TEST_F(GamesTest, SaysWhyThereIsNoGame) {
  ASSERT_TRUE(games_.Create("g1", "host", "Ann").ok());
  EXPECT_THAT(games_.Create("g1", "host", "Ann"), StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_THAT(games_.Join("g2", "guest", "Ben"), StatusIs(absl::StatusCode::kNotFound, _));
  ASSERT_TRUE(games_.Create("g2", "host", "Ann").ok());

  EXPECT_THAT(games_.Create("g3", "h", "n"), StatusIs(absl::StatusCode::kResourceExhausted, _));
  ASSERT_TRUE(games_.Join("g1", "guest", "Ben").ok());
  EXPECT_THAT(games_.Join("g1", "x", "X"), StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST_F(GamesTest, SaysOnTheStreamWhoIsThere) {
  const std::string token = MakeGame();

  const SocketPtr host = Come(token, "host");
  EXPECT_THAT(events_.events, ElementsAre(State("creator_joined")));
  const SocketPtr guest = Come(token, "guest");

  EXPECT_THAT(events_.events, ElementsAre(State("creator_joined"), State("all_players_joined")));
}

TEST_F(GamesTest, TellsThePlayersOfEachOther) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  const SocketPtr guest = MakeSocket();

  games_.Connect(token, "guest", guest);

  const std::string frame = R"({"type":"player_joined","gameData":)"
                            R"({"p1Id":"host","p1Name":"Ann","p2Id":"guest","p2Name":"Ben"}})";
  EXPECT_THAT(host->frames, ElementsAre(frame));
  EXPECT_THAT(guest->frames, ElementsAre(frame));
}

TEST_F(GamesTest, ClosesWhoHasAnUnknownToken) {
  const SocketPtr socket = Knock("no such", "host");

  EXPECT_EQ(socket->close_code, 1000);
  EXPECT_EQ(socket->close_reason, "Supplied token has no active games associated with it.");
}

TEST_F(GamesTest, ClosesWhoIsNotInTheGame) {
  const SocketPtr socket = Knock(MakeGame(), "stranger");

  EXPECT_EQ(socket->close_code, 1000);
  EXPECT_EQ(socket->close_reason, "Unknown error.");
  EXPECT_THAT(socket->frames, ElementsAre(R"({"type":"error","message":)"
                                          R"("The user is not in the game.","code":-1})"));
}

TEST_F(GamesTest, AGuestBeforeTheHostIsRefused) {
  const SocketPtr guest = Knock(MakeGame(), "guest");

  EXPECT_EQ(guest->close_code, 4000);
  EXPECT_EQ(guest->close_reason, kRefused);
  EXPECT_THAT(guest->frames,
              ElementsAre(R"({"type":"error","message":"HOST_NOT_READY","code":4000})"));
}

TEST_F(GamesTest, WhoIsThereAlreadyIsRefused) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");

  const SocketPtr again = Knock(token, "host");

  EXPECT_EQ(again->close_code, 4001);
  EXPECT_EQ(again->close_reason, kRefused);
  EXPECT_THAT(again->frames,
              ElementsAre(R"({"type":"error","message":"PLAYER_ALREADY_JOINED","code":4001})"));
  EXPECT_EQ(host->close_code, 0);
}

TEST_F(GamesTest, WithTheHostTheGameEnds) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  const SocketPtr guest = Come(token, "guest");
  events_.events.clear();

  games_.Leave(token, "host", host);
  games_.Leave(token, "guest", guest);

  EXPECT_THAT(guest->frames,
              ElementsAre(R"({"type":"error","message":"HOST_DISCONNECTED","code":4002})"));
  EXPECT_EQ(guest->close_code, 1000);
  EXPECT_THAT(events_.events, ElementsAre(kRemoved));
  EXPECT_THAT(games_.ActiveGames(), IsEmpty());
}

TEST_F(GamesTest, AGuestWhoLeavesMakesRoomForAnother) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  const SocketPtr guest = Come(token, "guest");
  host->frames.clear();
  events_.events.clear();

  games_.Leave(token, "guest", guest);

  EXPECT_THAT(host->frames,
              ElementsAre(R"({"type":"error","message":"PLAYER_DISCONNECTED","code":4003})"));
  EXPECT_THAT(events_.events,
              ElementsAre(GameEvent{"player_disconnect", "g1", {{"player_id", "guest"}}}));
  EXPECT_TRUE(games_.Join("g1", "another", "Cal").ok());
  Come(token, "another");
  EXPECT_EQ(events_.events.back(), State("all_players_joined"));
}

TEST_F(GamesTest, RemovingAGameClosesItsPlayersAndForgetsItsToken) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  events_.events.clear();

  EXPECT_EQ(games_.Remove("g1"), token);
  EXPECT_EQ(games_.Remove("g1"), std::nullopt);
  games_.Leave(token, "host", host);

  EXPECT_EQ(host->close_code, 1000);
  EXPECT_THAT(events_.events, ElementsAre(kRemoved));
  EXPECT_EQ(Knock(token, "host")->close_reason,
            "Supplied token has no active games associated with it.");
}

TEST_F(GamesTest, RemovesAGuestWhoIsThere) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  const SocketPtr guest = Come(token, "guest");
  events_.events.clear();

  EXPECT_EQ(games_.RemovePlayer("g1", "guest").value(), true);
  games_.Leave(token, "guest", guest);

  EXPECT_EQ(guest->close_code, 1000);
  EXPECT_EQ(host->frames.back(), R"({"type":"error","message":"PLAYER_DISCONNECTED","code":4003})");
  EXPECT_THAT(events_.events, IsEmpty());
}

TEST_F(GamesTest, SaysWhyAPlayerIsNotRemoved) {
  MakeGame();

  EXPECT_THAT(games_.RemovePlayer("g2", "guest"), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(games_.RemovePlayer("g1", "stranger"), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(games_.RemovePlayer("g1", "host"),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_EQ(games_.RemovePlayer("g1", "guest").value(), false);
  EXPECT_THAT(games_.RemovePlayer("g1", "guest"), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(GamesTest, AGameWhoseHostDoesNotComeIsRemoved) {
  MakeGame();
  ASSERT_TRUE(games_.Create("g2", "host", "Ann").ok());
  const SocketPtr host = Come("t2", "host");
  events_.events.clear();
  clock_.Advance(std::chrono::milliseconds(1000));

  games_.Expire();

  EXPECT_THAT(games_.ActiveGames(), ElementsAre("g2"));
  EXPECT_THAT(events_.events, ElementsAre(kRemoved));
}

TEST_F(GamesTest, AnswersAMessageThatNoMatchTakes) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");

  games_.Receive(token, "host", host);
  games_.Receive(token, "host", MakeSocket());
  games_.Receive("no such", "host", host);

  EXPECT_THAT(host->frames,
              ElementsAre(R"({"type":"error","message":"Unexpected message.","code":-1})"));
  EXPECT_EQ(games_.counts().messages, 1u);
}

TEST_F(GamesTest, WhenClosedTheyTakeNobodyNew) {
  const std::string token = games_.Create("g1", "host", "Ann").value_or("");

  games_.Close();

  EXPECT_THAT(games_.Create("g2", "host", "Ann"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("closed")));
  EXPECT_THAT(games_.Join("g1", "guest", "Ben"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("closed")));
  EXPECT_EQ(games_.Join("g1", "host", "Ann").value_or(""), token);
}

TEST_F(GamesTest, CloseWhenUnusedOnly) {
  ASSERT_TRUE(games_.Create("g1", "host", "Ann").ok());
  EXPECT_FALSE(games_.CloseIfUnused());
  EXPECT_TRUE(games_.Join("g1", "guest", "Ben").ok());
  games_.Remove("g1");

  EXPECT_TRUE(games_.CloseIfUnused());

  EXPECT_THAT(games_.Create("g1", "host", "Ann"),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST_F(GamesTest, ClearRemovesAll) {
  const std::string token = MakeGame();
  const SocketPtr host = Come(token, "host");
  EXPECT_EQ(games_.counts().connections, 1u);

  games_.Clear();

  EXPECT_EQ(games_.counts().games, 0u);
  EXPECT_EQ(games_.counts().connections, 0u);
  EXPECT_EQ(events_.events.back(), kRemoved);
  EXPECT_EQ(host->close_code, 1000);
}

}  // namespace
}  // namespace muster::gameserver
