#include "gameserver/slots.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::gameserver {
namespace {

using std::chrono::milliseconds;

class SlotsTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  Slots slots_{{.slots = 2, .reservation_ttl = milliseconds(1000), .reconnect = milliseconds(100)},
               clock_};
};

TEST_F(SlotsTest, GivesNoMoreSlotsThanThereAre) {
  EXPECT_TRUE(slots_.Reserve("alice"));
  EXPECT_TRUE(slots_.Reserve("bob"));

  EXPECT_FALSE(slots_.Reserve("carol"));

  EXPECT_FALSE(slots_.Holds("carol"));
  EXPECT_EQ(slots_.used(), 2u);
}

TEST_F(SlotsTest, AHolderIsReservedForAgainAlsoWhenAllAreTaken) {
  slots_.Reserve("alice");
  slots_.Reserve("bob");

  EXPECT_TRUE(slots_.Reserve("alice"));

  EXPECT_EQ(slots_.used(), 2u);
}

TEST_F(SlotsTest, WhoDoesNotComeInTimeLosesTheSlot) {
  slots_.Reserve("alice");
  clock_.Advance(milliseconds(999));
  slots_.Expire();
  EXPECT_TRUE(slots_.Holds("alice"));

  clock_.Advance(milliseconds(1));
  slots_.Expire();

  EXPECT_FALSE(slots_.Holds("alice"));
  EXPECT_FALSE(slots_.Connect("alice"));
}

TEST_F(SlotsTest, AskingAgainGivesAllTheTimeAgain) {
  slots_.Reserve("alice");
  clock_.Advance(milliseconds(999));
  slots_.Reserve("alice");

  clock_.Advance(milliseconds(999));
  slots_.Expire();

  EXPECT_TRUE(slots_.Holds("alice"));
}

TEST_F(SlotsTest, WhoIsConnectedStays) {
  slots_.Reserve("alice");
  ASSERT_TRUE(slots_.Connect("alice"));

  clock_.Advance(milliseconds(1'000'000));
  slots_.Expire();

  EXPECT_TRUE(slots_.Holds("alice"));
  EXPECT_EQ(slots_.connected(), 1u);
}

TEST_F(SlotsTest, WhoWasDisconnectedMayComeBackForAWhile) {
  slots_.Reserve("alice");
  slots_.Connect("alice");
  slots_.Disconnect("alice");
  clock_.Advance(milliseconds(99));
  slots_.Expire();
  EXPECT_TRUE(slots_.Connect("alice"));

  slots_.Disconnect("alice");
  clock_.Advance(milliseconds(100));
  slots_.Expire();

  EXPECT_FALSE(slots_.Holds("alice"));
  EXPECT_EQ(slots_.connected(), 0u);
}

TEST_F(SlotsTest, NobodyConnectsWithoutASlot) {
  EXPECT_FALSE(slots_.Connect("alice"));
  slots_.Disconnect("alice");

  EXPECT_EQ(slots_.connected(), 0u);
}

TEST_F(SlotsTest, ConnectingTwiceCountsOnce) {
  slots_.Reserve("alice");

  slots_.Connect("alice");
  slots_.Connect("alice");

  EXPECT_EQ(slots_.connected(), 1u);
}

TEST_F(SlotsTest, ReleaseFreesTheSlotOfOneWhoIsNotThere) {
  EXPECT_EQ(slots_.Release("alice"), Slots::Released::kNotHeld);
  slots_.Reserve("alice");
  slots_.Connect("alice");
  EXPECT_EQ(slots_.Release("alice"), Slots::Released::kPlaying);
  slots_.Disconnect("alice");

  EXPECT_EQ(slots_.Release("alice"), Slots::Released::kYes);

  EXPECT_EQ(slots_.used(), 0u);
}

// One random step of somebody.
void Step(Slots& slots, fakes::FakeClock& clock, std::mt19937& random) {
  const std::string player(1, static_cast<char>('a' + random() % 6));
  switch (random() % 6) {
    case 0:
    case 1:
      slots.Reserve(player);
      break;
    case 2:
      slots.Connect(player);
      break;
    case 3:
      slots.Disconnect(player);
      break;
    case 4:
      slots.Release(player);
      break;
    default:
      clock.Advance(milliseconds(random() % 300));
      slots.Expire();
  }
}

TEST_F(SlotsTest, WhateverHappensItIsNeverOverCapacity) {
  constexpr unsigned kSeed = 20261121;
  std::mt19937 random(kSeed);

  for (int i = 0; i < 20'000; ++i) {
    Step(slots_, clock_, random);

    ASSERT_LE(slots_.used(), 2u) << "seed " << kSeed << " step " << i;
    ASSERT_LE(slots_.connected(), slots_.used()) << "seed " << kSeed << " step " << i;
  }
}

}  // namespace
}  // namespace muster::gameserver
