#include "rpc/answer_codec.h"

#include "gmock/gmock.h"
#include "match_function.pb.h"
#include "rpc/ticket_codec.h"
#include "rpc/wire.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kInternal = absl::StatusCode::kInternal;

match::Object Attribute(const std::string& name, match::Value value) {
  match::Object object;
  object.Set(name, std::move(value));
  return object;
}

std::string UnknownField() {
  std::string bytes;
  AppendField(&bytes, 77, "unknown");
  return bytes;
}

class AnswerCodec : public testing::Test {
 protected:
  explicit AnswerCodec(int echo_field = pb::Match::kTicketsFieldNumber)
      : store_(std::make_shared<TicketStore>(echo_field, budget_)) {}

  // Stores a ticket with a field that nobody knows; returns its wire bytes.
  std::string Add(const std::string& id, const std::vector<std::string>& players,
                  const std::string& party = "") {
    pb::Ticket ticket;
    ticket.set_ticket_id(id);
    ticket.set_party_session_id(party);
    for (const std::string& player : players) ticket.add_players()->set_player_id(player);
    const std::string wire = UnknownField() + ticket.SerializeAsString();
    EXPECT_THAT(store_->Add(wire), IsOk());
    return wire;
  }

  template <typename Response>
  static Response Parse(const EncodedAnswer& answer) {
    Response response;
    EXPECT_TRUE(response.ParseFromString(std::string(ContiguousBytes(answer.message).view())));
    return response;
  }

  static std::string Reparsed(const std::string& wire) {
    pb::Ticket ticket;
    EXPECT_TRUE(ticket.ParseFromString(wire));
    return ticket.SerializeAsString();
  }

  pb::Match Encode(const match::Match& match) {
    return Parse<pb::MatchResponse>(EncodeMatch(match, store_)).match();
  }

  std::shared_ptr<base::ByteBudget> budget_ = std::make_shared<base::ByteBudget>(1 << 30);
  std::shared_ptr<TicketStore> store_;
};

TEST_F(AnswerCodec, EchoesTicketsByteForByte) {
  const std::string a = Add("a", {"ann"});
  const std::string b = Add("b", {"bob"});
  match::Match match;
  match.teams = {{"red", {1}}, {"blue", {0}}};

  const EncodedAnswer answer = EncodeMatch(match, store_);

  std::string echo;
  AppendField(&echo, pb::Match::kTicketsFieldNumber, b);
  AppendField(&echo, pb::Match::kTicketsFieldNumber, a);
  const ContiguousBytes bytes(answer.message);
  EXPECT_EQ(OnlyField(bytes.view(), 1).substr(0, echo.size()), echo);
  EXPECT_EQ(answer.players, 2);
}

TEST_F(AnswerCodec, ListsPlayersAndPartiesOfEachTeam) {
  Add("a", {"ann", "amy"}, "party");
  Add("b", {"bob"});
  match::Match match;
  match.teams = {{"red", {0}}, {"blue", {1}}};

  const pb::Match message = Encode(match);

  ASSERT_THAT(message.teams(), SizeIs(2));
  EXPECT_EQ(message.teams(0).team_id(), "red");
  EXPECT_THAT(message.teams(0).user_ids(), ElementsAre("ann", "amy"));
  ASSERT_THAT(message.teams(0).parties(), SizeIs(1));
  EXPECT_EQ(message.teams(0).parties(0).party_id(), "party");
  EXPECT_THAT(message.teams(0).parties(0).user_ids(), ElementsAre("ann", "amy"));
  EXPECT_THAT(message.teams(1).user_ids(), ElementsAre("bob"));
}

TEST_F(AnswerCodec, CarriesTheFactsOfAMatch) {
  match::Match match;
  match.region_preferences = {"east", "west"};
  match.attributes.Set("map", "dust");
  match.backfill = true;
  match.server_name = "server";
  match.client_version = "version";

  const pb::Match message = Encode(match);

  EXPECT_THAT(message.region_preferences(), ElementsAre("east", "west"));
  EXPECT_EQ(message.match_attributes().fields().at("map").string_value(), "dust");
  EXPECT_TRUE(message.backfill());
  EXPECT_EQ(message.server_name(), "server");
  EXPECT_EQ(message.client_version(), "version");
}

TEST_F(AnswerCodec, SetsAttributesOfPlayersAndEchoesTheOtherTicketsAsTheyCame) {
  const std::string a = Add("a", {"ann"});
  Add("b", {"bob", "bea"});
  match::Match match;
  match.teams = {{"red", {1}}, {"blue", {0}}};
  match.player_updates = {{1, 1, Attribute("role", "tank")}};

  const EncodedAnswer answer = EncodeMatch(match, store_);

  const pb::Match message = Parse<pb::MatchResponse>(answer).match();
  ASSERT_THAT(message.tickets(), SizeIs(2));
  const pb::Ticket& b = message.tickets(0);
  EXPECT_EQ(b.players(1).attributes().fields().at("role").string_value(), "tank");
  EXPECT_FALSE(b.players(0).has_attributes());
  EXPECT_THAT(b.SerializeAsString(), HasSubstr(UnknownField()));
  EXPECT_EQ(message.tickets(1).SerializeAsString(), Reparsed(a));
  EXPECT_EQ(answer.players, 3);
}

TEST_F(AnswerCodec, GivesEqualBytesForEqualMatches) {
  Add("a", {"ann"});
  match::Match match;
  match.teams = {{"red", {0}}};
  for (const char* name : {"one", "two", "three", "four", "five", "six"}) {
    match.attributes.Set(name, name);
  }
  match.player_updates = {{0, 0, match.attributes}};
  const EncodedAnswer first = EncodeMatch(match, store_);

  for (int i = 0; i < 20; ++i) {
    const EncodedAnswer again = EncodeMatch(match, store_);
    ASSERT_EQ(ContiguousBytes(again.message).view(), ContiguousBytes(first.message).view());
  }
}

TEST_F(AnswerCodec, RefusesUpdatesOfPlayersWhoAreNotInTheMatch) {
  Add("a", {"ann"});
  Add("b", {"bob"});
  match::Match match;
  match.teams = {{"red", {0}}};
  EXPECT_THAT(CheckPlayerUpdates(match, *store_), IsOk());

  match.player_updates = {{0, 0, {}}};
  EXPECT_THAT(CheckPlayerUpdates(match, *store_), IsOk());
  match.player_updates = {{0, 0, {}}, {0, 1, {}}};
  EXPECT_THAT(CheckPlayerUpdates(match, *store_),
              StatusIs(kInternal, HasSubstr("a player whom the ticket does not have")));
  match.player_updates = {{0, 0, {}}, {1, 0, {}}};
  EXPECT_THAT(CheckPlayerUpdates(match, *store_),
              StatusIs(kInternal, HasSubstr("a ticket it did not place")));
}

TEST_F(AnswerCodec, EncodesALargeMatch) {
  match::Match match;
  match.teams = {{"all", {}}};
  for (uint32_t i = 0; i < 2000; ++i) {
    Add("ticket-" + std::to_string(i), {"player-" + std::to_string(i)});
    match.teams[0].tickets.push_back(i);
  }

  const pb::Match message = Encode(match);

  ASSERT_THAT(message.tickets(), SizeIs(2000));
  EXPECT_EQ(message.tickets(1999).ticket_id(), "ticket-1999");
  EXPECT_EQ(message.teams(0).user_ids(1999), "player-1999");
}

class ProposalCodec : public AnswerCodec {
 protected:
  ProposalCodec() : AnswerCodec(pb::BackfillProposal::kAddedTicketsFieldNumber) {
    backfill_.set_ticket_id("b");
    backfill_.set_match_pool("pool");
    backfill_.set_match_session_id("session");
    for (const char* id : {"red", "blue"}) {
      pb::BackfillTicket_Team* const team = backfill_.mutable_partial_match()->add_teams();
      team->set_team_id(id);
      team->add_user_ids(std::string("old-") + id);
      EXPECT_TRUE(team->MergeFromString(UnknownField()));
    }
  }

  pb::BackfillProposal Encode(const match::BackfillProposal& proposal) {
    const std::string wire = backfill_.SerializeAsString();
    return Parse<pb::BackfillResponse>(EncodeProposal(proposal, store_, wire)).backfill_proposal();
  }

  pb::BackfillTicket backfill_;
};

TEST_F(ProposalCodec, CarriesTheFactsOfAProposal) {
  match::BackfillProposal proposal;
  proposal.id = "proposal";
  proposal.created_at = base::Timestamp(std::chrono::milliseconds(1500));
  proposal.attributes.Set("map", "dust");

  const pb::BackfillProposal message = Encode(proposal);

  EXPECT_EQ(message.backfill_ticket_id(), "b");
  EXPECT_EQ(message.match_pool(), "pool");
  EXPECT_EQ(message.match_session_id(), "session");
  EXPECT_EQ(message.proposal_id(), "proposal");
  EXPECT_EQ(message.createdat().seconds(), 1);
  EXPECT_EQ(message.createdat().nanos(), 500'000'000);
  EXPECT_EQ(message.attributes().fields().at("map").string_value(), "dust");
}

TEST_F(ProposalCodec, KeepsTheTeamsOfTheSessionAsTheyWere) {
  const pb::BackfillProposal message = Encode({});

  ASSERT_THAT(message.proposed_teams(), SizeIs(2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(message.proposed_teams(i).SerializeAsString(),
              backfill_.partial_match().teams(i).SerializeAsString());
  }
}

TEST_F(ProposalCodec, AddsPlayersToATeamOfTheSession) {
  Add("t", {"new-1", "new-2"}, "party");
  match::BackfillProposal proposal;
  proposal.additions = {{1, "", {0}}};

  const pb::BackfillProposal message = Encode(proposal);

  ASSERT_THAT(message.proposed_teams(), SizeIs(2));
  EXPECT_THAT(message.proposed_teams(0).user_ids(), ElementsAre("old-red"));
  EXPECT_EQ(message.proposed_teams(1).team_id(), "blue");
  EXPECT_THAT(message.proposed_teams(1).user_ids(), ElementsAre("old-blue", "new-1", "new-2"));
  EXPECT_EQ(message.proposed_teams(1).parties(0).party_id(), "party");
  EXPECT_THAT(message.proposed_teams(1).SerializeAsString(), HasSubstr(UnknownField()));
}

TEST_F(ProposalCodec, GivesIdsToTeamsThatHaveNone) {
  Add("t", {"new"});
  backfill_.mutable_partial_match()->mutable_teams(0)->clear_team_id();
  match::BackfillProposal proposal;
  proposal.additions = {{0, "", {0}}};
  proposal.team_ids = {{0, "made-up"}};

  const pb::BackfillProposal message = Encode(proposal);

  ASSERT_THAT(message.proposed_teams(), SizeIs(2));
  EXPECT_EQ(message.proposed_teams(0).team_id(), "made-up");
  EXPECT_THAT(message.proposed_teams(0).user_ids(), ElementsAre("old-red", "new"));
  EXPECT_EQ(message.proposed_teams(1).team_id(), "blue");
}

TEST_F(ProposalCodec, LeavesOutTeamsThatAreDropped) {
  Add("t", {"new"});
  match::BackfillProposal proposal;
  proposal.additions = {{1, "", {0}}};
  proposal.dropped_teams = {0};

  const pb::BackfillProposal message = Encode(proposal);

  ASSERT_THAT(message.proposed_teams(), SizeIs(1));
  EXPECT_EQ(message.proposed_teams(0).team_id(), "blue");
  EXPECT_THAT(message.proposed_teams(0).user_ids(), ElementsAre("old-blue", "new"));
}

TEST_F(ProposalCodec, SetsAttributesOfAddedPlayers) {
  Add("t", {"one"});
  match::BackfillProposal proposal;
  proposal.additions = {{0, "", {0}}};
  proposal.player_updates = {{0, 0, Attribute("role", "tank")}};

  const pb::BackfillProposal message = Encode(proposal);

  EXPECT_THAT(CheckPlayerUpdates(proposal, *store_), IsOk());
  ASSERT_THAT(message.added_tickets(), SizeIs(1));
  const auto& fields = message.added_tickets(0).players(0).attributes().fields();
  EXPECT_EQ(fields.at("role").string_value(), "tank");
  proposal.player_updates[0].player = 1;
  EXPECT_THAT(CheckPlayerUpdates(proposal, *store_), StatusIs(kInternal, HasSubstr("whom")));
}

TEST_F(ProposalCodec, PutsNewTeamsBehindThoseOfTheSession) {
  const std::string first = Add("t1", {"one"});
  const std::string second = Add("t2", {"two"});
  match::BackfillProposal proposal;
  proposal.additions = {{match::TeamAddition::kNewTeam, "green", {1}}, {0, "", {0}}};

  const pb::BackfillProposal message = Encode(proposal);

  ASSERT_THAT(message.added_tickets(), SizeIs(2));
  EXPECT_EQ(message.added_tickets(0).ticket_id(), "t2");
  ASSERT_THAT(message.proposed_teams(), SizeIs(3));
  EXPECT_THAT(message.proposed_teams(0).user_ids(), ElementsAre("old-red", "one"));
  EXPECT_EQ(message.proposed_teams(2).team_id(), "green");
  EXPECT_THAT(message.proposed_teams(2).user_ids(), ElementsAre("two"));
}

}  // namespace
}  // namespace muster::rpc
