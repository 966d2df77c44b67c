#pragma once

#include <vector>

#include "match/alliance/legality.h"
#include "match/alliance/team_balance.h"

namespace muster::match::alliance {

// Splits the tickets of a legal match into teams of equal strength. Strength is the mean, over the
// rules that balance, of the mean rating divided by normalization_max: the distance rules that say
// so; if none says anything, the first one. Used again to save memory. Not thread-safe.
class Balancer {
 public:
  explicit Balancer(const Legality& legality);

  // The same tickets in as many teams; the match stays legal. Leaves alone what cannot get better.
  void Balance(Composition* match);

  // The strength of one ticket.
  double Strength(Slot slot) const;

 private:
  bool IsLegalTeam(const AllianceRule& alliance, size_t team, const std::vector<uint32_t>& parties);

  const Legality& legality_;
  std::vector<size_t> balancing_rules_;
  std::vector<BalanceParty> parties_;
  std::vector<Slot> tickets_;
  std::vector<Slot> team_;
};

}  // namespace muster::match::alliance
