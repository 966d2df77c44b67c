#include "match/pairs/pairs_logic.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "match/pairs/pair_backfill_run.h"
#include "match/pairs/pair_match_run.h"
#include "match/pairs/pair_rules.h"

namespace muster::match::pairs {
namespace {

// What EnrichTicket adds to a ticket without attributes; callers check for this very number.
constexpr double kEnrichedNumber = 20;

class PairsLogic final : public MatchLogic {
 public:
  PairsLogic(const PairRules& rules, const LogicOptions& options)
      : rules_(rules), default_regions_(options.default_regions) {}

  std::optional<InvalidTicket> ValidateTicket(const Ticket& ticket) const override {
    if (std::optional<InvalidTicket> invalid = ValidatePlayers(ticket)) return invalid;
    if (!FitsIntoOneTeam(rules_, ticket)) {
      return InvalidTicket{
          std::string(LeftOutName(LeftOut::kTooLarge)),
          base::StrCat("a party of ", ticket.players.size(), " does not fit into a team of ",
                       rules_.alliance->max_players)};
    }
    return std::nullopt;
  }

  Object EnrichTicket(const Ticket& ticket) const override {
    Object added;
    if (ticket.attributes.empty()) added.Set("enrichedNumber", kEnrichedNumber);
    return added;
  }

  std::unique_ptr<MatchRun> StartMatches(const RunContext& context,
                                         MatchSink& sink) const override {
    return std::make_unique<PairMatchRun>(rules_, default_regions_, context, sink);
  }

  std::unique_ptr<BackfillRun> StartBackfill(const RunContext& context,
                                             ProposalSink& sink) const override {
    return std::make_unique<PairBackfillRun>(rules_, context, sink);
  }

 private:
  const PairRules rules_;
  const std::vector<std::string> default_regions_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const MatchLogic>> MakePairsLogic(std::string_view rules_json,
                                                                 const LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(const PairRules rules, ParsePairRules(rules_json, options));
  return std::make_shared<const PairsLogic>(rules, options);
}

}  // namespace muster::match::pairs
