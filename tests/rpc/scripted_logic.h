#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "match/logic_registry.h"
#include "match/match_logic.h"

namespace muster::rpc {

// What a logic made for one test does; what is left out does nothing.
struct Script {
  // Each time a logic is used: asked, started, or given a ticket.
  std::function<void()> on_any;
  std::vector<std::string> remarks;
  // Each time a run starts.
  std::function<void(const match::RunContext&)> on_start;
  std::function<std::optional<match::LeftOut>(match::MatchSink&, const match::Ticket&)> on_ticket;
  std::function<void(match::MatchSink&, std::stop_token)> on_finish;
  std::function<void(match::ProposalSink&, const match::BackfillTicket&)> on_backfill;
  std::function<std::optional<match::InvalidTicket>(const match::Ticket&)> on_validate;

  void Note() const {
    if (on_any) on_any();
  }
};

// A match of one team of these tickets.
inline match::Match MatchOf(std::vector<match::TicketIndex> tickets) {
  match::Match match;
  match.teams.push_back({"team", std::move(tickets)});
  return match;
}

// Makes logics that follow the script, whatever the rules.
class ScriptedLogic final : public match::MatchLogic {
 public:
  static match::LogicFactory Factory(Script script) {
    return [script = std::move(script)](std::string_view, const match::LogicOptions&)
               -> absl::StatusOr<std::shared_ptr<const match::MatchLogic>> {
      return std::make_shared<const ScriptedLogic>(script);
    };
  }

  explicit ScriptedLogic(Script script) : script_(std::move(script)) {}

  std::vector<std::string> Remarks() const override { return script_.remarks; }
  std::vector<std::string> StatCodes() const override {
    script_.Note();
    return {};
  }
  std::optional<match::InvalidTicket> ValidateTicket(const match::Ticket& ticket) const override {
    script_.Note();
    return script_.on_validate ? script_.on_validate(ticket) : std::nullopt;
  }
  match::Object EnrichTicket(const match::Ticket&) const override {
    script_.Note();
    return {};
  }
  std::unique_ptr<match::MatchRun> StartMatches(const match::RunContext& context,
                                                match::MatchSink& sink) const override {
    script_.Note();
    if (script_.on_start) script_.on_start(context);
    return std::make_unique<Matching>(script_, context.stop, sink);
  }
  std::unique_ptr<match::BackfillRun> StartBackfill(const match::RunContext& context,
                                                    match::ProposalSink& sink) const override {
    script_.Note();
    if (script_.on_start) script_.on_start(context);
    return std::make_unique<Backfilling>(script_, sink);
  }

 private:
  struct Matching final : match::MatchRun {
    Matching(Script its_script, std::stop_token its_stop, match::MatchSink& its_sink)
        : script(std::move(its_script)), stop(std::move(its_stop)), sink(its_sink) {}
    std::optional<match::LeftOut> AddTicket(const match::Ticket& ticket) override {
      script.Note();
      return script.on_ticket ? script.on_ticket(sink, ticket) : std::nullopt;
    }
    void Finish() override {
      if (script.on_finish) script.on_finish(sink, stop);
    }
    const Script script;
    const std::stop_token stop;
    match::MatchSink& sink;
  };

  struct Backfilling final : match::BackfillRun {
    Backfilling(Script its_script, match::ProposalSink& its_sink)
        : script(std::move(its_script)), sink(its_sink) {}
    std::optional<match::LeftOut> AddTicket(const match::Ticket&) override {
      script.Note();
      return std::nullopt;
    }
    void AddBackfillTicket(const match::BackfillTicket& backfill) override {
      if (script.on_backfill) script.on_backfill(sink, backfill);
    }
    void Finish() override {}
    const Script script;
    match::ProposalSink& sink;
  };

  const Script script_;
};

}  // namespace muster::rpc
