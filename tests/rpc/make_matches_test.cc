// MakeMatches through a real client and a real server, with the logic `pairs`.

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "rpc/wire.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A field that no version of the contract has.
std::string UnknownField() {
  std::string bytes;
  AppendField(&bytes, 99, "from the future");
  return bytes;
}

class MakeMatchesTest : public ServerFixture {};

TEST_F(MakeMatchesTest, SendsAMatchBeforeTheHalfClose) {
  const auto stream = OpenMatches();
  stream->Send(Frame(TicketOf("a")));
  stream->Send(Frame(TicketOf("b")));

  pb::MatchResponse response;
  ASSERT_TRUE(response.ParseFromString(stream->Read().value()));

  EXPECT_THAT(TicketIdsOf(response.match()), ElementsAre("a", "b"));
  EXPECT_THAT(stream->Close(), IsOk());
}

TEST_F(MakeMatchesTest, EchoesTicketsByteForByte) {
  const std::string a = TicketOf("a").SerializeAsString() + UnknownField();
  // The same field twice: the later one counts, and both come back.
  const std::string b = TicketOf("not b").SerializeAsString() + TicketOf("b").SerializeAsString();
  const auto stream = OpenMatches();
  for (const std::string& ticket : {a, b}) {
    std::string frame;
    AppendField(&frame, pb::MakeMatchesRequest::kTicketFieldNumber, ticket);
    stream->Send(frame);
  }

  const std::string answer = stream->Read().value();

  const std::string_view match = OnlyField(answer, pb::MatchResponse::kMatchFieldNumber);
  std::string echo;
  AppendField(&echo, pb::Match::kTicketsFieldNumber, a);
  AppendField(&echo, pb::Match::kTicketsFieldNumber, b);
  EXPECT_EQ(match.substr(0, echo.size()), echo);
}

TEST_F(MakeMatchesTest, PutsAllPlayersAndPartiesIntoOneTeam) {
  pb::Ticket party = TicketOf("p", {"ann", "bob"});
  party.set_party_session_id("party-1");

  const Matches made = MakeMatches({party, TicketOf("c", {"cat"})});

  ASSERT_THAT(made.answers, SizeIs(1));
  ASSERT_THAT(made.answers[0].teams(), SizeIs(1));
  const pb::Match_Team& team = made.answers[0].teams(0);
  EXPECT_THAT(team.user_ids(), ElementsAre("ann", "bob", "cat"));
  ASSERT_THAT(team.parties(), SizeIs(2));
  EXPECT_EQ(team.parties(0).party_id(), "party-1");
  EXPECT_THAT(team.parties(0).user_ids(), ElementsAre("ann", "bob"));
  EXPECT_EQ(team.parties(1).party_id(), "");
  EXPECT_THAT(team.parties(1).user_ids(), ElementsAre("cat"));
}

TEST_F(MakeMatchesTest, NamesTheTeamInTheAssignment) {
  const Matches made = MakeMatches({TicketOf("a"), TicketOf("b")});

  ASSERT_THAT(made.answers, SizeIs(1));
  const std::string& team_id = made.answers[0].teams(0).team_id();
  EXPECT_THAT(team_id, testing::ContainsRegex("^[0-9a-f]*$"));
  EXPECT_EQ(team_id.size(), 32u);
  const auto& assignment = made.answers[0].match_attributes().fields().at("assignment");
  const auto& members = assignment.struct_value().fields().at("small-team-1").list_value();
  ASSERT_EQ(members.values_size(), 1);
  EXPECT_EQ(members.values(0).string_value(), team_id);
}

TEST_F(MakeMatchesTest, GivesTheSameAnswersForTheSameSeed) {
  const std::vector<pb::Ticket> tickets = {TicketOf("a"), TicketOf("b"), TicketOf("c"),
                                           TicketOf("d")};
  const auto bytes_of = [&] {
    std::string bytes;
    for (const pb::Match& match : MakeMatches(tickets).answers) bytes += match.SerializeAsString();
    return bytes;
  };
  const std::string first = bytes_of();
  const std::string second = bytes_of();

  Stop();

  EXPECT_EQ(bytes_of(), first);
  EXPECT_EQ(bytes_of(), second);
  EXPECT_NE(first, second);
}

TEST_F(MakeMatchesTest, NeverGivesAnIdTwice) {
  std::set<std::string> ids;
  size_t matches = 0;
  for (int stream = 0; stream < 5; ++stream) {
    std::vector<pb::Ticket> tickets;
    for (int i = 0; i < 200; ++i) tickets.push_back(TicketOf(std::to_string(i)));
    const Matches made = MakeMatches(tickets);
    EXPECT_THAT(made.status, IsOk());
    for (const pb::Match& match : made.answers) {
      ids.insert(match.teams(0).team_id());
      ++matches;
    }
  }

  EXPECT_EQ(matches, 500u);
  EXPECT_EQ(ids.size(), matches);
}

TEST_F(MakeMatchesTest, EndsWellWithoutEnoughTickets) {
  EXPECT_THAT(MakeMatches({}).status, IsOk());
  const Matches lonely = MakeMatches({TicketOf("a")});

  EXPECT_THAT(lonely.status, IsOk());
  EXPECT_THAT(lonely.answers, IsEmpty());
  AwaitAtRest();
  EXPECT_EQ(Metric("tickets_left_over_total", {{"method", "MakeMatches"}}), 1);
}

TEST_F(MakeMatchesTest, MakesMatchesOfTheSizeTheRulesAsk) {
  std::vector<pb::Ticket> tickets;
  for (int i = 0; i < 9; ++i) tickets.push_back(TicketOf(std::to_string(i)));

  const Matches made = MakeMatches(
      tickets, R"({"alliance":{"min_number":2,"player_min_number":2},"auto_backfill":true})");

  ASSERT_THAT(made.answers, SizeIs(2));
  EXPECT_THAT(TicketIdsOf(made.answers[1]), ElementsAre("4", "5", "6", "7"));
  EXPECT_FALSE(made.answers[0].backfill());
}

TEST_F(MakeMatchesTest, OffersBackfillWhileThereIsRoom) {
  const Matches made = MakeMatches({TicketOf("a"), TicketOf("b")},
                                   R"({"shipCountMin":2,"shipCountMax":4,"auto_backfill":true})");

  ASSERT_THAT(made.answers, SizeIs(1));
  EXPECT_TRUE(made.answers[0].backfill());
}

TEST_F(MakeMatchesTest, FallsBackToTheDefaultRegions) {
  options_.logic.default_regions = {"north", "south"};

  const Matches made = MakeMatches({TicketOf("a"), TicketOf("b")});

  EXPECT_THAT(made.answers.at(0).region_preferences(), ElementsAre("north", "south"));
}

TEST_F(MakeMatchesTest, PrefersTheRegionWithTheBestWorstCase) {
  pb::Ticket a = TicketOf("a");
  (*a.mutable_latencies())["near"] = 10;
  (*a.mutable_latencies())["fair"] = 60;
  (*a.mutable_latencies())["only-a"] = 1;
  pb::Ticket b = TicketOf("b");
  (*b.mutable_latencies())["near"] = 200;
  (*b.mutable_latencies())["fair"] = 50;

  const Matches made = MakeMatches({a, b});

  EXPECT_THAT(made.answers.at(0).region_preferences(), ElementsAre("fair", "near"));
}

TEST_F(MakeMatchesTest, NamesServerAndVersionThatAllTicketsAgreeOn) {
  std::vector<pb::Ticket> tickets = {TicketOf("a"), TicketOf("b")};
  for (pb::Ticket& ticket : tickets) {
    auto& attributes = *ticket.mutable_ticket_attributes()->mutable_fields();
    attributes["server_name"].set_string_value("local-ds");
    attributes["client_version"].set_string_value(ticket.ticket_id());
  }

  const Matches made = MakeMatches(tickets);

  EXPECT_EQ(made.answers.at(0).server_name(), "local-ds");
  EXPECT_EQ(made.answers.at(0).client_version(), "");
}

struct OddTicket {
  const char* name;
  const char* reason;
  pb::Ticket ticket;
  friend std::ostream& operator<<(std::ostream& out, const OddTicket& odd) {
    return out << odd.name;
  }
};

std::vector<OddTicket> OddTickets() {
  pb::Ticket other_pool = TicketOf("odd");
  other_pool.set_match_pool("other");
  pb::Ticket no_players;
  no_players.set_ticket_id("odd");
  return {{"OtherPool", "other_pool", other_pool},
          {"NoPlayers", "no_players", no_players},
          {"EmptyPlayerId", "empty_player_id", TicketOf("odd", {"x", ""})},
          {"RepeatedPlayer", "repeated_player", TicketOf("odd", {"x", "x"})},
          {"TicketSeen", "ticket_seen", TicketOf("a", {"x"})},
          {"PlayerSeen", "player_seen", TicketOf("odd", {"x", "a-player"})},
          {"TooLarge", "too_large", TicketOf("odd", {"x", "y", "z"})}};
}

class OddTicketTest : public MakeMatchesTest, public testing::WithParamInterface<OddTicket> {};

TEST_P(OddTicketTest, IsLeftOutAndCounted) {
  const std::string teams_of_two = R"({"alliance":{"min_number":2,"player_max_number":2}})";

  const Matches made = MakeMatches(
      {TicketOf("a"), GetParam().ticket, TicketOf("b"), TicketOf("x", {"x"})}, teams_of_two);

  EXPECT_THAT(made.status, IsOk());
  ASSERT_THAT(made.answers, SizeIs(1));
  EXPECT_THAT(TicketIdsOf(made.answers[0]), ElementsAre("a", "b"));
  EXPECT_THAT(made.answers[0].teams(0).user_ids(), ElementsAre("a-player", "b-player"));
  AwaitAtRest();
  EXPECT_EQ(LeftOut(GetParam().reason), 1);
  EXPECT_EQ(Metric("tickets_received_total", {{"method", "MakeMatches"}}), 4);
  // What a ticket that was left out brought is free for the next one.
  EXPECT_EQ(Metric("tickets_left_over_total", {{"method", "MakeMatches"}}), 1);
}

INSTANTIATE_TEST_SUITE_P(Tickets, OddTicketTest, testing::ValuesIn(OddTickets()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_F(MakeMatchesTest, CountsWhatItMatched) {
  MakeMatches({TicketOf("a", {"1", "2", "3"}), TicketOf("b"), TicketOf("c")});

  AwaitAtRest();
  EXPECT_EQ(Metric("matches_total"), 1);
  EXPECT_EQ(Metric("players_matched_total"), 4);
  EXPECT_EQ(Metric("tickets_left_over_total", {{"method", "MakeMatches"}}), 1);
}

TEST_F(MakeMatchesTest, LogsWhatBecameOfAStream) {
  log_options_.level = telemetry::LogLevel::kInfo;
  pb::MakeMatchesRequest parameters = Parameters();
  parameters.mutable_parameters()->mutable_scope()->set_ab_trace_id("trace-1");
  parameters.mutable_parameters()->set_tickid(7);

  const std::string ticket = Frame(TicketOf("a")).SerializeAsString();

  EXPECT_THAT(StatusOf("MakeMatches", {parameters.SerializeAsString(), ticket, ticket}), IsOk());

  AwaitAtRest();
  EXPECT_THAT(
      logged_->Lines("ticket left out"),
      ElementsAre(HasSubstr(R"("method":"MakeMatches","ticket_id":"a","reason":"ticket_seen"})")));
  EXPECT_THAT(
      logged_->Lines("call ended"),
      ElementsAre(
          AllOf(HasSubstr(R"("ab_trace_id":"trace-1","tick_id":"7")"),
                HasSubstr(R"("tickets":2,"left_out":"ticket_seen:1","placed":0,"left_over":1)"))));
}

}  // namespace
}  // namespace muster::rpc
