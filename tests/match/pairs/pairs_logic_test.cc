#include "match/pairs/pairs_logic.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/match_driver.h"
#include "tests/support/status_matchers.h"

namespace muster::match::pairs {
namespace {

using support::Attributes;
using support::MatchDriver;
using support::Party;
using support::Solo;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kTeamsOfTwo[] = R"({"alliance":{"min_number":2,"player_min_number":2}})";

class PairsLogicTest : public testing::Test {
 protected:
  void UseRules(std::string_view rules, const LogicOptions& options = {}) {
    logic_ = MakePairsLogic(rules, options).value();
  }
  const MatchLogic& logic() const { return *logic_; }
  // Why the ticket is not valid, or "valid".
  std::string Verdict(const Ticket& ticket) const {
    const std::optional<InvalidTicket> invalid = logic_->ValidateTicket(ticket);
    return invalid ? invalid->reason + ": " + invalid->message : "valid";
  }

 private:
  std::shared_ptr<const MatchLogic> logic_ = MakePairsLogic("", LogicOptions()).value();
};

TEST_F(PairsLogicTest, ReadsNoStatistics) { EXPECT_THAT(logic().StatCodes(), IsEmpty()); }

TEST_F(PairsLogicTest, IsNotMadeOfBadRules) {
  EXPECT_THAT(MakePairsLogic(R"({"shipCountMin":-1})", LogicOptions()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shipCountMin -1")));
}

TEST_F(PairsLogicTest, ATicketOfDifferentPlayersIsValid) {
  EXPECT_EQ(Verdict(Solo("a")), "valid");
  EXPECT_EQ(Verdict(Party("p", {"a", "b", "c", "d", "e"})), "valid");
}

TEST_F(PairsLogicTest, ATicketWhosePlayersCannotPlayIsNotValid) {
  EXPECT_THAT(Verdict(Party("p", {})), HasSubstr("no_players: "));
  EXPECT_THAT(Verdict(Party("p", {""})), HasSubstr("empty_player_id: "));
  EXPECT_THAT(Verdict(Party("p", {"a", "a"})), HasSubstr("repeated_player: "));
}

TEST_F(PairsLogicTest, APartyLargerThanATeamIsNotValid) {
  UseRules(kTeamsOfTwo);

  EXPECT_EQ(Verdict(Party("p", {"a", "b"})), "valid");
  EXPECT_EQ(Verdict(Party("p", {"a", "b", "c"})),
            "too_large: a party of 3 does not fit into a team of 2");
}

TEST_F(PairsLogicTest, EnrichesATicketWithoutAttributes) {
  EXPECT_EQ(logic().EnrichTicket(Solo("a")), Attributes({{"enrichedNumber", 20}}));
}

TEST_F(PairsLogicTest, AddsNothingToATicketWithAttributes) {
  Ticket ticket = Solo("a");
  ticket.attributes.Set("anything", Value());

  EXPECT_EQ(logic().EnrichTicket(ticket), Object());
}

TEST_F(PairsLogicTest, AttributesOfPlayersAreNotAttributesOfTheTicket) {
  Ticket ticket = Solo("a");
  ticket.players[0].attributes.Set("rating", 1000);

  EXPECT_EQ(logic().EnrichTicket(ticket).size(), 1u);
}

TEST_F(PairsLogicTest, TheDefaultRegionsAreTheServers) {
  LogicOptions options;
  options.default_regions = {"moon"};
  UseRules("", options);
  MatchDriver run(logic());

  run.Add(Solo("a"));
  run.Add(Solo("b"));

  ASSERT_THAT(run.matches(), SizeIs(1));
  EXPECT_THAT(run.matches()[0].region_preferences, ElementsAre("moon"));
}

}  // namespace
}  // namespace muster::match::pairs
