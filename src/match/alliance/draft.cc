#include "match/alliance/draft.h"

#include <algorithm>
#include <iterator>

namespace muster::match::alliance {

void Draft::Start(Slot oldest, const MatchTerms& terms) {
  oldest_ = oldest;
  terms_ = terms;
  tickets_.clear();
}

Obstacle Draft::Admits(Slot ticket) {
  const TicketPool& pool = legality_.pool();
  // Without anything to disagree about, a large match need not ask everybody.
  const bool all_go_together = tickets_.size() > kMany && legality_.AllGoTogether();
  for (const Slot joined : tickets_) {
    if (all_go_together) break;
    if (joined == oldest_) continue;
    const Obstacle obstacle = legality_.GoTogether(joined, ticket);
    if (obstacle != Obstacle::kNone) return obstacle;
  }
  if (pool.traits().common_options().empty()) return Obstacle::kNone;
  return KeepsCommonValues(pool.TraitsOf(ticket)) ? Obstacle::kNone : Obstacle::kOption;
}

bool Draft::KeepsCommonValues(const Traits& traits) {
  const std::vector<size_t>& options = legality_.pool().traits().common_options();
  joining_.resize(options.size());
  for (size_t i = 0; i < options.size(); ++i) {
    const OptionValues& theirs = traits.options[options[i]];
    const std::vector<Symbol>& shared =
        tickets_.empty() ? legality_.pool().TraitsOf(oldest_).options[options[i]].values
                         : common_[tickets_.size() - 1][i];
    joining_[i].clear();
    std::set_intersection(shared.begin(), shared.end(), theirs.values.begin(), theirs.values.end(),
                          std::back_inserter(joining_[i]));
    if (theirs.carried && joining_[i].empty()) return false;
  }
  return true;
}

void Draft::Join(Slot ticket) {
  if (!legality_.pool().traits().common_options().empty()) {
    if (common_.size() <= tickets_.size()) common_.resize(tickets_.size() + 1);
    common_[tickets_.size()].swap(joining_);
  }
  tickets_.push_back(ticket);
}

void Draft::Shrink(size_t count) { tickets_.resize(count); }

}  // namespace muster::match::alliance
