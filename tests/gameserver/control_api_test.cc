#include "gameserver/control_api.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/gameserver/recording_socket.h"

namespace muster::gameserver {
namespace {

using testing::HasSubstr;

class NoEvents final : public GameEvents {
 public:
  void Publish(GameEvent /*event*/) override {}
};

class ControlApiTest : public testing::Test {
 protected:
  net::server::Response Call(const std::string& method, const std::string& path,
                             const std::string& body = "") {
    return api_.Answer({.method = method, .path = path, .body = body});
  }
  // "status body"
  std::string Ask(const std::string& method, const std::string& path,
                  const std::string& body = "") {
    const net::server::Response response = Call(method, path, body);
    return std::to_string(response.status) + " " + response.body;
  }
  int Status(const std::string& method, const std::string& path) {
    return Call(method, path).status;
  }
  std::string CreateGame() {
    return Ask("POST", "/create_game", R"({"gameId":"g1","userId":"u1","username":"Ann"})");
  }
  std::string JoinGame(const std::string& user) {
    return Ask("POST", "/join_game",
               R"({"gameId":"g1","userId":")" + user + R"(","username":"Ben"})");
  }

  bool ready_ = true;
  int closes_ = 0;
  fakes::FakeClock clock_;
  NoEvents events_;
  Room room_{{.slots = 2}, clock_, [] {}};
  Games games_{{.max_games = 1}, events_, clock_, [] { return "abc"; }};
  ControlApi api_{{[this] { return ready_; }, [] { return "figures\n"; }, [this] { ++closes_; }},
                  room_,
                  games_};
};

TEST_F(ControlApiTest, ReservesUntilFullAndAgainForAHolder) {
  EXPECT_EQ(Status("POST", "/reservation/alice"), 200);
  EXPECT_EQ(Status("POST", "/reservation/bob"), 200);
  EXPECT_EQ(Status("POST", "/reservation/carol"), 403);
  EXPECT_EQ(Status("POST", "/reservation/alice"), 200);

  EXPECT_EQ(Status("GET", "/reservation/alice"), 200);
  EXPECT_EQ(Status("GET", "/reservation/carol"), 404);
}

TEST_F(ControlApiTest, GivesASlotBackUnlessItIsPlayedIn) {
  EXPECT_EQ(Status("DELETE", "/reservation/alice"), 404);
  Status("POST", "/reservation/alice");
  const auto socket = MakeSocket();
  ASSERT_TRUE(room_.Enter("alice", socket));
  EXPECT_EQ(Status("DELETE", "/reservation/alice"), 409);
  room_.Leave("alice", socket);

  EXPECT_EQ(Status("DELETE", "/reservation/alice"), 200);

  EXPECT_EQ(Status("GET", "/reservation/alice"), 404);
}

TEST_F(ControlApiTest, AnIdIsExactlyOneDecodedSegment) {
  EXPECT_EQ(Status("POST", "/reservation/x%2Fy"), 200);
  EXPECT_TRUE(room_.Holds("x/y"));
  EXPECT_EQ(Status("POST", "/reservation/a%3fx%3D1"), 200);
  EXPECT_TRUE(room_.Holds("a?x=1"));

  EXPECT_EQ(Status("GET", "/reservation/x/y"), 404);
}

TEST_F(ControlApiTest, RefusesWhatIsNoId) {
  for (const std::string id : {"", "%", "%4", "%zz", "..", ".", "%2e%2E", "%00", "a%0Ab", "%ff"}) {
    EXPECT_EQ(Status("POST", "/reservation/" + id), 400) << id;
  }
  EXPECT_EQ(Status("POST", "/reservation/" + std::string(257, 'a')), 400);
  EXPECT_EQ(room_.occupancy().used, 0u);
}

TEST_F(ControlApiTest, TellsHowFullItIs) {
  Status("POST", "/reservation/alice");
  Status("POST", "/reservation/bob");
  room_.Enter("bob", MakeSocket());

  EXPECT_EQ(Ask("GET", "/status"), R"(200 {"slots":2,"used":2,"players":1})");
}

TEST_F(ControlApiTest, TellsHowItIs) {
  EXPECT_EQ(Ask("GET", "/healthz"), "200 ok\n");
  EXPECT_EQ(Ask("GET", "/readyz"), "200 ok\n");
  EXPECT_EQ(Ask("GET", "/metrics"), "200 figures\n");
  ready_ = false;

  EXPECT_EQ(Status("GET", "/readyz"), 503);
  EXPECT_EQ(Status("GET", "/healthz"), 200);
}

TEST_F(ControlApiTest, KnowsItsPathsAndTheirMethods) {
  for (const char* path : {"/", "/reservation", "/nothing", "/status/", "/reservation/a/b"}) {
    EXPECT_EQ(Status("GET", path), 404) << path;
  }
  for (const char* path : {"/status", "/healthz", "/readyz", "/metrics", "/active_games"}) {
    EXPECT_EQ(Status("POST", path), 405) << path;
  }
  for (const char* path :
       {"/create_game", "/join_game", "/remove_game", "/remove_player", "/close"}) {
    EXPECT_EQ(Status("GET", path), 405) << path;
  }
  const net::server::Response response = Call("PUT", "/reservation/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.at(0).value, "POST, GET, DELETE");
}

TEST_F(ControlApiTest, ClosesOnlyWhereItIsAllowed) {
  EXPECT_EQ(Status("POST", "/close"), 200);
  EXPECT_EQ(closes_, 1);

  ControlApi careful({[] { return true; }, [] { return ""; }, nullptr}, room_, games_);

  EXPECT_EQ(careful.Answer({.method = "POST", .path = "/close"}).status, 404);
}

TEST_F(ControlApiTest, MakesAGameAndLetsPlayersJoin) {
  EXPECT_EQ(CreateGame(), R"(200 {"gameToken":"abc"})");
  EXPECT_EQ(JoinGame("u2"), R"(200 {"gameToken":"abc"})");
  EXPECT_EQ(Ask("GET", "/active_games"), R"(200 ["g1"])");
  EXPECT_EQ(Ask("POST", "/remove_game", R"({"gameId":"g1"})"), R"(200 {"gameToken":"abc"})");

  EXPECT_EQ(Ask("POST", "/remove_game", R"({"gameId":"g1"})"), "200 null");
  EXPECT_EQ(Ask("GET", "/active_games"), "200 []");
}

TEST_F(ControlApiTest, SaysInTheKnownWordsWhyThereIsNoGame) {
  EXPECT_EQ(JoinGame("u2"),
            R"(400 {"message":"Unable to join game with ID 'g1' - it does not exist."})");
  CreateGame();
  EXPECT_EQ(CreateGame(),
            R"(400 {"message":"Unable to create game. A game with id: 'g1' already exists."})");
  EXPECT_EQ(Ask("POST", "/create_game", R"({"gameId":"g2","userId":"u","username":"n"})"),
            R"(400 {"message":"Unable to create game. The server has no room for another."})");
  JoinGame("u2");
  EXPECT_EQ(
      JoinGame("u3"),
      R"(400 {"message":"Unable to join game with ID 'g1' - game capacity already reached."})");
}

TEST_F(ControlApiTest, RemovesPlayersButNotTheHost) {
  CreateGame();
  JoinGame("u2");
  const auto remove = [this](const std::string& game, const std::string& user) {
    return Ask("POST", "/remove_player",
               R"({"gameId":")" + game + R"(","userId":")" + user + R"("})");
  };

  EXPECT_EQ(remove("g1", "u1"), R"(400 {"message":"The host of a game cannot be removed."})");
  EXPECT_THAT(remove("g2", "u1"), HasSubstr("400 "));
  EXPECT_THAT(remove("g1", "u3"), HasSubstr("404 "));
  EXPECT_EQ(remove("g1", "u2"), R"(200 {"playerRemoved":true,"connectionRemoved":false})");
  EXPECT_THAT(remove("g1", "u2"), HasSubstr("404 "));
}

struct BadBody {
  const char* name;
  std::string path;
  std::string body;
  std::string answer;
};
std::ostream& operator<<(std::ostream& out, const BadBody& bad) { return out << bad.name; }

const std::string kBadGame = R"({"message":"Invalid gameId format."})";
const std::string kBadUser = R"({"message":"Invalid userId format."})";

const BadBody kBadBodies[] = {
    {"NoBody", "/create_game", "", "400 " + kBadGame},
    {"NoJson", "/create_game", "{", "400 " + kBadGame},
    {"NoObject", "/create_game", "[1]", "400 " + kBadGame},
    {"Deep", "/create_game", std::string(60'000, '['), "400 " + kBadGame},
    {"NotUtf8", "/create_game", "{\"gameId\":\"\xff\"}", "400 " + kBadGame},
    {"NumberAsId", "/create_game", R"({"gameId":1})", "400 " + kBadGame},
    {"EmptyGame", "/join_game", R"({"gameId":""})", "400 " + kBadGame},
    {"NoUser", "/create_game", R"({"gameId":"g"})", "400 " + kBadUser},
    {"EmptyName", "/join_game", R"({"gameId":"g","userId":"u","username":""})",
     R"(400 {"message":"Invalid username format."})"},
    {"RemoveNothing", "/remove_game", "{}", "500 " + kBadGame},
    {"RemoveNobody", "/remove_player", R"({"gameId":"g"})", "400 " + kBadUser},
    {"RemoveFromNothing", "/remove_player", R"({"userId":"u"})", "400 " + kBadGame},
};

class BadBodyTest : public ControlApiTest, public testing::WithParamInterface<BadBody> {};

TEST_P(BadBodyTest, IsAnsweredWithWhatIsWrong) {
  EXPECT_EQ(Ask("POST", GetParam().path, GetParam().body), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(ControlApi, BadBodyTest, testing::ValuesIn(kBadBodies),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace muster::gameserver
