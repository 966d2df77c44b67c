#pragma once

#include <cstdint>
#include <vector>

#include "match/alliance/ruleset.h"

// What waiting changes: rules by the age of a ticket, in milliseconds, exact to the millisecond. A
// flexing rule is active once its duration has passed; at the very end of it, it is not.
namespace muster::match::alliance {

// How far rules have flexed: the number of different durations that an age has passed. Ages of one
// stage have the same rules.
using Stage = uint16_t;

// Matching rules by stage. Immutable.
class MatchingFlex {
 public:
  explicit MatchingFlex(const Ruleset& rules);

  Stage StageAt(int64_t age_ms) const;
  // The largest difference that `rule` (its place in Ruleset::matching) allows at `stage`; negative
  // when the rule compares nothing then. Of several active flexing rules for an attribute the one
  // with the longest duration counts, the later one among equals; it replaces the first matching
  // rule with that attribute.
  double Reference(Stage stage, size_t rule) const {
    return references_[stage * rule_count_ + rule];
  }
  size_t rule_count() const { return rule_count_; }
  // Whether `rule` compares something at every stage.
  bool AlwaysCompares(size_t rule) const;

 private:
  size_t rule_count_ = 0;
  // Milliseconds, ascending, each once.
  std::vector<int64_t> durations_;
  // Of stage x rule.
  std::vector<double> references_;
};

// An alliance by stage. Immutable.
class AllianceFlex {
 public:
  AllianceFlex(const AllianceRule& base, const std::vector<AllianceFlexingRule>& flexing);

  // The active entry with the longest duration, the later one among equals; else the base. Lives as
  // long as this.
  const AllianceRule& At(int64_t age_ms) const;

 private:
  std::vector<int64_t> durations_;
  // One more than durations.
  std::vector<AllianceRule> alliances_;
};

// The largest latency, in milliseconds, that a ticket of this age accepts when its best is
// `best_ms`: best + initial range, and one range more for each full expansion step, up to the cap.
int64_t LatencyLimit(const RegionRule& rule, int64_t age_ms, int64_t best_ms);

}  // namespace muster::match::alliance
