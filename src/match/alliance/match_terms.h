#pragma once

#include <random>
#include <vector>

#include "base/ids.h"
#include "match/alliance/flexing.h"
#include "match/alliance/legality.h"
#include "match/alliance/ruleset.h"

namespace muster::match::alliance {

// The alliances of a ruleset by age: the base one, and one for each sub-game mode. Immutable.
class Alliances {
 public:
  explicit Alliances(const Ruleset& rules);

  // Lives as long as this.
  const AllianceRule& At(int64_t age_ms, std::optional<uint16_t> mode) const {
    return mode ? modes_[*mode].At(age_ms) : base_.At(age_ms);
  }

 private:
  AllianceFlex base_;
  std::vector<AllianceFlex> modes_;
};

// Under which terms a ticket can be the oldest of a match, in the order they are tried: each region
// it accepts, nearest first, and in each the modes it names, in its order or shuffled by `seed`.
// Not thread-safe.
class TermsFinder {
 public:
  // All but the seed outlive this.
  TermsFinder(const Legality& legality, const Alliances& alliances, base::IdSeed seed)
      : legality_(legality), alliances_(alliances), random_(seed[0] ^ seed[1]) {}

  // Empty when the ticket can be in no match now: it has latencies but accepts no region, or names
  // no known mode. Valid until the next call.
  const std::vector<MatchTerms>& For(Slot oldest);

 private:
  void AddModes(Slot oldest, RegionId region);

  const Legality& legality_;
  const Alliances& alliances_;
  std::mt19937_64 random_;
  std::vector<uint16_t> modes_;
  std::vector<MatchTerms> terms_;
};

}  // namespace muster::match::alliance
