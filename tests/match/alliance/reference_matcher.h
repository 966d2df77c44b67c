#pragma once

#include <optional>
#include <vector>

#include "match/alliance/legality.h"
#include "match/alliance/match_terms.h"

namespace muster::match::alliance {

// The filling order of the vendor's matcher as it is written: all candidates of a ticket, sorted,
// walked once for each team. Quadratic and worse, without index or memory. Shares only the legality
// of pairs with the product.
class ReferenceMatcher {
 public:
  using Teams = std::vector<std::vector<Slot>>;

  // `legality` and `alliances` outlive this.
  ReferenceMatcher(const Legality& legality, const Alliances& alliances, bool larger_parties_first)
      : legality_(legality), alliances_(alliances), larger_first_(larger_parties_first) {}

  // Each region that the ticket accepts, nearest first, and in each the modes it names.
  std::vector<MatchTerms> TermsOf(Slot oldest) const;

  // The teams that the filling order makes around `oldest` from those that wait; nothing when it
  // finds none.
  std::optional<Teams> Fill(Slot oldest, const MatchTerms& terms, const std::vector<Slot>& waiting);

  // Whether the fewest and smallest teams can be made around `oldest` when all that counts is how
  // large the parties are; nothing when more than that counts.
  std::optional<bool> SizesAllow(Slot oldest, const MatchTerms& terms,
                                 const std::vector<Slot>& waiting);

  // All matches of a tick by the filling order alone.
  std::vector<Composition> Run(const std::vector<Slot>& service_order);

 private:
  using Slots = std::vector<Slot>;

  Slots Candidates(const Slots& waiting) const;
  // What `start` becomes when it is filled from `pool`; `start` when nothing fits.
  Slots Pick(const Slots& pool, const Slots& start, size_t team, int64_t least, int64_t most) const;
  bool MayJoin(const Slots& team_so_far, size_t team, Slot slot) const;
  bool KeepsCommonValues(Slots tickets) const;
  bool IsValid() const;
  int64_t Players(const Slots& tickets) const;
  bool OnlySizesCount(const Slots& tickets) const;
  bool CanPack(size_t team, int64_t players, int64_t largest, std::vector<int>* counts) const;

  const Legality& legality_;
  const Alliances& alliances_;
  const bool larger_first_;
  Slot oldest_ = 0;
  MatchTerms terms_;
  Teams teams_;
};

}  // namespace muster::match::alliance
