#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "match/alliance/plan.h"
#include "match/alliance/pool_index.h"
#include "match/alliance/tick_deadline.h"

namespace muster::match::alliance {

// Makes the matches of a plan more even: tickets of one lane, or whole teams, change places between
// matches of about the same strength, as long as that lowers the cost of both together and both
// stay legal. The cost of a match is the square of the difference between its strongest and its
// weakest team, and a small part of the square of its spread. A ticket may also give its place to a
// free one of its lane. Not thread-safe.
class PlanPolish {
 public:
  // All outlive this; `index` is sorted by the means of `key_rule` and holds all tickets of the
  // plan. Tickets that `promised` names, by slot, never lose their place.
  PlanPolish(const Legality& legality, PoolIndex& index, size_t key_rule,
             const std::vector<bool>& promised, Plan* plan)
      : legality_(legality),
        index_(index),
        key_rule_(key_rule),
        promised_(promised),
        plan_(*plan) {}

  // At most `passes` times over all matches; less when the deadline comes or nothing helps.
  void Run(int passes, TickDeadline& deadline);

 private:
  // Tickets tried on each side of the one that would fit best.
  static constexpr int kNeighbours = 6;
  // Matches this even, in units of the rating, stay as they are.
  static constexpr double kEvenEnough = 6;
  static constexpr double kSpreadWeight = 0.01;
  // A change must bring the cost below so much of what it was, so that the search ends.
  static constexpr double kGain = 0.99;
  // Instead of no ticket.
  static constexpr Slot kNobody = static_cast<Slot>(-1);

  bool Improve(Plan::MatchId id);
  bool ImproveTicket(const Composition& match, Slot slot, double wanted);
  bool ImproveTeam(Plan::MatchId id, size_t team);
  bool TrySwap(Slot a, Slot b);
  bool TrySwapTeams(Plan::MatchId id, size_t team, Slot member);
  // The cost of the match with another team in the place of one of its own.
  double CostWithTeam(const Composition& match, size_t out, const std::vector<Slot>& in) const;
  // The cost of the match with `in` in the place of `out`.
  double CostOf(const Composition& match, Slot out, Slot in) const;

  // Extremes of team means and of ticket means.
  struct Shape {
    double weakest = std::numeric_limits<double>::max();
    double strongest = std::numeric_limits<double>::lowest();
    double low = std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::lowest();

    double Cost() const;
  };
  void AddTeam(const std::vector<Slot>& team, Slot out, Slot in, Shape* shape) const;
  double TeamMean(const std::vector<Slot>& team, Slot out, Slot in) const;
  double Mean(Slot slot) const { return legality_.pool().Mean(slot, key_rule_); }

  const Legality& legality_;
  PoolIndex& index_;
  const size_t key_rule_;
  const std::vector<bool>& promised_;
  Plan& plan_;
  PoolIndex::Choice choice_;
};

}  // namespace muster::match::alliance
