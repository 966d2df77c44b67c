#include "match/alliance/match_terms.h"

#include <utility>

namespace muster::match::alliance {

Alliances::Alliances(const Ruleset& rules) : base_(rules.alliance, rules.alliance_flexing) {
  for (const SubGameMode& mode : rules.sub_game_modes) {
    modes_.emplace_back(mode.alliance, mode.flexing);
  }
}

const std::vector<MatchTerms>& TermsFinder::For(Slot oldest) {
  terms_.clear();
  const Ruleset& rules = legality_.rules();
  if (!rules.sub_game_modes.empty()) {
    modes_ = legality_.pool().TraitsOf(oldest).modes;
    if (rules.sub_game_mode_selection == SubGameModeSelection::kRandom) {
      for (size_t i = modes_.size(); i > 1; --i) std::swap(modes_[i - 1], modes_[random_() % i]);
    }
  }
  for (const RegionLatency& each : legality_.pool().AcceptedRegions(oldest)) {
    AddModes(oldest, each.region);
  }
  if (legality_.pool()[oldest].latency_count == 0) AddModes(oldest, kNoRegion);
  return terms_;
}

void TermsFinder::AddModes(Slot oldest, RegionId region) {
  const int64_t age_ms = legality_.pool()[oldest].age_ms;
  if (legality_.rules().sub_game_modes.empty()) {
    terms_.push_back({&alliances_.At(age_ms, std::nullopt), region, std::nullopt});
    return;
  }
  for (const uint16_t mode : modes_) {
    terms_.push_back({&alliances_.At(age_ms, mode), region, mode});
  }
}

}  // namespace muster::match::alliance
