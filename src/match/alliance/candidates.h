#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "match/alliance/pool_index.h"

namespace muster::match::alliance {

// A ticket that the oldest one lets in and goes together with.
struct Candidate {
  Slot slot = 0;
  uint32_t rank = 0;
  // See Legality::Score.
  double score = 0;

  // Smaller score first, then the one that is served first.
  bool Before(const Candidate& other) const {
    return score != other.score ? score < other.score : rank < other.rank;
  }
};

// The candidates of one ticket, lane by lane, best first, found only as far as they are asked for:
// each lane is walked outwards from the ticket's own mean, and a candidate is handed out once
// nothing better can follow. Used again from ticket to ticket to save memory. Not thread-safe.
class Candidates {
 public:
  explicit Candidates(const Legality& legality) : legality_(legality) {}

  // Whose candidates are wanted.
  enum class Of {
    // The oldest ticket of a match: those that are served after it, and that it lets in.
    kOldest,
    // Any ticket of a match: those of which the older one lets in the younger one.
    kAny,
  };

  // Starts over: candidates of `ticket` among those that wait in `index`, in lanes whose tickets
  // fit into a team. Until the next start the index lives on and loses nothing. `key_rule` is the
  // index' own.
  void Start(PoolIndex& index, std::optional<size_t> key_rule, Slot ticket, const MatchTerms& terms,
             Of of = Of::kOldest);

  // Lanes of equal size stand together, the largest first.
  size_t lane_count() const { return walk_count_; }
  const Lane& lane(size_t lane) const { return walks_[order_[lane]].lane; }

  // The candidate at this place of the lane's order, or null past the last. Valid until the lane is
  // asked for a place further on.
  const Candidate* At(size_t lane, size_t place) {
    Walk& walk = walks_[order_[lane]];
    while (walk.found.size() <= place) {
      if (!Extend(&walk)) return nullptr;
    }
    return &walk.found[place];
  }

  // Tickets looked at, over all starts.
  int64_t looks() const { return looks_; }

 private:
  using Position = PoolIndex::Position;

  // Where one direction of a walk stands, and the least score of what follows there.
  struct Side {
    PoolIndex::Segment segment;
    Position position = PoolIndex::kNowhere;
    bool upwards = false;
    double score = 0;
    uint32_t rank = 0;
  };
  struct Walk {
    LaneId id = 0;
    Lane lane;
    bool opened = false;
    std::vector<Side> sides;
    // Seen, but something better may follow: a heap with the best on top.
    std::vector<Candidate> seen;
    std::vector<Candidate> found;
  };

  void AddSegment(const PoolIndex::Segment& segment, size_t known);
  void Open(Walk* walk);
  bool Extend(Walk* walk);
  void Look(Walk* walk, Slot slot, uint32_t rank);
  // Works out the score of a side that has moved; closes it beyond what the ticket accepts.
  void Settle(Side* side);

  const Legality& legality_;
  PoolIndex* index_ = nullptr;
  std::optional<size_t> key_rule_;
  Slot ticket_ = 0;
  uint32_t rank_ = 0;
  Of of_ = Of::kOldest;
  double key_ = 0;
  double reference_ = 0;
  MatchTerms terms_;
  PoolIndex::Choice choice_;
  std::vector<Walk> walks_;
  size_t walk_count_ = 0;
  // Walks in the order of lanes.
  std::vector<uint32_t> order_;
  // Which start a ticket was last looked at in, when lists overlap.
  std::vector<uint32_t> looked_at_;
  uint32_t start_ = 0;
  int64_t looks_ = 0;
};

}  // namespace muster::match::alliance
