#pragma once

#include <functional>
#include <optional>
#include <span>

#include "match/alliance/candidates.h"
#include "match/alliance/legality.h"
#include "match/alliance/match_terms.h"
#include "match/alliance/pool_index.h"
#include "match/alliance/team_builder.h"
#include "match/alliance/tick_deadline.h"

namespace muster::match::alliance {

// Takes a match as it is made; the composition is the maker's, which uses it again.
using TakeMatch = std::function<void(Composition& match)>;

// The strategy `oldest_first`: each ticket in service order is the oldest of a match, if one can be
// built around it from those that still wait. A ticket that nobody can be found for is passed over
// for the rest of the tick: every later match that it could be in was already among its own. Not
// thread-safe.
class OldestFirst {
 public:
  // All but the options outlive this.
  OldestFirst(const Legality& legality, TermsFinder& terms, const TeamBuilderOptions& options);

  // Makes the matches of a tick. Returns how many tickets were not looked at when the deadline
  // came.
  size_t Run(std::span<const Slot> service_order, TickDeadline& deadline, const TakeMatch& take);

  // Tickets looked at as candidates, over all runs.
  int64_t looks() const { return candidates_.looks(); }

 private:
  bool BuildAround(Slot oldest, TickDeadline& deadline);
  PoolIndex& IndexFor(Slot oldest);
  void Remove(Slot slot);
  size_t CountWaiting(size_t from) const;
  void Prefetch(size_t next) const;

  const Legality& legality_;
  TermsFinder& terms_;
  Candidates candidates_;
  TeamBuilder builder_;
  // The rule whose means the first index is sorted by.
  const std::optional<size_t> key_rule_;
  std::span<const Slot> service_order_;
  std::vector<bool> waits_;
  // Sorted by means; and by service order, for tickets that compare no means.
  std::optional<PoolIndex> by_mean_;
  std::optional<PoolIndex> by_age_;
};

// The first rule whose distances order candidates; nothing when there is none.
std::optional<size_t> OrderingRule(const Ruleset& rules);

// Of those rules the one that keeps most tickets of the pool apart: whose means spread widest, in
// units of its reference. Whatever the choice, candidates come in the same order; it decides how
// many are looked at in vain.
std::optional<size_t> SelectiveRule(const Legality& legality);

}  // namespace muster::match::alliance
