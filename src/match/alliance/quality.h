#pragma once

#include <span>
#include <vector>

#include "match/alliance/oldest_first.h"
#include "match/alliance/plan.h"

namespace muster::match::alliance {

// The strategy `quality`: most players first, then least spread and even teams, over all tickets of
// a tick. Full teams are formed of neighbours and paired by strength; what stays free is tried
// oldest first; then tickets change places until the matches are even.
//
// Nobody pays for it with a longer wait: every ticket that `oldest_first` would match in this tick
// is matched in this tick too. A free one of them takes the place of a ticket that is not, directly
// or along a chain; where none is found, its match of `oldest_first` is taken over as it is. So
// there are never fewer players in matches than with `oldest_first`. Not thread-safe.
class Quality {
 public:
  // All but the options outlive this.
  Quality(const Legality& legality, const Alliances& alliances, TermsFinder& terms,
          const TeamBuilderOptions& options);

  // As OldestFirst::Run. When the deadline comes, the matches made so far are the answer.
  size_t Run(std::span<const Slot> service_order, TickDeadline& deadline, const TakeMatch& take);

 private:
  // Nearest tickets that are asked for their place.
  static constexpr size_t kNeighbours = 24;
  static constexpr int kTogetherTries = 8;

  void FormAndPair(TickDeadline& deadline);
  void FillFromFree(TickDeadline& deadline);
  void KeepPromises(TickDeadline& deadline);
  bool AnyFreeHasCandidates();
  void NotePromises(TickDeadline& deadline);
  bool TicketsAreTeams() const;

  // Whose place a free ticket may take: that of a like one that was promised nothing; together with
  // another free one that of a larger one; that of a like one which finds a new place.
  enum class Ask { kUnpromised, kTogether, kChain };
  bool FindPlace(Slot slot, Ask ask);
  bool ReplaceTogether(Slot other, Slot slot);
  template <typename Wanted, typename Visit>
  bool VisitNeighbours(Slot slot, const Wanted& wanted, const Visit& visit);
  template <typename Visit>
  bool VisitSegment(const PoolIndex::Segment& segment, Slot slot, const Visit& visit);
  void TakeOver(const Composition& match);
  void TakeOverTheRest();
  void Emit(const TakeMatch& take);
  void Polish(TickDeadline& deadline);
  std::vector<Slot> Free() const;
  // Full teams can be formed without knowing whom they play.
  bool TeamsAreAlike() const;

  const Legality& legality_;
  const Alliances& alliances_;
  const std::optional<size_t> key_rule_;
  OldestFirst oldest_first_;
  OldestFirst fill_;
  Candidates candidates_;
  Plan plan_;
  std::span<const Slot> service_order_;
  std::optional<PoolIndex> index_;
  // Which tickets oldest_first matches, and in which of its matches.
  std::vector<bool> is_promised_;
  std::vector<uint32_t> promised_;
  std::vector<Composition> promises_;
  std::vector<bool> kept_;
};

}  // namespace muster::match::alliance
