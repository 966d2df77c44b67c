#pragma once

#include <span>
#include <vector>

#include "match/alliance/legality.h"

namespace muster::match::alliance {

// The tickets of a match in the making, and what the next one must go together with. Tickets leave
// in the opposite order of joining. Used again from match to match to save memory. Not thread-safe.
class Draft {
 public:
  explicit Draft(const Legality& legality) : legality_(legality) {}

  // Starts over with the oldest ticket, which has not joined yet.
  void Start(Slot oldest, const MatchTerms& terms);

  // kNone when the ticket may join: GoTogether holds for it and every ticket that joined, and each
  // common option keeps a value that the oldest has too. Taken for granted, because whoever asks
  // has asked that before: that the oldest lets it in, and that it goes together with the oldest
  // and with itself.
  // It has not joined yet.
  Obstacle Admits(Slot ticket);
  // Joins a ticket that Admits has just let in.
  void Join(Slot ticket);
  // Takes back the latest until `count` are left.
  void Shrink(size_t count);

  std::span<const Slot> tickets() const { return tickets_; }
  size_t size() const { return tickets_.size(); }
  const MatchTerms& terms() const { return terms_; }
  Slot oldest() const { return oldest_; }
  const Legality& legality() const { return legality_; }

 private:
  static constexpr size_t kMany = 32;

  bool KeepsCommonValues(const Traits& traits);

  const Legality& legality_;
  MatchTerms terms_;
  Slot oldest_ = 0;
  std::vector<Slot> tickets_;
  // For each ticket and each common option the values that all up to it share; `joining_` is the
  // same for the ticket that Admits looked at.
  std::vector<std::vector<std::vector<Symbol>>> common_;
  std::vector<std::vector<Symbol>> joining_;
};

}  // namespace muster::match::alliance
