// What a logic reports beside its answers: updates of players, time that ran out, remarks on rules.

#include <atomic>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/rpc/scripted_logic.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

match::Object Role(const std::string& role) {
  match::Object attributes;
  attributes.Set("role", role);
  return attributes;
}

std::string RoleOf(const pb::Ticket& ticket, int player) {
  return ticket.players(player).attributes().fields().at("role").string_value();
}

class LogicReports : public ServerFixture {
 protected:
  LogicReports() { log_options_.level = telemetry::LogLevel::kInfo; }

  // The records with this message.
  std::vector<nlohmann::json> Records(const std::string& message) {
    std::vector<nlohmann::json> records;
    for (const std::string& line : logged_->Lines("\"msg\":\"" + message + "\"")) {
      records.push_back(nlohmann::json::parse(line));
    }
    return records;
  }

  // The texts of the remarks that are in the log.
  std::vector<std::string> Remarks() {
    std::vector<std::string> details;
    for (const nlohmann::json& record : Records("remark on rules")) {
      details.push_back(record["detail"]);
    }
    return details;
  }

  absl::Status StatCodes(const std::string& rules) {
    pb::GetStatCodesRequest request;
    request.mutable_rules()->set_json(rules);
    return Call("GetStatCodes", request.SerializeAsString());
  }
};

TEST_F(LogicReports, SetsAttributesOfTheMatchedPlayers) {
  Script script;
  script.on_finish = [](match::MatchSink& sink, const std::stop_token&) {
    match::Match match = MatchOf({0, 2, 1});
    match.player_updates = {{2, 0, Role("tank")}, {1, 0, Role("dps")}, {1, 1, Role("healer")}};
    sink.Emit(match);
  };
  logic_ = ScriptedLogic::Factory(script);

  const Matches made =
      MakeMatches({TicketOf("a"), TicketOf("b", {"bob", "bea"}), TicketOf("c", {"cat"})});

  ASSERT_THAT(made.answers, SizeIs(1));
  const pb::Match& match = made.answers[0];
  EXPECT_THAT(TicketIdsOf(match), ElementsAre("a", "c", "b"));
  EXPECT_EQ(match.tickets(0).SerializeAsString(), TicketOf("a").SerializeAsString());
  EXPECT_EQ(RoleOf(match.tickets(1), 0), "tank");
  EXPECT_EQ(RoleOf(match.tickets(2), 0), "dps");
  EXPECT_EQ(RoleOf(match.tickets(2), 1), "healer");
}

TEST_F(LogicReports, SetsAttributesOfPlayersWhoJoinASession) {
  Script script;
  script.on_backfill = [](match::ProposalSink& sink, const match::BackfillTicket&) {
    match::BackfillProposal proposal;
    proposal.additions = {{0, "", {0}}};
    proposal.player_updates = {{0, 0, Role("tank")}};
    sink.Emit(proposal);
  };
  logic_ = ScriptedLogic::Factory(script);

  const Proposals made = Backfill({BackfillFrame(TicketOf("a")), BackfillFrame(BackfillOf("b"))});

  ASSERT_THAT(made.answers, SizeIs(1));
  EXPECT_EQ(RoleOf(made.answers[0].added_tickets(0), 0), "tank");
}

TEST_F(LogicReports, WarnsOnceWhenATickRunsOutOfTime) {
  Script script;
  script.on_finish = [](match::MatchSink& sink, const std::stop_token&) {
    sink.OutOfTime(2);
    sink.OutOfTime(7);
  };
  logic_ = ScriptedLogic::Factory(script);

  ASSERT_THAT(MakeMatches({TicketOf("a"), TicketOf("b")}).status, IsOk());
  AwaitAtRest();

  ASSERT_THAT(Records("tick out of time"), SizeIs(1));
  const nlohmann::json record = Records("tick out of time")[0];
  EXPECT_EQ(record["level"], "warn");
  EXPECT_EQ(record["method"], "MakeMatches");
  EXPECT_EQ(record["not_looked_at"], 2);
  EXPECT_EQ(Metric("ticks_out_of_time_total", {{"method", "MakeMatches"}}), 1);
  EXPECT_EQ(Metric("tickets_not_looked_at_total", {{"method", "MakeMatches"}}), 2);
}

TEST_F(LogicReports, WarnsWhenATickOfBackfillRunsOutOfTime) {
  Script script;
  script.on_backfill = [](match::ProposalSink& sink, const match::BackfillTicket&) {
    sink.OutOfTime(1);
  };
  logic_ = ScriptedLogic::Factory(script);

  ASSERT_THAT(Backfill({BackfillFrame(BackfillOf("b"))}).status, IsOk());
  AwaitAtRest();

  ASSERT_THAT(Records("tick out of time"), SizeIs(1));
  EXPECT_EQ(Records("tick out of time")[0]["method"], "BackfillMatches");
  EXPECT_EQ(Metric("tickets_not_looked_at_total", {{"method", "BackfillMatches"}}), 1);
}

TEST_F(LogicReports, LogsTheRemarksOnRulesWhenTheyAreReadFirst) {
  Script script;
  script.remarks = {"first", "second"};
  logic_ = ScriptedLogic::Factory(script);

  ASSERT_THAT(StatCodes("{}"), IsOk());
  ASSERT_THAT(MakeMatches({}, "{}").status, IsOk());
  EXPECT_THAT(Remarks(), ElementsAre("first", "second"));
  EXPECT_EQ(Records("remark on rules")[0]["level"], "info");
  EXPECT_EQ(Records("remark on rules")[0]["method"], "GetStatCodes");

  ASSERT_THAT(MakeMatches({}, "{ }").status, IsOk());
  EXPECT_THAT(Remarks(), SizeIs(4));
}

TEST_F(LogicReports, BoundsWhatItLogsOfRemarks) {
  Script script;
  script.remarks.assign(100, std::string(10'000, 'x'));
  logic_ = ScriptedLogic::Factory(script);

  ASSERT_THAT(StatCodes("{}"), IsOk());

  EXPECT_THAT(Remarks(), SizeIs(33));
  EXPECT_EQ(Remarks().at(0), std::string(256, 'x'));
}

TEST_F(LogicReports, TellsARunTheServersClock) {
  std::atomic<int> told = 0;
  Script script;
  script.on_start = [&](const match::RunContext& context) { told += context.clock == clock_; };
  logic_ = ScriptedLogic::Factory(script);

  ASSERT_THAT(MakeMatches({}).status, IsOk());
  ASSERT_THAT(Backfill({}).status, IsOk());

  EXPECT_EQ(told, 2);
  EXPECT_THAT(Records("tick out of time"), IsEmpty());
}

}  // namespace
}  // namespace muster::rpc
