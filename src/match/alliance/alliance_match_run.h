#pragma once

#include <memory>
#include <optional>

#include "match/alliance/flexing.h"
#include "match/alliance/legality.h"
#include "match/alliance/match_output.h"
#include "match/alliance/match_terms.h"
#include "match/alliance/ruleset.h"
#include "match/alliance/tick_deadline.h"
#include "match/alliance/ticket_pool.h"
#include "match/match_logic.h"

namespace muster::match::alliance {

// A checked ruleset and what follows from it alone. Immutable, shared by all runs.
struct CompiledRules {
  CompiledRules(Ruleset checked, LogicOptions logic_options)
      : rules(std::move(checked)),
        options(std::move(logic_options)),
        flex(rules),
        alliances(rules),
        largest_team(static_cast<size_t>(rules.LargestTeam())) {}

  const Ruleset rules;
  const LogicOptions options;
  const MatchingFlex flex;
  const Alliances alliances;
  const size_t largest_team;
};

// Collects tickets, and makes all matches of the tick at its end.
class AllianceMatchRun final : public MatchRun {
 public:
  AllianceMatchRun(std::shared_ptr<const CompiledRules> rules, const RunContext& context,
                   MatchSink& sink);

  // kNoPlayers, or kTooLarge for a party that fits into no team at whatever age.
  std::optional<LeftOut> AddTicket(const Ticket& ticket) override;
  void Finish() override;

 private:
  const std::shared_ptr<const CompiledRules> rules_;
  const RunContext context_;
  MatchSink& sink_;
  TraitsTable traits_;
  TicketPool pool_;
  TicketNotes notes_;
};

}  // namespace muster::match::alliance
