#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "match/match_logic.h"
#include "match/pairs/common_ground.h"
#include "match/pairs/pair_rules.h"

namespace muster::match::pairs {

// Whether the players of the ticket fit into one team; always true without an alliance rule.
bool FitsIntoOneTeam(const PairRules& rules, const Ticket& ticket);

// Makes a match of the waiting tickets as soon as the minimum waits. Since a match then takes all
// of them, four bytes a waiting ticket and one CommonGround are all there is to keep.
class PairMatchRun final : public MatchRun {
 public:
  PairMatchRun(const PairRules& rules, std::vector<std::string> default_regions,
               const RunContext& context, MatchSink& sink);

  std::optional<LeftOut> AddTicket(const Ticket& ticket) override;
  void Finish() override;

 private:
  void EmitIfEnough();

  const PairRules rules_;
  const std::vector<std::string> default_regions_;
  MatchSink& sink_;
  base::IdGenerator ids_;
  TicketIndex next_index_ = 0;
  std::vector<TicketIndex> waiting_;
  CommonGround common_;
};

}  // namespace muster::match::pairs
