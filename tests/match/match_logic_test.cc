#include "match/match_logic.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/match_driver.h"

namespace muster::match {
namespace {

using support::BackfillDriver;
using support::Party;
using support::Solo;
using testing::IsEmpty;

class IdleMatchRun final : public MatchRun {
 public:
  std::optional<LeftOut> AddTicket(const Ticket&) override { return std::nullopt; }
  void Finish() override {}
};

// Implements what the interface demands and leaves the rest at its default.
class SmallestLogic final : public MatchLogic {
 public:
  std::unique_ptr<MatchRun> StartMatches(const RunContext&, MatchSink&) const override {
    return std::make_unique<IdleMatchRun>();
  }
};

std::string ReasonFor(const Ticket& ticket) {
  const std::optional<InvalidTicket> invalid = ValidatePlayers(ticket);
  return invalid ? invalid->reason : "valid";
}

TEST(ValidatePlayers, TakesATicketWhosePlayersAllHaveDifferentIds) {
  EXPECT_EQ(ReasonFor(Solo("a")), "valid");
  EXPECT_EQ(ReasonFor(Party("p", {"a", "b", "c"})), "valid");
}

TEST(ValidatePlayers, RefusesATicketWithoutPlayers) {
  EXPECT_EQ(ReasonFor(Party("p", {})), "no_players");
}

TEST(ValidatePlayers, RefusesAnEmptyPlayerId) {
  EXPECT_EQ(ReasonFor(Party("p", {"a", ""})), "empty_player_id");
}

TEST(ValidatePlayers, RefusesARepeatedPlayerAndNamesIt) {
  const std::optional<InvalidTicket> invalid = ValidatePlayers(Party("p", {"a", "b", "a"}));

  ASSERT_TRUE(invalid.has_value());
  EXPECT_EQ(invalid->reason, "repeated_player");
  EXPECT_EQ(invalid->message, "player a is in the ticket twice");
}

TEST(MatchLogic, ByDefaultReadsNoStatisticsAndAddsNoAttributes) {
  const SmallestLogic logic;

  EXPECT_THAT(logic.StatCodes(), IsEmpty());
  EXPECT_TRUE(logic.EnrichTicket(Solo("a")).empty());
}

TEST(MatchLogic, ByDefaultValidatesThePlayers) {
  const SmallestLogic logic;

  EXPECT_FALSE(logic.ValidateTicket(Solo("a")).has_value());
  EXPECT_TRUE(logic.ValidateTicket(Party("p", {})).has_value());
}

TEST(MatchLogic, ByDefaultProposesNoBackfill) {
  const SmallestLogic logic;
  BackfillDriver run(logic);

  EXPECT_EQ(run.Add(Solo("a")), std::nullopt);
  run.Add(BackfillTicket());
  run.Finish();

  EXPECT_THAT(run.proposals(), IsEmpty());
}

}  // namespace
}  // namespace muster::match
