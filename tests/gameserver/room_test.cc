#include "gameserver/room.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/gameserver/recording_socket.h"

namespace muster::gameserver {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using SocketPtr = std::shared_ptr<RecordingSocket>;

class RoomTest : public testing::Test {
 protected:
  // A player with a slot who has just come; what the room said so far is forgotten.
  SocketPtr Come(const std::string& player) {
    EXPECT_TRUE(room_.Reserve(player));
    SocketPtr socket = MakeSocket();
    EXPECT_TRUE(room_.Enter(player, socket));
    socket->frames.clear();
    return socket;
  }

  int changes_ = 0;
  fakes::FakeClock clock_;
  Room room_{{.slots = 3}, clock_, [this] { ++changes_; }};
};

TEST_F(RoomTest, GreetsWhoComesAndTellsTheOthers) {
  const SocketPtr alice = Come("alice");
  room_.Reserve("bob");
  const SocketPtr bob = MakeSocket();

  ASSERT_TRUE(room_.Enter("bob", bob));

  EXPECT_THAT(bob->frames, ElementsAre(R"({"type":"welcome","player":"bob","slots":3})"));
  EXPECT_THAT(alice->frames, ElementsAre(R"({"type":"player_joined","player":"bob"})"));
}

TEST_F(RoomTest, LetsNobodyInWithoutASlot) {
  const SocketPtr alice = Come("alice");
  const SocketPtr bob = MakeSocket();

  EXPECT_FALSE(room_.Enter("bob", bob));

  EXPECT_THAT(bob->frames, IsEmpty());
  EXPECT_THAT(alice->frames, IsEmpty());
}

TEST_F(RoomTest, PassesWhatOneSaysToTheOthersOnly) {
  const SocketPtr alice = Come("alice");
  const SocketPtr bob = Come("bob");
  const SocketPtr carol = Come("carol");
  alice->frames.clear();
  bob->frames.clear();

  room_.Say("alice", alice, R"({"x":1})");

  const std::string frame = R"({"type":"message","from":"alice","data":"{\"x\":1}"})";
  EXPECT_THAT(bob->frames, ElementsAre(frame));
  EXPECT_THAT(carol->frames, ElementsAre(frame));
  EXPECT_THAT(alice->frames, IsEmpty());
  EXPECT_EQ(room_.messages(), 1u);
}

TEST_F(RoomTest, TellsTheOthersWhoLeft) {
  const SocketPtr alice = Come("alice");
  const SocketPtr bob = Come("bob");
  alice->frames.clear();

  room_.Leave("bob", bob);

  EXPECT_THAT(alice->frames, ElementsAre(R"({"type":"player_left","player":"bob"})"));
  EXPECT_TRUE(room_.Holds("bob"));
  EXPECT_EQ(room_.occupancy().connected, 1u);
}

TEST_F(RoomTest, ASecondConnectionTakesThePlaceOfTheFirst) {
  const SocketPtr alice = Come("alice");
  const SocketPtr first = Come("bob");
  alice->frames.clear();
  const SocketPtr second = MakeSocket();

  ASSERT_TRUE(room_.Enter("bob", second));
  room_.Say("bob", first, "too late");
  room_.Leave("bob", first);

  EXPECT_EQ(first->close_code, 1008);
  EXPECT_EQ(first->close_reason, "the player connected again");
  EXPECT_THAT(alice->frames, IsEmpty());
  EXPECT_EQ(room_.occupancy().connected, 2u);
}

TEST_F(RoomTest, TellsOfEachChangeOfTheUsedSlots) {
  room_.Reserve("alice");
  EXPECT_EQ(changes_, 1);
  room_.Reserve("alice");
  EXPECT_EQ(changes_, 1);
  room_.Release("alice");
  EXPECT_EQ(changes_, 2);
  room_.Reserve("bob");
  EXPECT_EQ(changes_, 3);
  clock_.Advance(std::chrono::hours(1));

  room_.Expire();

  EXPECT_EQ(changes_, 4);
}

TEST_F(RoomTest, AClosedRoomKeepsItsPlayersAndTakesNoOther) {
  const SocketPtr alice = Come("alice");

  room_.Close();

  EXPECT_TRUE(room_.Reserve("alice"));
  EXPECT_FALSE(room_.Reserve("bob"));
}

TEST_F(RoomTest, ClosesWhenUnusedOnly) {
  room_.Reserve("alice");
  EXPECT_FALSE(room_.CloseIfUnused([] { return true; }));
  EXPECT_TRUE(room_.Reserve("bob"));
  room_.Release("alice");
  room_.Release("bob");

  EXPECT_TRUE(room_.CloseIfUnused([] { return true; }));

  EXPECT_TRUE(room_.closed());
  EXPECT_FALSE(room_.Reserve("carol"));
}

TEST_F(RoomTest, StaysOpenWhenOthersDo) {
  EXPECT_FALSE(room_.CloseIfUnused([] { return false; }));

  EXPECT_FALSE(room_.closed());
  EXPECT_TRUE(room_.Reserve("alice"));
}

TEST_F(RoomTest, TextOfPlayersCannotBreakOutOfItsFrame) {
  const std::string hostile = "a\"},{\n";
  const SocketPtr alice = Come("alice");
  const SocketPtr bob = Come("bob");
  alice->frames.clear();

  room_.Say("bob", bob, hostile);

  EXPECT_THAT(alice->frames, ElementsAre(R"({"type":"message","from":"bob","data":"a\"},{\n"})"));
}

}  // namespace
}  // namespace muster::gameserver
