// Faults of a studio's logic end one call with INTERNAL, and nothing else.

#include <atomic>
#include <functional>
#include <ostream>
#include <stdexcept>

#include "gmock/gmock.h"
#include "tests/rpc/scripted_logic.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kInternal = absl::StatusCode::kInternal;

match::Object Attribute(const std::string& name, match::Value value) {
  match::Object object;
  object.Set(name, std::move(value));
  return object;
}

struct Fault {
  const char* name;
  Script script;
  const char* message;
  friend std::ostream& operator<<(std::ostream& out, const Fault& fault) {
    return out << fault.name;
  }
};

// A script that emits these tickets when a ticket "bad" comes, and then answers `left_out`.
Script EmitOnBad(const std::vector<match::TicketIndex>& tickets,
                 std::optional<match::LeftOut> left_out = std::nullopt) {
  Script script;
  script.on_ticket = [=](match::MatchSink& sink,
                         const match::Ticket& ticket) -> std::optional<match::LeftOut> {
    if (ticket.id != "bad") return std::nullopt;
    sink.Emit(MatchOf(tickets));
    return left_out;
  };
  return script;
}

Script ThrowOnBad() {
  Script script;
  script.on_ticket = [](match::MatchSink&,
                        const match::Ticket& ticket) -> std::optional<match::LeftOut> {
    if (ticket.id == "bad") throw std::runtime_error("thrown by a test");
    return std::nullopt;
  };
  return script;
}

Script ThrowNumberOnBad() {
  Script script;
  script.on_ticket = [](match::MatchSink&,
                        const match::Ticket& ticket) -> std::optional<match::LeftOut> {
    if (ticket.id == "bad") throw 42;
    return std::nullopt;
  };
  return script;
}

// The same faults when everything is in; they show on any stream with three tickets.
Script InFinish(const std::function<void(match::MatchSink&)>& fault) {
  auto tickets = std::make_shared<std::atomic<int>>(0);
  Script script;
  script.on_ticket = [tickets](match::MatchSink&, const match::Ticket&) {
    ++*tickets;
    return std::nullopt;
  };
  script.on_finish = [tickets, fault](match::MatchSink& sink, const std::stop_token&) {
    if (tickets->exchange(0) == 3) fault(sink);
  };
  return script;
}

std::vector<Fault> Faults() {
  const auto twice = [](match::MatchSink& sink) {
    sink.Emit(MatchOf({0, 1}));
    sink.Emit(MatchOf({1, 2}));
  };
  const auto update = [](match::TicketIndex ticket, size_t player) {
    return InFinish([=](match::MatchSink& sink) {
      match::Match match = MatchOf({0, 1});
      match.player_updates = {{ticket, player, Attribute("role", "tank")}};
      sink.Emit(match);
    });
  };
  return {{"UpdatesATicketItDidNotPlace", update(2, 0), "updated a player of a ticket it did not"},
          {"UpdatesATicketItMadeUp", update(9, 0), "updated a player of a ticket it did not"},
          {"UpdatesAPlayerItMadeUp", update(1, 1), "updated a player whom the ticket does not"},
          {"Throws", ThrowOnBad(), "the match logic failed: thrown by a test"},
          {"ThrowsANumber", ThrowNumberOnBad(), "the match logic failed"},
          {"PlacesATicketTwice", EmitOnBad({0, 0}), "placed a ticket twice or made one up"},
          {"MakesAMatchOfNobody", EmitOnBad({}), "made a match without tickets"},
          {"MakesATicketUp", EmitOnBad({3}), "placed a ticket twice or made one up"},
          {"MakesAFarTicketUp", EmitOnBad({4'000'000'000}), "placed a ticket twice or made one up"},
          {"RefusesATicketItPlaced", EmitOnBad({2}, match::LeftOut::kRefusedByLogic),
           "refused a ticket that it had placed"},
          {"ThrowsInFinish", InFinish([](auto&) { throw std::runtime_error("late"); }),
           "the match logic failed: late"},
          {"PlacesATicketTwiceInFinish", InFinish(twice), "placed a ticket twice or made one up"},
          {"MakesATicketUpInFinish", InFinish([](auto& sink) { sink.Emit(MatchOf({3})); }),
           "placed a ticket twice or made one up"}};
}

class FaultTest : public ServerFixture, public testing::WithParamInterface<Fault> {};

TEST_P(FaultTest, EndsTheStreamAndNotTheServer) {
  logic_ = ScriptedLogic::Factory(GetParam().script);

  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(MakeMatches({TicketOf("a"), TicketOf("b"), TicketOf("bad")}).status,
                StatusIs(kInternal, HasSubstr(GetParam().message)));
  }

  EXPECT_THAT(MakeMatches({TicketOf("a"), TicketOf("b")}).status, IsOk());
  AwaitAtRest();
  EXPECT_EQ(Metric("bad_requests_total", {{"method", "MakeMatches"}}), 0);
}

INSTANTIATE_TEST_SUITE_P(Logic, FaultTest, testing::ValuesIn(Faults()),
                         [](const auto& param) { return std::string(param.param.name); });

using Emit = std::function<void(match::ProposalSink&)>;

struct BackfillFault {
  const char* name;
  Emit emit;
  const char* message;
  friend std::ostream& operator<<(std::ostream& out, const BackfillFault& fault) {
    return out << fault.name;
  }
};

match::BackfillProposal ProposalOf(match::BackfillIndex backfill, size_t team,
                                   std::vector<match::TicketIndex> tickets) {
  match::BackfillProposal proposal;
  proposal.backfill = backfill;
  proposal.additions = {{team, "new", std::move(tickets)}};
  return proposal;
}

std::vector<BackfillFault> BackfillFaults() {
  const auto twice = [](match::ProposalSink& sink) {
    sink.Emit(ProposalOf(0, 0, {0}));
    sink.Emit(ProposalOf(0, 0, {1}));
  };
  const auto update = [](match::ProposalSink& sink) {
    match::BackfillProposal proposal = ProposalOf(0, 0, {0});
    proposal.player_updates = {{1, 0, {}}};
    sink.Emit(proposal);
  };
  const auto teams = [](std::vector<match::TeamId> named, std::vector<size_t> dropped) {
    return [=](match::ProposalSink& sink) {
      match::BackfillProposal proposal = ProposalOf(0, 1, {0});
      proposal.team_ids = named;
      proposal.dropped_teams = dropped;
      sink.Emit(proposal);
    };
  };
  return {{"NamesATeamItMadeUp", teams({{2, "x"}}, {}), "named a team that does not exist"},
          {"DropsATeamItMadeUp", teams({}, {2}), "dropped a team twice or one that it must keep"},
          {"DropsATeamOfPlayers", teams({}, {0}), "dropped a team twice or one that it must keep"},
          {"DropsATeamTwice", teams({}, {1, 1}), "dropped a team twice or one that it must keep"},
          {"AddsToATeamItDrops", teams({}, {1}), "added to a team that does not exist"},
          {"NamesATeamItDrops", teams({{1, "x"}}, {1}), "named a team that does not exist"},
          {"UpdatesATicketItDidNotAdd", update, "updated a player of a ticket it did not place"},
          {"AnswersTwice", twice, "answered a backfill ticket twice or made one up"},
          {"MakesABackfillTicketUp", [](auto& sink) { sink.Emit(ProposalOf(1, 0, {0})); },
           "answered a backfill ticket twice or made one up"},
          {"MakesATeamUp", [](auto& sink) { sink.Emit(ProposalOf(0, 2, {0})); },
           "added to a team that does not exist"},
          {"MakesATicketUp", [](auto& sink) { sink.Emit(ProposalOf(0, 0, {2})); },
           "placed a ticket twice or made one up"},
          {"PlacesATicketTwice",
           [](auto& sink) {
             sink.Emit(ProposalOf(0, 0, {0, 0}));
           },
           "placed a ticket twice or made one up"},
          {"Throws", [](auto&) { throw std::runtime_error("thrown by a test"); },
           "the match logic failed: thrown by a test"}};
}

class BackfillFaultTest : public ServerFixture,
                          public testing::WithParamInterface<BackfillFault> {};

TEST_P(BackfillFaultTest, EndsTheStreamAndNotTheServer) {
  Script script;
  script.on_backfill = [emit = GetParam().emit](match::ProposalSink& sink,
                                                const match::BackfillTicket& backfill) {
    if (backfill.id == "bad") emit(sink);
  };
  logic_ = ScriptedLogic::Factory(script);

  // A team of one and an empty one.
  pb::BackfillTicket bad = BackfillOf("bad", {"u"});
  bad.mutable_partial_match()->add_teams();

  EXPECT_THAT(
      Backfill({BackfillFrame(TicketOf("a")), BackfillFrame(TicketOf("b")), BackfillFrame(bad)})
          .status,
      StatusIs(kInternal, HasSubstr(GetParam().message)));

  EXPECT_THAT(Backfill({BackfillFrame(BackfillOf("good"))}).status, IsOk());
  AwaitAtRest();
}

INSTANTIATE_TEST_SUITE_P(Logic, BackfillFaultTest, testing::ValuesIn(BackfillFaults()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(UnaryFault, EndsTheCallAndNotTheServer) {
  class Fixture : public ServerFixture {
   public:
    Fixture() {
      Script script;
      script.on_validate = [](const match::Ticket& ticket) -> std::optional<match::InvalidTicket> {
        if (ticket.id == "bad") throw std::runtime_error("thrown by a test");
        return std::nullopt;
      };
      logic_ = ScriptedLogic::Factory(script);
    }
    void TestBody() override {}
    absl::Status Validate(const std::string& id) {
      pb::ValidateTicketRequest request;
      *request.mutable_ticket() = TicketOf(id);
      return Call("ValidateTicket", request.SerializeAsString());
    }
  };
  Fixture fixture;

  EXPECT_THAT(fixture.Validate("bad"), StatusIs(kInternal, HasSubstr("thrown by a test")));
  EXPECT_THAT(fixture.Validate("good"), IsOk());
}

class LogicRefusal : public ServerFixture {};

TEST_F(LogicRefusal, LeavesATicketOutAndItsIndexToTheNext) {
  Script script;
  script.on_ticket = [](match::MatchSink& sink,
                        const match::Ticket& ticket) -> std::optional<match::LeftOut> {
    if (ticket.id == "no") return match::LeftOut::kRefusedByLogic;
    if (ticket.id == "b") sink.Emit(MatchOf({0, 1}));
    return std::nullopt;
  };
  logic_ = ScriptedLogic::Factory(script);

  const Matches made = MakeMatches({TicketOf("a"), TicketOf("no"), TicketOf("no"), TicketOf("b")});

  ASSERT_THAT(made.answers, SizeIs(1));
  EXPECT_THAT(TicketIdsOf(made.answers[0]), testing::ElementsAre("a", "b"));
  EXPECT_EQ(LeftOut("refused_by_logic"), 2);
}

TEST_F(LogicRefusal, OfAnUnregisteredBackfillProposesNothing) {
  logic_ = ScriptedLogic::Factory({});

  EXPECT_THAT(Backfill({BackfillFrame(BackfillOf("b")), BackfillFrame(TicketOf("a"))}).answers,
              IsEmpty());
}

// A match that Finish makes is not lost, whatever is being written when the stream is half-closed.
TEST_F(LogicRefusal, NothingThatFinishMakesIsLost) {
  Script script;
  script.on_ticket = [](match::MatchSink& sink, const match::Ticket& ticket) {
    if (ticket.id == "b") sink.Emit(MatchOf({1}));
    return std::nullopt;
  };
  script.on_finish = [](match::MatchSink& sink, const std::stop_token&) {
    sink.Emit(MatchOf({0}));
  };
  logic_ = ScriptedLogic::Factory(script);

  for (int i = 0; i < 500; ++i) {
    const Matches made = MakeMatches({TicketOf("a"), TicketOf("b")});
    ASSERT_THAT(made.status, IsOk());
    ASSERT_THAT(made.answers, SizeIs(2));
  }
}

}  // namespace
}  // namespace muster::rpc
