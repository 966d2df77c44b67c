#include "match/alliance/plan_polish.h"

#include <algorithm>
#include <limits>

namespace muster::match::alliance {

void PlanPolish::Run(int passes, TickDeadline& deadline) {
  for (int pass = 0; pass < passes; ++pass) {
    bool helped = false;
    for (Plan::MatchId id = 0; id < plan_.matches().size(); ++id) {
      if (deadline.IsOver(20)) return;
      while (!plan_.match(id).teams.empty() && Improve(id)) {
        helped = true;
        if (deadline.IsOver(20)) return;
      }
    }
    if (!helped) return;
  }
}

double PlanPolish::TeamMean(const std::vector<Slot>& team, Slot out, Slot in) const {
  double sum = 0;
  int64_t players = 0;
  for (const Slot slot : team) {
    const int64_t size = legality_.pool()[slot].players;
    sum += Mean(slot == out ? in : slot) * static_cast<double>(size);
    players += size;
  }
  return sum / static_cast<double>(players);
}

double PlanPolish::Shape::Cost() const {
  const double gap = strongest - weakest;
  const double spread = high - low;
  return gap * gap + kSpreadWeight * spread * spread;
}

void PlanPolish::AddTeam(const std::vector<Slot>& team, Slot out, Slot in, Shape* shape) const {
  const double mean = TeamMean(team, out, in);
  shape->weakest = std::min(shape->weakest, mean);
  shape->strongest = std::max(shape->strongest, mean);
  for (const Slot slot : team) {
    const double ticket = Mean(slot == out ? in : slot);
    shape->low = std::min(shape->low, ticket);
    shape->high = std::max(shape->high, ticket);
  }
}

double PlanPolish::CostOf(const Composition& match, Slot out, Slot in) const {
  Shape shape;
  for (const std::vector<Slot>& team : match.teams) AddTeam(team, out, in, &shape);
  return shape.Cost();
}

double PlanPolish::CostWithTeam(const Composition& match, size_t out,
                                const std::vector<Slot>& in) const {
  Shape shape;
  for (size_t i = 0; i < match.teams.size(); ++i) {
    AddTeam(i == out ? in : match.teams[i], kNobody, kNobody, &shape);
  }
  return shape.Cost();
}

// Each ticket of a team is offered the mean that would bring its team half-way to the average.
bool PlanPolish::Improve(Plan::MatchId id) {
  const Composition& match = plan_.match(id);
  if (match.teams.size() < 2) return false;
  double sum = 0;
  double weakest = std::numeric_limits<double>::max();
  double strongest = std::numeric_limits<double>::lowest();
  for (const std::vector<Slot>& team : match.teams) {
    const double mean = TeamMean(team, kNobody, kNobody);
    sum += mean;
    weakest = std::min(weakest, mean);
    strongest = std::max(strongest, mean);
  }
  if (strongest - weakest < kEvenEnough) return false;
  const double average = sum / static_cast<double>(match.teams.size());
  for (const std::vector<Slot>& team : match.teams) {
    const double missing = average - TeamMean(team, kNobody, kNobody);
    int64_t players = 0;
    for (const Slot slot : team) players += legality_.pool()[slot].players;
    for (const Slot slot : team) {
      const double share = static_cast<double>(players) / legality_.pool()[slot].players;
      // The first shift makes up for both teams, the second for this one alone.
      for (const double part : {2.0, 1.0}) {
        if (ImproveTicket(match, slot, Mean(slot) + part * missing * share)) return true;
      }
    }
  }
  for (size_t team = 0; team < match.teams.size(); ++team) {
    if (ImproveTeam(id, team)) return true;
  }
  return false;
}

// Looks for a team as strong as the others of the match.
bool PlanPolish::ImproveTeam(Plan::MatchId id, size_t team) {
  const Composition& match = plan_.match(id);
  double wanted = 0;
  for (size_t i = 0; i < match.teams.size(); ++i) {
    if (i != team) wanted += TeamMean(match.teams[i], kNobody, kNobody);
  }
  wanted /= static_cast<double>(match.teams.size() - 1);
  index_.ListsFor(match.teams[team].front(), match.terms.region, false, &choice_);
  for (const PoolIndex::ListId list : choice_.lists) {
    for (const PoolIndex::Segment& segment : index_.Segments(list)) {
      PoolIndex::Position above = index_.FirstNotBelow(segment, wanted);
      PoolIndex::Position below = index_.LastRunBelow(segment, wanted);
      for (int i = 0; i < kNeighbours; ++i) {
        if (above != PoolIndex::kNowhere) {
          if (TrySwapTeams(id, team, index_.At(above))) return true;
          above = index_.Up(segment, above);
        }
        if (below != PoolIndex::kNowhere) {
          if (TrySwapTeams(id, team, index_.At(below))) return true;
          below = index_.Down(segment, below);
        }
      }
    }
  }
  return false;
}

bool PlanPolish::TrySwapTeams(Plan::MatchId id, size_t team, Slot member) {
  const Plan::MatchId other = plan_.MatchOf(member);
  if (other == Plan::kFree || other == id) return false;
  const Composition& mine = plan_.match(id);
  const Composition& theirs = plan_.match(other);
  for (size_t i = 0; i < theirs.teams.size(); ++i) {
    const std::vector<Slot>& candidate = theirs.teams[i];
    if (std::find(candidate.begin(), candidate.end(), member) == candidate.end()) continue;
    const double before = CostOf(mine, kNobody, kNobody) + CostOf(theirs, kNobody, kNobody);
    const double after =
        CostWithTeam(mine, team, candidate) + CostWithTeam(theirs, i, mine.teams[team]);
    return after < before * kGain && plan_.SwapTeams(id, team, other, i);
  }
  return false;
}

bool PlanPolish::ImproveTicket(const Composition& match, Slot slot, double wanted) {
  index_.ListsFor(slot, match.terms.region, false, &choice_);
  const LaneId lane = index_.LaneOf(slot);
  for (const PoolIndex::ListId list : choice_.lists) {
    for (const PoolIndex::Segment& segment : index_.Segments(list)) {
      if (segment.lane != lane) continue;
      PoolIndex::Position above = index_.FirstNotBelow(segment, wanted);
      PoolIndex::Position below = index_.LastRunBelow(segment, wanted);
      for (int i = 0; i < kNeighbours; ++i) {
        if (above != PoolIndex::kNowhere) {
          if (TrySwap(slot, index_.At(above))) return true;
          above = index_.Up(segment, above);
        }
        if (below != PoolIndex::kNowhere) {
          if (TrySwap(slot, index_.At(below))) return true;
          below = index_.Down(segment, below);
        }
      }
    }
  }
  return false;
}

bool PlanPolish::TrySwap(Slot a, Slot b) {
  const Plan::MatchId of_a = plan_.MatchOf(a);
  const Plan::MatchId of_b = plan_.MatchOf(b);
  if (of_a == of_b) return false;
  if (of_b == Plan::kFree) {
    const Composition& match = plan_.match(of_a);
    return !promised_[a] && CostOf(match, a, b) < CostOf(match, kNobody, kNobody) * kGain &&
           plan_.Replace(a, b);
  }
  const Composition& left = plan_.match(of_a);
  const Composition& right = plan_.match(of_b);
  const double before = CostOf(left, kNobody, kNobody) + CostOf(right, kNobody, kNobody);
  const double after = CostOf(left, a, b) + CostOf(right, b, a);
  return after < before * kGain && plan_.Swap(a, b);
}

}  // namespace muster::match::alliance
