// BackfillMatches through a real client and a real server, with the logic `pairs`.

#include <chrono>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BackfillTest : public ServerFixture {};

TEST_F(BackfillTest, FillsASession) {
  fake_clock_.SetWallClock(base::Timestamp(std::chrono::milliseconds(1'700'000'000'250)));
  pb::BackfillTicket session = BackfillOf("b", {"old"});
  session.set_match_pool("pool");
  (*session.mutable_partial_match()->mutable_match_attributes()->mutable_fields())["map"]
      .set_string_value("dust");
  pb::Ticket ticket = TicketOf("t", {"new"});
  ticket.set_match_pool("pool");

  const Proposals filled = Backfill({BackfillFrame(session), BackfillFrame(ticket)});

  EXPECT_THAT(filled.status, IsOk());
  ASSERT_THAT(filled.answers, SizeIs(1));
  const pb::BackfillProposal& proposal = filled.answers[0];
  EXPECT_EQ(proposal.backfill_ticket_id(), "b");
  EXPECT_EQ(proposal.match_session_id(), "b-session");
  EXPECT_EQ(proposal.match_pool(), "pool");
  EXPECT_EQ(proposal.createdat().seconds(), 1'700'000'000);
  EXPECT_EQ(proposal.createdat().nanos(), 250'000'000);
  EXPECT_EQ(proposal.proposal_id().size(), 32u);
  EXPECT_EQ(proposal.attributes().fields().at("map").string_value(), "dust");
  EXPECT_EQ(proposal.attributes().fields().at("generatedID").string_value().size(), 32u);
}

TEST_F(BackfillTest, KeepsTheTeamsOfASessionItFills) {
  const Proposals filled =
      Backfill({BackfillFrame(BackfillOf("b", {"old"})), BackfillFrame(TicketOf("t", {"new"}))});

  ASSERT_THAT(filled.answers, SizeIs(1));
  EXPECT_EQ(filled.answers[0].added_tickets(0).ticket_id(), "t");
  ASSERT_THAT(filled.answers[0].proposed_teams(), SizeIs(2));
  EXPECT_EQ(filled.answers[0].proposed_teams(0).team_id(), "b-team");
  EXPECT_THAT(filled.answers[0].proposed_teams(0).user_ids(), ElementsAre("old"));
  EXPECT_EQ(filled.answers[0].proposed_teams(1).team_id().size(), 32u);
  EXPECT_THAT(filled.answers[0].proposed_teams(1).user_ids(), ElementsAre("new"));
  EXPECT_THAT(filled.answers[0].proposed_teams(1).parties(0).user_ids(), ElementsAre("new"));
}

TEST_F(BackfillTest, TakesBackfillTicketsAndTicketsInAnyOrder) {
  const Proposals filled =
      Backfill({BackfillFrame(TicketOf("t1")), BackfillFrame(TicketOf("t2")),
                BackfillFrame(BackfillOf("b1")), BackfillFrame(BackfillOf("b2")),
                BackfillFrame(BackfillOf("b3")), BackfillFrame(TicketOf("t3")),
                BackfillFrame(TicketOf("t4"))});

  std::set<std::string> sessions;
  std::set<std::string> tickets;
  for (const pb::BackfillProposal& proposal : filled.answers) {
    sessions.insert(proposal.backfill_ticket_id());
    tickets.insert(proposal.added_tickets(0).ticket_id());
  }
  EXPECT_THAT(filled.answers, SizeIs(3));
  EXPECT_THAT(sessions, ElementsAre("b1", "b2", "b3"));
  EXPECT_THAT(tickets, ElementsAre("t1", "t2", "t3"));
  EXPECT_EQ(Metric("proposals_total"), 3);
}

TEST_F(BackfillTest, KeepsATicketThatExcludesASessionForTheNext) {
  pb::Ticket picky = TicketOf("t");
  picky.add_excluded_sessions("b1-session");

  const Proposals filled = Backfill(
      {BackfillFrame(picky), BackfillFrame(BackfillOf("b1")), BackfillFrame(BackfillOf("b2"))});

  ASSERT_THAT(filled.answers, SizeIs(1));
  EXPECT_EQ(filled.answers[0].backfill_ticket_id(), "b2");
}

TEST_F(BackfillTest, DoesNotOverfillASession) {
  const std::string two_of_one = R"({"alliance":{"min_number":2,"player_max_number":1}})";

  const Proposals full = Backfill(
      {BackfillFrame(BackfillOf("b", {"one", "two"})), BackfillFrame(TicketOf("t"))}, two_of_one);
  const Proposals room =
      Backfill({BackfillFrame(BackfillOf("b", {"one"})), BackfillFrame(TicketOf("t"))}, two_of_one);

  EXPECT_THAT(full.status, IsOk());
  EXPECT_THAT(full.answers, IsEmpty());
  EXPECT_THAT(room.answers, SizeIs(1));
}

TEST_F(BackfillTest, EndsBackfillWellWhenNothingFits) {
  EXPECT_THAT(Backfill({}).status, IsOk());
  EXPECT_THAT(Backfill({BackfillFrame(BackfillOf("b"))}).status, IsOk());
  EXPECT_THAT(Backfill({BackfillFrame(TicketOf("t"))}).status, IsOk());
  AwaitAtRest();
  EXPECT_EQ(Metric("tickets_left_over_total", {{"method", "BackfillMatches"}}), 1);
}

TEST_F(BackfillTest, LeavesOutABackfillTicketSeenBefore) {
  const Proposals filled = Backfill({BackfillFrame(BackfillOf("b")), BackfillFrame(BackfillOf("b")),
                                     BackfillFrame(TicketOf("t1")), BackfillFrame(TicketOf("t2"))});

  EXPECT_THAT(filled.answers, SizeIs(1));
  EXPECT_EQ(
      Metric("tickets_left_out_total", {{"method", "BackfillMatches"}, {"reason", "ticket_seen"}}),
      1);
}

}  // namespace
}  // namespace muster::rpc
