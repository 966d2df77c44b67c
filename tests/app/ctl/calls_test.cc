#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/fakes/fake_match_function.h"

// The commands that make one call a ticket, and health.
namespace muster::app::ctl {
namespace {

using fakes::FakeMatchFunction;
using testing::HasSubstr;

constexpr char kNobody[] = "127.0.0.1:1";

TEST(StatCodes, PrintsOneALine) {
  const FakeMatchFunction server;

  EXPECT_EQ(Musterctl({"stat-codes", "--target", server.address()}).out, "mmr\n");
  EXPECT_EQ(Musterctl({"stat-codes", "--target", server.address(), "--json"}).out,
            "{\"codes\":[\"mmr\"]}\n");
}

TEST(StatCodes, SendsTheRulesAndSaysWhyTheyAreRefused) {
  const FakeMatchFunction server;
  const std::string rules = WriteFile("rules", "bad");

  const Outcome outcome = Musterctl({"stat-codes", "--target", server.address(), "--rules", rules});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "musterctl stat-codes: INVALID_ARGUMENT: rules: bad\n");
}

TEST(StatCodes, SendsTheToken) {
  const FakeMatchFunction server;

  Musterctl({"stat-codes", "--target", server.address(), "--token", "abc"});
  EXPECT_EQ(server.last_authorization(), "Bearer abc");

  Musterctl({"stat-codes", "--target", server.address()});
  EXPECT_EQ(server.last_authorization(), "");
}

TEST(Validate, TellsEveryTicketsAnswer) {
  const FakeMatchFunction server;
  const std::string lines = TicketLines({"a"}) + "{\"ticketId\":\"empty\"}\n";

  const Outcome outcome =
      Musterctl({"validate", "--target", server.address(), "--tickets", "-"}, lines);

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "TICKET  ANSWER\n"
            "a       valid\n"
            "empty   not valid\n"
            "2 tickets: 1 valid, 1 not valid\n");
}

TEST(Validate, PrintsOneObjectATicketForScripts) {
  const FakeMatchFunction server;

  const Outcome outcome = Musterctl(
      {"validate", "--target", server.address(), "--tickets", "-", "--json"}, TicketLines({"a"}));

  EXPECT_EQ(outcome.out, "{\"ticketId\":\"a\",\"validTicket\":true}\n");
}

TEST(Validate, NamesTheLineThatIsNoTicket) {
  const FakeMatchFunction server;
  const std::string path = WriteFile("tickets", TicketLines({"a"}) + "\n{\"ticket\":1}\n");

  const Outcome outcome = Musterctl({"validate", "--target", server.address(), "--tickets", path});

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(path + " line 3: not a Ticket in proto JSON"));
}

TEST(Validate, FailsWithoutAServer) {
  const Outcome outcome =
      Musterctl({"validate", "--target", kNobody, "--tickets", "-"}, TicketLines({"a"}));

  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("musterctl validate: UNAVAILABLE: "));
}

TEST(Enrich, ShowsTheAttributesAndPrintsTicketsThatCanBeSentAgain) {
  const FakeMatchFunction server;

  const Outcome table =
      Musterctl({"enrich", "--target", server.address(), "--tickets", "-"}, TicketLines({"a"}));
  const Outcome json = Musterctl(
      {"enrich", "--target", server.address(), "--tickets", "-", "--json"}, TicketLines({"a"}));
  const Outcome again =
      Musterctl({"validate", "--target", server.address(), "--tickets", "-"}, json.out);

  EXPECT_EQ(table.out, "TICKET  ATTRIBUTES\na       {\"seen\":true}\n");
  EXPECT_THAT(again.out, HasSubstr("1 tickets: 1 valid, 0 not valid"));
}

TEST(Health, IsZeroForAServerThatServes) {
  FakeMatchFunction server;

  const Outcome outcome = Musterctl({"health", "--target", server.address()});

  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "SERVING\n");
}

TEST(Health, IsOneForAServerThatDoesNotServe) {
  FakeMatchFunction server;
  server.SetServing(false);

  const Outcome outcome = Musterctl({"health", "--target", server.address(), "--json"});

  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "{\"status\":\"NOT_SERVING\"}\n");
}

TEST(Health, IsOneForAServiceThatIsNotKnownAndForNoServer) {
  const FakeMatchFunction server;

  const Outcome unknown = Musterctl({"health", "--target", server.address(), "--service", "nope"});
  const Outcome nobody = Musterctl({"health", "--target", kNobody});

  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("NOT_FOUND"));
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("UNAVAILABLE"));
}

}  // namespace
}  // namespace muster::app::ctl
