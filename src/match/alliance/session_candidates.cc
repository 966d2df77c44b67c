#include "match/alliance/session_candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace muster::match::alliance {
namespace {

// Of one step, for TickDeadline.
constexpr int64_t kWorkPerStep = 3;

}  // namespace

bool SessionCandidates::After(const Node& a, const Node& b) {
  return std::tuple(b.priority, a.score, a.tie, a.rank) >
         std::tuple(a.priority, b.score, b.tie, b.rank);
}

void SessionCandidates::Push(const Node& node) {
  heap_.push_back(node);
  std::push_heap(heap_.begin(), heap_.end(), After);
}

void SessionCandidates::Start(Slot session, const MatchTerms& terms) {
  session_ = session;
  terms_ = terms;
  sides_.clear();
  heap_.clear();
  closed_.assign(index_.lane_count(), false);
  const std::optional<size_t> rule = index_.options().key_rule;
  reference_ = rule ? legality_.flex().Reference(legality_.pool()[session].stage, *rule) : -1;
  has_key_ = reference_ >= 0;
  key_ = has_key_ ? legality_.pool().Mean(session, *rule) : 0;
  for (const WaitingIndex::List& list : index_.Lists(terms.region)) {
    const bool agrees = !index_.lists_share_traits() ||
                        legality_.SessionAgrees(session, list.sample, terms) == Obstacle::kNone;
    if (agrees) Open(list);
  }
}

void SessionCandidates::Open(const WaitingIndex::List& list) {
  const Position middle = has_key_ ? index_.NotBelow(list, key_) : list.begin;
  if (const auto up = index_.Next(list, middle)) AddSide(list, true, *up);
  if (middle == list.begin) return;
  if (const auto down = index_.Previous(list, middle - 1)) AddSide(list, false, *down);
}

void SessionCandidates::AddSide(const WaitingIndex::List& list, bool upwards, Position position) {
  Side side;
  side.list = list;
  side.upwards = upwards;
  if (!EnterRun(&side, position)) return;
  sides_.push_back(side);
  PushSide(static_cast<uint32_t>(sides_.size()) - 1);
}

bool SessionCandidates::EnterRun(Side* side, Position position) const {
  const Position begin = index_.RunBegin(position);
  side->run_end = index_.RunEnd(side->list, position);
  // Something of the run waits, if only at `position`.
  side->position = *index_.Next(side->list, begin);
  if (!has_key_) {
    side->ties_beyond = side->run_end < side->list.end;
    return true;
  }
  const auto score_at = [this](Position at) {
    return legality_.RuleScore(session_, *index_.options().key_rule,
                               std::abs(index_.KeyAt(at) - key_));
  };
  if (std::abs(index_.KeyAt(position) - key_) > reference_) return false;
  side->score = score_at(position);
  // Means that differ by less than a number can tell are equally near.
  side->ties_beyond = side->upwards
                          ? side->run_end < side->list.end && score_at(side->run_end) == side->score
                          : begin > side->list.begin && score_at(begin - 1) == side->score;
  return true;
}

bool SessionCandidates::Advance(Side* side) {
  const auto next = index_.Next(side->list, side->position + 1);
  if (next && *next < side->run_end) {
    side->position = *next;
    return true;
  }
  if (side->upwards) return next && EnterRun(side, *next);
  const Position begin = index_.RunBegin(side->position);
  if (begin == side->list.begin) return false;
  const auto below = index_.Previous(side->list, begin - 1);
  return below && EnterRun(side, *below);
}

void SessionCandidates::PushSide(uint32_t side) {
  const Side& of = sides_[side];
  Node node{of.list.priority, of.score, std::numeric_limits<int64_t>::min(), 0, side, 0};
  if (!of.ties_beyond) {
    node.tie = index_.TieAt(of.position);
    node.rank = index_.Rank(index_.At(of.position));
  }
  Push(node);
}

void SessionCandidates::Look(const Side& side) {
  const Slot slot = index_.At(side.position);
  if (legality_.SessionLetsIn(session_, slot, terms_) != Obstacle::kNone) return;
  Push({side.list.priority, legality_.Score(session_, slot, kNoRegion), index_.TieAt(side.position),
        index_.Rank(slot), kCandidate, slot});
}

std::optional<Slot> SessionCandidates::Next(TickDeadline& deadline) {
  while (!heap_.empty() && !deadline.IsOver(kWorkPerStep)) {
    std::pop_heap(heap_.begin(), heap_.end(), After);
    const Node node = heap_.back();
    heap_.pop_back();
    if (node.side == kCandidate) {
      if (closed_[index_.LaneOf(node.slot)]) continue;
      return node.slot;
    }
    Side& side = sides_[node.side];
    if (closed_[side.list.lane]) continue;
    Look(side);
    if (Advance(&side)) PushSide(node.side);
  }
  return std::nullopt;
}

}  // namespace muster::match::alliance
