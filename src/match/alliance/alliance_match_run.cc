#include "match/alliance/alliance_match_run.h"

#include <utility>

#include "match/alliance/balancer.h"
#include "match/alliance/oldest_first.h"
#include "match/alliance/quality.h"

namespace muster::match::alliance {

AllianceMatchRun::AllianceMatchRun(std::shared_ptr<const CompiledRules> rules,
                                   const RunContext& context, MatchSink& sink)
    : rules_(std::move(rules)),
      context_(context),
      sink_(sink),
      traits_(rules_->rules, rules_->options.any_options_all_common,
              rules_->options.empty_options_count),
      pool_(rules_->rules, rules_->flex, &traits_, context.now),
      notes_(pool_.roles().active()) {}

std::optional<LeftOut> AllianceMatchRun::AddTicket(const Ticket& ticket) {
  if (ticket.players.empty()) return LeftOut::kNoPlayers;
  if (ticket.players.size() > rules_->largest_team) return LeftOut::kTooLarge;
  notes_.Add(pool_.Add(ticket), ticket);
  return std::nullopt;
}

void AllianceMatchRun::Finish() {
  const Ruleset& rules = rules_->rules;
  TickDeadline deadline(context_, rules_->options.tick_time_limit);
  const Legality legality(rules, rules_->flex, pool_);
  TermsFinder terms(legality, rules_->alliances, context_.id_seed);
  const TeamBuilderOptions building{.larger_parties_first =
                                        rules_->options.prioritize_larger_parties};
  MatchOutput output(legality, notes_, rules_->options, context_.id_seed);
  Balancer balancer(legality);
  const bool quality = rules.strategy == Strategy::kQuality;
  const TakeMatch take = [&](Composition& match) {
    if (quality || rules.rebalance) balancer.Balance(&match);
    sink_.Emit(output.Make(match));
  };
  const std::vector<Slot> order = pool_.ServiceOrder();
  const size_t missed =
      quality ? Quality(legality, rules_->alliances, terms, building).Run(order, deadline, take)
              : OldestFirst(legality, terms, building).Run(order, deadline, take);
  if (missed > 0 && deadline.IsOutOfTime()) sink_.OutOfTime(missed);
}

}  // namespace muster::match::alliance
