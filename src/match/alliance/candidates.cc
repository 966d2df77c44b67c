#include "match/alliance/candidates.h"

#include <algorithm>
#include <cmath>

namespace muster::match::alliance {
namespace {

bool After(const Candidate& a, const Candidate& b) { return b.Before(a); }

}  // namespace

void Candidates::Start(PoolIndex& index, std::optional<size_t> key_rule, Slot ticket,
                       const MatchTerms& terms, Of of) {
  index_ = &index;
  key_rule_ = key_rule;
  ticket_ = ticket;
  rank_ = index.Rank(ticket);
  of_ = of;
  terms_ = terms;
  key_ = index.Key(ticket);
  reference_ = key_rule ? legality_.flex().Reference(legality_.pool()[ticket].stage, *key_rule) : 0;
  walk_count_ = 0;
  ++start_;
  index.ListsFor(ticket, terms.region, of == Of::kOldest, &choice_);
  // All tickets are alike, and such as keep apart: nobody need be looked at.
  const TraitsTable& traits = legality_.pool().traits();
  if (traits.size() == 1 && !traits.OptionsAgree(traits.Get(0), traits.Get(0))) {
    choice_.lists.clear();
  }
  if (choice_.overlap) looked_at_.resize(legality_.pool().size(), 0);
  for (const PoolIndex::ListId list : choice_.lists) {
    // Within one list every lane is new.
    const size_t known = walk_count_;
    for (const PoolIndex::Segment& segment : index.Segments(list)) AddSegment(segment, known);
  }
  order_.resize(walk_count_);
  for (uint32_t i = 0; i < walk_count_; ++i) order_[i] = i;
  if (walk_count_ < 2) return;
  std::sort(order_.begin(), order_.end(),
            [this](uint32_t a, uint32_t b) { return walks_[a].id < walks_[b].id; });
}

// A lane that two lists hold is one walk, which may be among the first `known`.
void Candidates::AddSegment(const PoolIndex::Segment& segment, size_t known) {
  const Lane& lane = index_->lanes()[segment.lane];
  if (lane.players == 0 || lane.players > static_cast<uint32_t>(terms_.alliance->max_players)) {
    return;
  }
  size_t i = 0;
  while (i < known && walks_[i].id != segment.lane) ++i;
  if (i == known) {
    i = walk_count_;
    if (walk_count_ == walks_.size()) walks_.emplace_back();
    Walk& walk = walks_[walk_count_++];
    walk.id = segment.lane;
    walk.lane = lane;
    walk.opened = false;
    walk.sides.clear();
    walk.seen.clear();
    walk.found.clear();
  }
  walks_[i].sides.push_back({segment, PoolIndex::kNowhere, false, 0, 0});
}

void Candidates::Open(Walk* walk) {
  walk->opened = true;
  const size_t segments = walk->sides.size();
  for (size_t i = 0; i < segments; ++i) {
    Side& above = walk->sides[i];
    const PoolIndex::Start start = index_->Around(above.segment, ticket_);
    above.upwards = true;
    above.position = start.above;
    Settle(&above);
    if (!key_rule_) continue;
    Side below = above;
    below.upwards = false;
    below.position = start.below;
    Settle(&below);
    walk->sides.push_back(below);
  }
}

void Candidates::Settle(Side* side) {
  if (side->position == PoolIndex::kNowhere) return;
  side->rank = index_->RankAt(side->position);
  __builtin_prefetch(&legality_.pool()[index_->At(side->position)]);
  if (!key_rule_) return;
  const double difference = std::abs(index_->KeyAt(side->position) - key_);
  if (difference > reference_) {
    side->position = PoolIndex::kNowhere;
    return;
  }
  side->score = legality_.RuleScore(ticket_, *key_rule_, difference);
}

bool Candidates::Extend(Walk* walk) {
  if (!walk->opened) Open(walk);
  while (true) {
    Side* next = nullptr;
    for (Side& side : walk->sides) {
      if (side.position == PoolIndex::kNowhere) continue;
      if (next == nullptr || side.score < next->score ||
          (side.score == next->score && side.rank < next->rank)) {
        next = &side;
      }
    }
    if (!walk->seen.empty()) {
      const Candidate& best = walk->seen.front();
      if (next == nullptr || best.Before({0, next->rank, next->score})) {
        walk->found.push_back(best);
        std::pop_heap(walk->seen.begin(), walk->seen.end(), After);
        walk->seen.pop_back();
        return true;
      }
    }
    if (next == nullptr) return false;
    Look(walk, index_->At(next->position), next->rank);
    next->position = next->upwards ? index_->Up(next->segment, next->position)
                                   : index_->Down(next->segment, next->position);
    Settle(next);
  }
}

void Candidates::Look(Walk* walk, Slot slot, uint32_t rank) {
  ++looks_;
  if (slot == ticket_ || (rank < rank_ && of_ == Of::kOldest)) return;
  if (choice_.overlap) {
    if (looked_at_[slot] == start_) return;
    looked_at_[slot] = start_;
  }
  const bool is_older = rank < rank_;
  const Slot older = is_older ? slot : ticket_;
  const Slot younger = is_older ? ticket_ : slot;
  if (legality_.LetsIn(older, younger, terms_) != Obstacle::kNone) return;
  if (legality_.GoTogether(ticket_, slot) != Obstacle::kNone) return;
  // One that blocks itself plays with nobody.
  if (legality_.GoTogether(slot, slot) != Obstacle::kNone) return;
  walk->seen.push_back({slot, rank, legality_.Score(ticket_, slot, terms_.region)});
  std::push_heap(walk->seen.begin(), walk->seen.end(), After);
}

}  // namespace muster::match::alliance
