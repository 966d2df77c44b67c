#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "match/alliance/legality.h"
#include "match/alliance/tick_deadline.h"
#include "match/alliance/waiting_index.h"

namespace muster::match::alliance {

// The tickets that a running session lets in, as it is at the start, in the order it prefers them:
// higher priority, smaller score (Legality::Score without the region), smaller latency to its
// region or, if it has none, earlier creation; then the larger, if that is asked for, or the one
// that came first. They are found only as far as they are asked for: each list of the index is
// walked outwards from the session's mean, the nearest end of all lists first, up to the largest
// distance that the session accepts. So a session looks at little more than what it is handed,
// unless it rejects most tickets near it, or has several rules that compare. Used again from
// session to session. Not thread-safe.
class SessionCandidates {
 public:
  // Both outlive this.
  SessionCandidates(const Legality& legality, WaitingIndex& index)
      : legality_(legality), index_(index) {}

  // Starts over. `session` is as in Legality::SessionLetsIn.
  void Start(Slot session, const MatchTerms& terms);

  // The next one; nothing when there is none left or the deadline has come.
  std::optional<Slot> Next(TickDeadline& deadline);

  // No more tickets of this lane until the next start.
  void Close(WaitingIndex::Lane lane) { closed_[lane] = true; }

 private:
  using Position = WaitingIndex::Position;
  static constexpr uint32_t kCandidate = static_cast<uint32_t>(-1);

  // One direction in one list: all that wait from `position` on.
  struct Side {
    WaitingIndex::List list;
    bool upwards = true;
    Position position = 0;
    Position run_end = 0;
    // The score of the run by the key rule alone, and whether the next run has the same.
    double score = 0;
    bool ties_beyond = false;
  };
  // A candidate; or a side, with what no ticket of it comes before.
  struct Node {
    int32_t priority = 0;
    double score = 0;
    int64_t tie = 0;
    uint64_t rank = 0;
    uint32_t side = kCandidate;
    Slot slot = 0;
  };

  static bool After(const Node& a, const Node& b);
  void Open(const WaitingIndex::List& list);
  void AddSide(const WaitingIndex::List& list, bool upwards, Position position);
  // Whether a run was entered that the session may accept; `position` is in it.
  bool EnterRun(Side* side, Position position) const;
  // The ticket after the side's; false at the end.
  bool Advance(Side* side);
  void PushSide(uint32_t side);
  void Look(const Side& side);
  void Push(const Node& node);

  const Legality& legality_;
  WaitingIndex& index_;
  Slot session_ = 0;
  MatchTerms terms_;
  // Whether the key rule compares at the session's age; its mean and its largest difference.
  bool has_key_ = false;
  double key_ = 0;
  double reference_ = 0;
  std::vector<Side> sides_;
  // A heap with the first on top.
  std::vector<Node> heap_;
  std::vector<bool> closed_;
};

}  // namespace muster::match::alliance
