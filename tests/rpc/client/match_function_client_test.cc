#include "rpc/client/match_function_client.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_match_function.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc::client {
namespace {

using fakes::Behaviour;
using fakes::FakeMatchFunction;
using support::IsOk;
using support::StatusIs;
using testing::_;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WireTicket MakeTicket(const std::string& id) {
  return TicketFromJson(R"({"ticketId":")" + id + R"(","players":[{"playerId":"p-)" + id + "\"}]}")
      .value();
}

// The named tickets, then nothing.
TicketSource Tickets(std::vector<std::string> ids) {
  return [ids = std::move(ids),
          next = size_t{0}]() mutable -> absl::StatusOr<std::optional<WireTicket>> {
    if (next == ids.size()) return std::nullopt;
    return MakeTicket(ids[next++]);
  };
}

class MatchFunctionClientTest : public testing::Test {
 protected:
  absl::Status MakeMatches(const std::string& target, TicketSource tickets,
                           bool want_json = false) {
    MakeMatchesCall call;
    call.tickets = std::move(tickets);
    call.want_json = want_json;
    call.on_match = [this](MatchResult match) { matches_.push_back(std::move(match)); };
    return Client(target).MakeMatches(call);
  }

  static MatchFunctionClient Client(const std::string& target) {
    ClientOptions options;
    options.target = target;
    return MatchFunctionClient(options);
  }

  std::vector<MatchResult> matches_;
};

TEST_F(MatchFunctionClientTest, MakesTheUnaryCalls) {
  const FakeMatchFunction server;
  MatchFunctionClient client = Client(server.address());

  EXPECT_THAT(client.GetStatCodes("").value(), ElementsAre("mmr"));
  EXPECT_TRUE(client.ValidateTicket(MakeTicket("a"), "").value());
  EXPECT_FALSE(client.ValidateTicket({}, "").value());
  const EnrichedTicket enriched = client.EnrichTicket(MakeTicket("a"), "").value();
  EXPECT_EQ(enriched.id, "a");
  EXPECT_EQ(enriched.attributes_json, R"({"seen":true})");
  EXPECT_THAT(enriched.json, HasSubstr(R"("ticketId":"a")"));
}

TEST_F(MatchFunctionClientTest, ReturnsTheServersError) {
  const FakeMatchFunction server;

  EXPECT_THAT(Client(server.address()).GetStatCodes("bad"),
              StatusIs(absl::StatusCode::kInvalidArgument, "rules: bad"));
}

TEST_F(MatchFunctionClientTest, IsUnavailableWithoutAServer) {
  EXPECT_THAT(Client("127.0.0.1:1").GetStatCodes(""), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(MakeMatches("127.0.0.1:1", Tickets({"a"})),
              StatusIs(absl::StatusCode::kUnavailable, _));
}

TEST_F(MatchFunctionClientTest, StreamsTicketsAndHandsOutMatches) {
  const FakeMatchFunction server;

  ASSERT_THAT(MakeMatches(server.address(), Tickets({"a", "b", "c"})), IsOk());

  ASSERT_EQ(matches_.size(), 1u);
  EXPECT_THAT(matches_[0].ticket_ids, ElementsAre("a", "b"));
  EXPECT_THAT(matches_[0].teams[0].user_ids, ElementsAre("p-a", "p-b"));
  EXPECT_THAT(matches_[0].regions, ElementsAre("us-east-2"));
  EXPECT_THAT(matches_[0].json, IsEmpty());
}

TEST_F(MatchFunctionClientTest, TellsPartiesAndTheRatingsThatAreAskedFor) {
  const FakeMatchFunction server;
  MakeMatchesCall call;
  call.rating_attribute = "mmr";
  call.on_match = [this](MatchResult match) { matches_.push_back(std::move(match)); };
  std::vector<WireTicket> tickets = {
      TicketFromJson(R"({"players":[{"playerId":"a","attributes":{"mmr":7}},{"playerId":"b"}]})")
          .value(),
      TicketFromJson(R"({"players":[{"playerId":"c","attributes":{"mmr":"high"}}]})").value()};
  call.tickets = [&]() -> absl::StatusOr<std::optional<WireTicket>> {
    if (tickets.empty()) return std::nullopt;
    WireTicket ticket = tickets.front();
    tickets.erase(tickets.begin());
    return ticket;
  };

  ASSERT_THAT(Client(server.address()).MakeMatches(call), IsOk());

  const TeamResult& team = matches_.at(0).teams.at(0);
  EXPECT_THAT(team.parties, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
  EXPECT_THAT(team.ratings, ElementsAre(7));
}

TEST_F(MatchFunctionClientTest, GivesTheAnswerAsJsonWhenAsked) {
  const FakeMatchFunction server;

  ASSERT_THAT(MakeMatches(server.address(), Tickets({"a", "b"}), true), IsOk());

  EXPECT_THAT(matches_.at(0).json, HasSubstr(R"({"match":{"tickets":[{"ticketId":"a")"));
}

TEST_F(MatchFunctionClientTest, EndsWithTheErrorOfTheSource) {
  const FakeMatchFunction server;

  EXPECT_THAT(MakeMatches(server.address(), [] { return absl::DataLossError("disk"); }),
              StatusIs(absl::StatusCode::kDataLoss, "disk"));
}

TEST_F(MatchFunctionClientTest, EndsWhenTheServerBreaksOff) {
  const FakeMatchFunction server(Behaviour::kBreaks);
  const TicketSource endless = []() -> absl::StatusOr<std::optional<WireTicket>> {
    return MakeTicket("a");
  };

  EXPECT_THAT(MakeMatches(server.address(), endless),
              StatusIs(absl::StatusCode::kUnavailable, "broken"));
}

TEST_F(MatchFunctionClientTest, EndsAtTheDeadline) {
  const FakeMatchFunction server;
  ClientOptions options;
  options.target = server.address();
  options.deadline = std::chrono::milliseconds(50);
  MakeMatchesCall call;
  call.on_match = [](const MatchResult&) {};
  call.tickets = []() -> absl::StatusOr<std::optional<WireTicket>> { return MakeTicket("a"); };

  EXPECT_THAT(MatchFunctionClient(options).MakeMatches(call),
              StatusIs(absl::StatusCode::kDeadlineExceeded, _));
}

TEST_F(MatchFunctionClientTest, RefusesAnAnswerAboveTheLimit) {
  const FakeMatchFunction server;
  ClientOptions options;
  options.target = server.address();
  options.max_response_bytes = 10;

  EXPECT_THAT(MatchFunctionClient(options).EnrichTicket(MakeTicket("a"), ""),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST_F(MatchFunctionClientTest, SendsAllBackfillTicketsBeforeTheTickets) {
  const FakeMatchFunction server;
  std::vector<ProposalResult> proposals;
  BackfillCall call;
  bool given = false;
  call.backfill_tickets = [&given]() -> absl::StatusOr<std::optional<WireTicket>> {
    if (std::exchange(given, true)) return std::nullopt;
    return BackfillTicketFromJson(R"({"ticketId":"b","matchSessionId":"s"})").value();
  };
  call.tickets = Tickets({"a", "b"});
  call.on_proposal = [&proposals](ProposalResult proposal) { proposals.push_back(proposal); };

  ASSERT_THAT(Client(server.address()).BackfillMatches(call), IsOk());

  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].backfill_ticket_id, "b");
  EXPECT_EQ(proposals[0].session_id, "s");
  EXPECT_THAT(proposals[0].added_ticket_ids, ElementsAre("a"));
}

}  // namespace
}  // namespace muster::rpc::client
