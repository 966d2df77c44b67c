#pragma once

#include <cstdint>
#include <vector>

#include "match/alliance/candidates.h"
#include "match/alliance/draft.h"
#include "match/alliance/tick_deadline.h"

namespace muster::match::alliance {

struct TeamBuilderOptions {
  // Take the largest parties that fit first, and only then the best.
  bool larger_parties_first = false;
  // Steps of the exact packing for one match; what is not found by then is not found.
  int max_packing_steps = 2000;
};

// Puts the oldest ticket and its candidates into teams, by the filling order of the vendor's
// matcher: candidates by priority, then best first, each into the team that is being filled if it
// fits. First the fewest teams the rules allow, each as small as they allow; then each is filled
// up, then further teams are added. When that finds no legal teams with the oldest ticket in them,
// an exact packing is tried: sizes are small whole numbers, so that a search over sizes finds teams
// whenever sizes alone decide. Used again from match to match to save memory. Not thread-safe.
class TeamBuilder {
 public:
  TeamBuilder(const Legality& legality, const TeamBuilderOptions& options)
      : options_(options), legality_(legality), draft_(legality) {}

  // Whether there are teams; then they are in match() until the next call.
  // Gives up when `deadline` comes; null: never.
  bool Build(Candidates& candidates, Slot oldest, const MatchTerms& terms,
             TickDeadline* deadline = nullptr);

  Composition& match() { return match_; }

 private:
  // How far a lane was walked.
  struct LaneState {
    size_t first_free = 0;
    std::vector<bool> taken;
    // While one team is filled:
    size_t place = 0;
    bool closed = false;
  };
  // A ticket in a team, and where it came from; kNoLane for the oldest.
  struct Taken {
    size_t lane = 0;
    size_t place = 0;
  };
  static constexpr size_t kNoLane = static_cast<size_t>(-1);

  void Start(Slot oldest, const MatchTerms& terms);
  void AddTeam();
  void DropTeam();
  void FillInOrder();
  bool PackExactly();
  // Never spoils the roles of a team that could start; a new team that cannot is given up.
  void FillUp();
  bool HasItsRoles(size_t team) const;
  bool IsComplete() const;

  // Fills the team up to `most` players; takes back what it added to a new team of fewer than
  // `least`. False when the team stays empty.
  bool Pick(size_t team, int64_t least, int64_t most);
  size_t BestLane(int64_t room);
  bool ComesFirst(size_t lane, const Candidate& candidate, size_t best_lane,
                  const Candidate& best) const;
  bool Pack(size_t team, size_t first_lane);
  bool PackNextTeam(size_t team);
  bool PackFromLane(size_t team, size_t lane);

  enum class Joined { kYes, kNo, kNoRoleForIt };
  Joined Join(size_t team, Slot slot, Taken from);
  void TakeBack(size_t tickets);
  int64_t SmallestSize();
  bool OutOfTime() const { return deadline_ != nullptr && deadline_->IsOver(); }
  int64_t Room(size_t team) const;
  const Candidate* NextFree(size_t lane);

  const TeamBuilderOptions options_;
  const Legality& legality_;
  Draft draft_;
  Candidates* candidates_ = nullptr;
  TickDeadline* deadline_ = nullptr;
  Composition match_;
  // Memory of teams that were dropped.
  std::vector<std::vector<Slot>> spare_teams_;
  // Players of each team of match_; teams beyond this many are spare memory.
  std::vector<int64_t> players_;
  bool oldest_placed_ = false;
  std::vector<LaneState> lanes_;
  // In the order of the draft, with the team of each.
  std::vector<Taken> taken_;
  std::vector<size_t> team_of_;
  int steps_left_ = 0;
  bool tickets_are_alike_ = false;
};

}  // namespace muster::match::alliance
