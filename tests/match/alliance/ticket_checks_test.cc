#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/match/alliance/alliance_fixture.h"

// What the logic says of single tickets and of its rules.
namespace muster::match::alliance {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kMax100[] = R"("region_latency_max_ms":100)";
constexpr char kLargerLater[] =
    R"("alliance_flexing_rule":[{"duration":10,"min_number":2,"max_number":2,)"
    R"("player_min_number":1,"player_max_number":3}])";

struct TicketCase {
  const char* name;
  const char* more;
  TicketSpec ticket;
  // What the message says, as a regular expression; empty: the ticket is valid.
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const TicketCase& test_case) {
  return out << test_case.name;
}

const TicketCase kTicketCases[] = {
    {"Plain", "", {}, ""},
    {"AnyLatencyWithoutAMaximum", "", {.latencies = {{"us", 9000}}}, ""},
    {"NoLatenciesWithAMaximum", kMax100, {}, "latenc|region"},
    {"TheBestLatencyAtTheMaximum", kMax100, {.latencies = {{"eu", 200}, {"us", 100}}}, ""},
    {"TheBestLatencyAbove", kMax100, {.latencies = {{"eu", 200}, {"us", 101}}}, "latenc|region"},
    {"NoPlayers", "", {.size = 0}, "player"},
    {"AsManyAsATeam", "", {.size = 2}, ""},
    {"MoreThanATeam", "", {.size = 3}, "party|player"},
    {"AsManyAsATeamLater", kLargerLater, {.size = 3}, ""},
    {"MoreThanATeamLater", kLargerLater, {.size = 4}, "party|player"},
    {"APlayerTwice", "", {.players = {"u", "u"}}, "player"},
    {"AnEmptyPlayerId", "", {.players = {"u", ""}}, "player"},
};

class TicketChecksTableTest : public AllianceTableTest<TicketCase> {};

TEST_P(TicketChecksTableTest, TellAnImpossibleTicket) {
  UseRules("2,2,1,2", GetParam().more);

  const std::optional<InvalidTicket> invalid =
      logic().ValidateTicket(MakeTicket("t", GetParam().ticket));

  if (*GetParam().message == '\0') {
    EXPECT_FALSE(invalid.has_value()) << invalid->message;
  } else {
    ASSERT_TRUE(invalid.has_value());
    EXPECT_THAT(invalid->message, ContainsRegex(GetParam().message));
    EXPECT_THAT(invalid->reason, testing::MatchesRegex("[a-z_]+"));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TicketChecksTableTest, testing::ValuesIn(kTicketCases));

class TicketChecksTest : public AllianceTest {};

TEST_F(TicketChecksTest, Q35StatCodesAreTheAttributesOfTheRulesEachOnce) {
  UseRules("2,2,1,1", R"("matching_rule":[)" + DistanceRule("skill", 10) + "," +
                          DistanceRule("mmr", 10) +
                          R"(,{"attribute":"rank","criteria":"average","reference":1})" +
                          R"(],"flexing_rule":[)" + DistanceRule("z", 20, R"(,"duration":5)") +
                          "," + DistanceRule("mmr", 20, R"(,"duration":5)") + "]");

  EXPECT_THAT(logic().StatCodes(), ElementsAre("skill", "mmr", "rank", "z"));
}

TEST_F(TicketChecksTest, RulesWithoutAttributesHaveNoStatCodes) {
  UseRules("2,2,1,1");

  EXPECT_THAT(logic().StatCodes(), IsEmpty());
}

TEST_F(TicketChecksTest, NothingIsAddedToATicket) {
  UseRules("2,2,1,1", MmrWithin(10));

  EXPECT_THAT(logic().EnrichTicket(MakeTicket("t", {.ratings = {5}})), IsEmpty());
}

TEST_F(TicketChecksTest, ACriterionWithoutEffectIsRemarkedUpon) {
  UseRules("2,2,1,1",
           R"("matching_rule":[{"attribute":"mmr","criteria":"average","reference":1}])");

  EXPECT_THAT(logic().Remarks(), testing::Contains(HasSubstr("average")));
}

}  // namespace
}  // namespace muster::match::alliance
