#include "match/alliance/oldest_first.h"

#include <algorithm>
#include <limits>

namespace muster::match::alliance {

namespace {

bool OrdersCandidates(const MatchingRule& rule) {
  return rule.criteria == Criteria::kDistance && (rule.weight > 0 || rule.normalization_max == 0);
}

// How many times the reference fits between the smallest and the greatest mean.
double Selectivity(const TicketPool& pool, const MatchingRule& rule, size_t place) {
  double low = pool.Mean(0, place);
  double high = low;
  for (Slot slot = 1; slot < pool.size(); ++slot) {
    low = std::min(low, pool.Mean(slot, place));
    high = std::max(high, pool.Mean(slot, place));
  }
  return (high - low) / std::max(rule.reference, std::numeric_limits<double>::min());
}

}  // namespace

std::optional<size_t> OrderingRule(const Ruleset& rules) {
  for (size_t i = 0; i < rules.matching.size(); ++i) {
    if (OrdersCandidates(rules.matching[i])) return i;
  }
  return std::nullopt;
}

std::optional<size_t> SelectiveRule(const Legality& legality) {
  const std::vector<MatchingRule>& rules = legality.rules().matching;
  std::optional<size_t> best = OrderingRule(legality.rules());
  const auto others = std::count_if(rules.begin(), rules.end(), OrdersCandidates);
  if (others < 2 || legality.pool().size() == 0) return best;
  double most = -1;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!OrdersCandidates(rules[i])) continue;
    const double selectivity = Selectivity(legality.pool(), rules[i], i);
    if (selectivity <= most) continue;
    most = selectivity;
    best = i;
  }
  return best;
}

OldestFirst::OldestFirst(const Legality& legality, TermsFinder& terms,
                         const TeamBuilderOptions& options)
    : legality_(legality),
      terms_(terms),
      candidates_(legality),
      builder_(legality, options),
      key_rule_(SelectiveRule(legality)) {}

PoolIndex& OldestFirst::IndexFor(Slot oldest) {
  const Stage stage = legality_.pool()[oldest].stage;
  const bool by_mean = key_rule_ && legality_.flex().Reference(stage, *key_rule_) >= 0;
  std::optional<PoolIndex>& index = by_mean ? by_mean_ : by_age_;
  if (!index) {
    index.emplace(legality_, service_order_, by_mean ? key_rule_ : std::nullopt);
    for (const Slot slot : service_order_) {
      if (!waits_[slot]) index->Remove(slot);
    }
  }
  return *index;
}

void OldestFirst::Remove(Slot slot) {
  waits_[slot] = false;
  if (by_mean_) by_mean_->Remove(slot);
  if (by_age_) by_age_->Remove(slot);
}

bool OldestFirst::BuildAround(Slot oldest, TickDeadline& deadline) {
  if (legality_.GoTogether(oldest, oldest) != Obstacle::kNone) return false;
  PoolIndex& index = IndexFor(oldest);
  const std::optional<size_t> key_rule =
      by_mean_ && &index == &*by_mean_ ? key_rule_ : std::nullopt;
  for (const MatchTerms& terms : terms_.For(oldest)) {
    candidates_.Start(index, key_rule, oldest, terms);
    if (builder_.Build(candidates_, oldest, terms, &deadline)) return true;
  }
  return false;
}

// The tickets to come, as far ahead as memory is slow.
void OldestFirst::Prefetch(size_t next) const {
  constexpr size_t kAhead = 6;
  constexpr size_t kFitIntoCache = 20'000;
  if (!by_mean_ || service_order_.size() < kFitIntoCache ||
      next + 3 * kAhead >= service_order_.size()) {
    return;
  }
  for (size_t step = 0; step < 3; ++step) {
    const Slot slot = service_order_[next + (step + 1) * kAhead];
    by_mean_->Prefetch(slot, static_cast<int>(step));
    if (step == 1) __builtin_prefetch(&legality_.pool()[slot]);
  }
}

size_t OldestFirst::CountWaiting(size_t from) const {
  const auto rest = service_order_.subspan(from);
  return static_cast<size_t>(
      std::count_if(rest.begin(), rest.end(), [this](Slot slot) { return waits_[slot]; }));
}

size_t OldestFirst::Run(std::span<const Slot> service_order, TickDeadline& deadline,
                        const TakeMatch& take) {
  service_order_ = service_order;
  waits_.assign(legality_.pool().size(), true);
  by_mean_.reset();
  by_age_.reset();
  int64_t looks = candidates_.looks();
  for (size_t i = 0; i < service_order.size(); ++i) {
    const Slot oldest = service_order[i];
    Prefetch(i);
    if (!waits_[oldest]) continue;
    if (deadline.IsOver(1 + candidates_.looks() - looks)) return CountWaiting(i);
    looks = candidates_.looks();
    if (!BuildAround(oldest, deadline)) {
      if (deadline.IsOver()) return CountWaiting(i);
      Remove(oldest);
      continue;
    }
    for (const std::vector<Slot>& team : builder_.match().teams) {
      for (const Slot slot : team) Remove(slot);
    }
    take(builder_.match());
  }
  return 0;
}

}  // namespace muster::match::alliance
