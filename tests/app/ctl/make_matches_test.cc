#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/fakes/fake_match_function.h"

// The two streaming commands.
namespace muster::app::ctl {
namespace {

using fakes::Behaviour;
using fakes::FakeMatchFunction;
using testing::HasSubstr;

constexpr char kSessions[] =
    "{\"ticketId\":\"b1\",\"matchSessionId\":\"s1\",\"partialMatch\":{}}\n"
    "{\"ticketId\":\"b2\",\"matchSessionId\":\"s2\",\"partialMatch\":{}}\n";

Outcome MakeMatches(const FakeMatchFunction& server, const std::vector<std::string>& ids,
                    std::vector<std::string> flags = {}) {
  std::vector<std::string> arguments = {"make-matches", "--target", server.address(), "--tickets",
                                        "-"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return Musterctl(arguments, TicketLines(ids));
}

TEST(MakeMatches, ShowsMatchesAndAccountsForEveryTicket) {
  const FakeMatchFunction server;

  const Outcome outcome = MakeMatches(server, {"a", "b", "c"});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "MATCH  TICKETS  PLAYERS  TEAMS  SPREAD  REGIONS    BACKFILL\n"
            "1      a, b     2        2              us-east-2\n"
            "3 tickets, 1 matches: 2 matched, 1 left over\n");
  EXPECT_EQ(outcome.err, "");
}

constexpr char kRated[] =
    R"({"ticketId":"a","players":[{"playerId":"ann","attributes":{"mmr":1000}},)"
    R"({"playerId":"amy","attributes":{"mmr":1010}}]})"
    "\n"
    R"({"ticketId":"b","players":[{"playerId":"bob","attributes":{"mmr":1040,"elo":7}}]})"
    "\n";

TEST(MakeMatches, ShowsTheSpreadOfTheRatings) {
  const FakeMatchFunction server;
  const std::vector<std::string> arguments = {"make-matches", "--target", server.address(),
                                              "--tickets", "-"};

  EXPECT_THAT(Musterctl(arguments, kRated).out,
              HasSubstr("1      a, b     3        3      40      us-east-2\n"));
}

TEST(MakeMatches, ShowsTeamsWhenAsked) {
  const FakeMatchFunction server;
  std::vector<std::string> arguments = {"make-matches", "--target", server.address(),
                                        "--tickets",    "-",        "--teams"};

  EXPECT_EQ(Musterctl(arguments, kRated).out,
            "Match 1: 3 in us-east-2\n"
            "  team 1, mean mmr 1,017: ann+amy, bob\n"
            "2 tickets, 1 matches: 2 matched, 0 left over\n");
  arguments.insert(arguments.end(), {"--rating-attribute", "elo"});
  EXPECT_THAT(Musterctl(arguments, kRated).out, HasSubstr("team 1, mean elo 7: ann+amy, bob\n"));
}

TEST(MakeMatches, ShowsAsManyTeamsAsAsked) {
  const FakeMatchFunction server;

  const Outcome outcome = MakeMatches(server, {"a", "b", "c", "d"}, {"--teams", "--rows", "1"});

  EXPECT_EQ(outcome.out,
            "Match 1: 2 in us-east-2\n"
            "  team 1: p-a, p-b\n"
            "(1 more; --rows shows more of them, --json all)\n"
            "4 tickets, 2 matches: 4 matched, 0 left over\n");
}

TEST(MakeMatches, ShowsAsManyRowsAsAsked) {
  const FakeMatchFunction server;

  const Outcome outcome = MakeMatches(server, {"a", "b", "c", "d", "e", "f"}, {"--rows", "1"});

  EXPECT_THAT(outcome.out, HasSubstr("(2 more; --rows shows more of them, --json all)"));
  EXPECT_THAT(outcome.out, HasSubstr("6 tickets, 3 matches: 6 matched, 0 left over"));
}

TEST(MakeMatches, PrintsOneObjectAMatchAndASummaryForScripts) {
  const FakeMatchFunction server;

  std::istringstream lines(MakeMatches(server, {"a", "b", "c"}, {"--json"}).out);
  std::string match;
  std::string summary;
  std::getline(lines, match);
  std::getline(lines, summary);

  EXPECT_EQ(nlohmann::json::parse(match)["match"]["tickets"][1]["ticketId"], "b");
  EXPECT_EQ(summary, R"({"summary":{"tickets":3,"matches":1,"matched":2,"leftOver":1}})");
}

TEST(MakeMatches, FailsWhenATicketComesBackTwice) {
  const FakeMatchFunction server(Behaviour::kReturnsTwice);

  const Outcome outcome = MakeMatches(server, {"a", "b"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the server returned tickets twice: a"));
}

TEST(MakeMatches, FailsWhenATicketComesBackThatWasNotSent) {
  const FakeMatchFunction server(Behaviour::kInvents);

  const Outcome outcome = MakeMatches(server, {"a", "b"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("tickets that were not sent: invented"));
}

TEST(MakeMatches, FailsWhenTheServerBreaksOff) {
  const FakeMatchFunction server(Behaviour::kBreaks);

  const Outcome outcome = MakeMatches(server, {"a", "b"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "musterctl make-matches: UNAVAILABLE: broken\n");
}

TEST(MakeMatches, NamesTheLineThatIsNoTicketAndCancels) {
  const FakeMatchFunction server;

  const Outcome outcome =
      Musterctl({"make-matches", "--target", server.address(), "--tickets", "-"},
                TicketLines({"a", "b"}) + "not json\n");

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("musterctl make-matches: standard input line 3: "));
}

TEST(Backfill, ShowsProposalsAndAccountsForEveryTicket) {
  const FakeMatchFunction server;
  const std::string sessions = WriteFile("sessions", kSessions);

  const Outcome outcome = Musterctl(
      {"backfill", "--target", server.address(), "--tickets", "-", "--backfill-tickets", sessions},
      TicketLines({"a", "b", "c"}));

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "SESSION  BACKFILL TICKET  ADDED  TEAMS\n"
            "s1       b1               a\n"
            "s2       b2               b\n"
            "2 backfill tickets, 3 tickets, 2 proposals: 2 tickets added, 1 left over\n");
}

TEST(Backfill, PrintsOneObjectAProposalAndASummaryForScripts) {
  const FakeMatchFunction server;
  const std::string sessions = WriteFile("sessions", kSessions);

  const Outcome outcome = Musterctl({"backfill", "--target", server.address(), "--tickets", "-",
                                     "--backfill-tickets", sessions, "--json"},
                                    TicketLines({"a"}));

  EXPECT_THAT(outcome.out, HasSubstr("{\"backfillProposal\":{\"backfillTicketId\":\"b1\""));
  EXPECT_THAT(outcome.out, HasSubstr(R"({"summary":{"backfillTickets":2,"tickets":1,)"
                                     R"("proposals":1,"added":1,"leftOver":0}})"));
}

TEST(Backfill, FailsWhenATicketComesBackThatWasNotSent) {
  const FakeMatchFunction server(Behaviour::kInvents);
  const std::string sessions = WriteFile("sessions", kSessions);

  const Outcome outcome = Musterctl(
      {"backfill", "--target", server.address(), "--tickets", "-", "--backfill-tickets", sessions},
      TicketLines({"a"}));

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("tickets that were not sent: invented"));
}

TEST(Backfill, NamesTheLineThatIsNoBackfillTicket) {
  const FakeMatchFunction server;
  const std::string sessions = WriteFile("sessions", TicketLines({"a"}));

  const Outcome outcome = Musterctl(
      {"backfill", "--target", server.address(), "--tickets", "-", "--backfill-tickets", sessions});

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("sessions line 1: not a BackfillTicket in proto JSON"));
}

}  // namespace
}  // namespace muster::app::ctl
