#include "match/pairs/pair_match_run.h"

#include <utility>

namespace muster::match::pairs {

bool FitsIntoOneTeam(const PairRules& rules, const Ticket& ticket) {
  return !rules.alliance ||
         ticket.players.size() <= static_cast<size_t>(rules.alliance->max_players);
}

PairMatchRun::PairMatchRun(const PairRules& rules, std::vector<std::string> default_regions,
                           const RunContext& context, MatchSink& sink)
    : rules_(rules),
      default_regions_(std::move(default_regions)),
      sink_(sink),
      ids_(context.id_seed) {}

std::optional<LeftOut> PairMatchRun::AddTicket(const Ticket& ticket) {
  if (!FitsIntoOneTeam(rules_, ticket)) return LeftOut::kTooLarge;
  waiting_.push_back(next_index_++);
  common_.Add(ticket);
  EmitIfEnough();
  return std::nullopt;
}

// Fewer than the minimum wait here: a match is made the moment they are enough.
void PairMatchRun::Finish() {}

void PairMatchRun::EmitIfEnough() {
  const auto count = static_cast<int64_t>(waiting_.size());
  if (count < rules_.min_tickets) return;
  Match match;
  const std::string team_id = ids_.Next();
  match.teams.push_back({team_id, std::exchange(waiting_, {})});
  match.region_preferences = common_.Regions().value_or(default_regions_);
  Object assignment;
  assignment.Set("small-team-1", List{team_id});
  match.attributes.Set("assignment", std::move(assignment));
  match.backfill = rules_.auto_backfill && count < rules_.max_tickets;
  match.server_name = common_.server_name();
  match.client_version = common_.client_version();
  common_.Clear();
  sink_.Emit(std::move(match));
}

}  // namespace muster::match::pairs
