#include "match/pairs/common_ground.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::match::pairs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

class CommonGroundTest : public testing::Test {
 protected:
  // `latencies` are ordered by region, as the edge hands them over.
  void AddLatencies(std::vector<Latency> latencies) {
    Ticket ticket;
    ticket.latencies = std::move(latencies);
    ground_.Add(ticket);
  }
  void AddServer(Value name) { AddAttribute("server_name", std::move(name)); }
  void AddVersion(Value version) { AddAttribute("client_version", std::move(version)); }
  void AddPlainTicket() { ground_.Add(Ticket()); }

  CommonGround ground_;

 private:
  void AddAttribute(std::string_view name, Value value) {
    Ticket ticket;
    ticket.attributes.Set(name, std::move(value));
    ground_.Add(ticket);
  }
};

TEST_F(CommonGroundTest, WithoutLatenciesThereIsNoAnswer) {
  EXPECT_EQ(ground_.Regions(), std::nullopt);

  AddPlainTicket();

  EXPECT_EQ(ground_.Regions(), std::nullopt);
}

TEST_F(CommonGroundTest, OneTicketsRegionsComeNearestFirst) {
  AddLatencies({{"asia", 200}, {"eu", 20}, {"us", 100}});

  EXPECT_THAT(ground_.Regions(), Optional(ElementsAre("eu", "us", "asia")));
}

TEST_F(CommonGroundTest, CommonRegionsComeBestWorstCaseFirst) {
  AddLatencies({{"asia", 90}, {"eu", 10}, {"us", 80}});
  AddLatencies({{"asia", 95}, {"eu", 150}, {"us", 100}});

  EXPECT_THAT(ground_.Regions(), Optional(ElementsAre("asia", "us", "eu")));
}

TEST_F(CommonGroundTest, TiesAreInTheOrderOfTheirNames) {
  AddLatencies({{"a", 50}, {"b", 40}, {"c", 50}});
  AddLatencies({{"a", 40}, {"b", 50}, {"c", 50}});

  EXPECT_THAT(ground_.Regions(), Optional(ElementsAre("a", "b", "c")));
}

TEST_F(CommonGroundTest, ARegionThatOneTicketDoesNotListIsOut) {
  AddLatencies({{"a", 1}, {"b", 2}, {"c", 3}, {"e", 4}});
  AddLatencies({{"b", 2}, {"d", 1}, {"e", 3}});
  AddLatencies({{"a", 1}, {"c", 1}, {"e", 5}});

  EXPECT_THAT(ground_.Regions(), Optional(ElementsAre("e")));
}

TEST_F(CommonGroundTest, TicketsWithoutLatenciesDoNotCount) {
  AddPlainTicket();
  AddLatencies({{"eu", 20}, {"us", 100}});
  AddPlainTicket();

  EXPECT_THAT(ground_.Regions(), Optional(ElementsAre("eu", "us")));
}

TEST_F(CommonGroundTest, WithoutACommonRegionTheAnswerIsEmptyForGood) {
  AddLatencies({{"eu", 20}});
  AddLatencies({{"us", 20}});
  EXPECT_THAT(ground_.Regions(), Optional(IsEmpty()));

  AddLatencies({{"eu", 20}, {"us", 20}});

  EXPECT_THAT(ground_.Regions(), Optional(IsEmpty()));
}

TEST_F(CommonGroundTest, WhatAllTicketsSayStands) {
  AddServer("local");
  AddServer("local");

  EXPECT_EQ(ground_.server_name(), "local");
  EXPECT_EQ(ground_.client_version(), "");
}

TEST_F(CommonGroundTest, WhatTicketsSayDifferentlyIsEmptyForGood) {
  AddVersion("1.0");
  AddVersion("1.1");
  EXPECT_EQ(ground_.client_version(), "");

  AddVersion("1.0");

  EXPECT_EQ(ground_.client_version(), "");
}

TEST_F(CommonGroundTest, OneTicketThatSaysNothingIsEnoughForDisagreement) {
  AddServer("local");
  AddPlainTicket();

  EXPECT_EQ(ground_.server_name(), "");
}

TEST_F(CommonGroundTest, AFirstTicketThatSaysNothingIsEnoughToo) {
  AddPlainTicket();
  AddServer("local");
  AddServer("local");

  EXPECT_EQ(ground_.server_name(), "");
}

TEST_F(CommonGroundTest, OnlyTextIsAName) {
  AddServer(7);
  AddServer(7);

  EXPECT_EQ(ground_.server_name(), "");
}

TEST_F(CommonGroundTest, ClearForgetsAll) {
  AddLatencies({{"eu", 20}});
  AddServer("one");
  ground_.Clear();

  AddServer("two");

  EXPECT_EQ(ground_.server_name(), "two");
  EXPECT_EQ(ground_.Regions(), std::nullopt);
}

}  // namespace
}  // namespace muster::match::pairs
