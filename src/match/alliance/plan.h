#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "match/alliance/draft.h"
#include "match/alliance/legality.h"
#include "match/alliance/match_terms.h"

namespace muster::match::alliance {

// The matches of a tick as far as they are decided on; they may still change, but each is legal at
// every moment and no ticket is in two. Not thread-safe.
class Plan {
 public:
  using MatchId = uint32_t;
  static constexpr MatchId kFree = static_cast<MatchId>(-1);

  // Both outlive the plan.
  Plan(const Legality& legality, const Alliances& alliances);

  // Finds the oldest ticket and the alliance that holds for it; region and mode are given. Whether
  // the match is legal then.
  bool Settle(Composition* match);

  // Takes a legal match of free tickets.
  MatchId Add(Composition match);
  // As Add, but finds out for itself who is the oldest and which alliance holds.
  MatchId AddTeams(Composition match);
  // Frees the tickets of a match.
  void Remove(MatchId id);
  // Puts a free ticket into the place of one that is matched; false, and nothing changes, when the
  // match would not be legal.
  bool Replace(Slot out, Slot in);
  // As Replace, with two free tickets for one.
  bool ReplaceWithTwo(Slot out, Slot in, Slot also_in);
  // Lets two tickets of different matches change places; false, and nothing changes, when one of
  // the matches would not be legal.
  bool Swap(Slot a, Slot b);

  // As Swap, with a whole team of each.
  bool SwapTeams(MatchId a, size_t team_of_a, MatchId b, size_t team_of_b);

  MatchId MatchOf(Slot slot) const { return match_of_[slot]; }
  bool IsFree(Slot slot) const { return match_of_[slot] == kFree; }
  // Of removed matches no teams are left.
  const std::vector<Composition>& matches() const { return matches_; }
  Composition& match(MatchId id) { return matches_[id]; }

 private:
  void FindTerms(Composition* match) const;
  template <typename Undo>
  bool SettleOr(std::initializer_list<Composition*> changed, const Undo& undo);
  Slot* PlaceOf(Slot slot, std::vector<Slot>** team_of_slot);

  const Legality& legality_;
  const Alliances& alliances_;
  Draft draft_;
  std::vector<Composition> matches_;
  std::vector<MatchId> match_of_;
};

}  // namespace muster::match::alliance
