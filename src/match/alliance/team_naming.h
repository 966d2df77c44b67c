#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "match/alliance/cheapest_assignment.h"
#include "match/alliance/team_balance.h"

// Which team each group of parties becomes. A helper of team_balance.cc.
namespace muster::match::alliance {

// Of each party. Groups 0, 1, ... are the teams with locked parties, in order ("anchored"), then
// come the others in the order of their first parties.
using PartyGroups = absl::InlinedVector<uint32_t, 32>;

// For at most kExactParties movable parties. Parties and rules outlive it. Not thread-safe.
class TeamNaming {
 public:
  TeamNaming(const std::vector<BalanceParty>& parties, const BalanceRules& rules,
             const std::vector<int32_t>& least_sizes)
      : parties_(parties), rules_(rules), least_sizes_(least_sizes) {
    std::vector<bool> locked(rules.teams, false);
    for (uint32_t i = 0; i < parties.size(); ++i) {
      if (parties[i].locked) {
        locked[parties[i].team] = true;
      } else {
        movable_.push_back(i);
      }
    }
    for (uint32_t team = 0; team < rules.teams; ++team) {
      (locked[team] ? anchored_ : fresh_).push_back(team);
    }
    for (const uint32_t team : fresh_) {
      differ_ |= least_sizes[team] != least_sizes[fresh_.front()];
      fresh_least_ = std::min(fresh_least_, least_sizes[team]);
    }
  }

  const std::vector<uint32_t>& anchored() const { return anchored_; }
  // The least size that some team without locked parties may have.
  int32_t fresh_least() const { return fresh_least_; }
  // Every grouping whose sizes are legal can be named.
  bool always_succeeds() const { return !differ_ && !rules_.team_is_legal; }

  // The team of each party: the fewest moves, then the order of the list. Nothing if the rules
  // forbid all ways.
  std::optional<std::vector<uint32_t>> Name(const PartyGroups& groups) {
    for (uint32_t group = 0; group < anchored_.size(); ++group) {
      if (!MayBe(groups, group, anchored_[group])) return std::nullopt;
    }
    std::vector<Bin> bins;
    bins.reserve(fresh_.size());
    for (const uint32_t team : fresh_) bins.push_back({least_sizes_[team] > 0 ? 1 : 0, 1});
    const size_t fresh_groups = Count(groups) - anchored_.size();
    CheapestAssignment assignment(fresh_groups, std::move(bins));
    for (uint32_t i = 0; i < fresh_groups; ++i) {
      const auto group = static_cast<uint32_t>(anchored_.size() + i);
      for (uint32_t j = 0; j < fresh_.size(); ++j) {
        if (!MayBe(groups, group, fresh_[j])) continue;
        assignment.Allow(i, j, MovesOf(groups, group, fresh_[j]));
      }
    }
    const std::optional<std::vector<uint16_t>> named = assignment.Solve();
    if (!named.has_value()) return std::nullopt;
    std::vector<uint32_t> teams;
    teams.reserve(groups.size());
    for (const uint32_t group : groups) {
      const bool anchored = group < anchored_.size();
      teams.push_back(anchored ? anchored_[group] : fresh_[(*named)[group - anchored_.size()]]);
    }
    return teams;
  }

  // No way to name the groups moves fewer parties than this.
  int32_t LeastMoves(const PartyGroups& groups) const {
    int32_t sum = 0;
    for (uint32_t group = 0; group < anchored_.size(); ++group) {
      sum += MovesOf(groups, group, anchored_[group]);
    }
    const auto count = static_cast<uint32_t>(Count(groups));
    for (auto group = static_cast<uint32_t>(anchored_.size()); group < count; ++group) {
      int32_t least = static_cast<int32_t>(movable_.size());
      for (const uint32_t i : movable_) {
        if (groups[i] == group) least = std::min(least, MovesOf(groups, group, parties_[i].team));
      }
      sum += least;
    }
    return sum;
  }

 private:
  size_t Count(const PartyGroups& groups) const {
    size_t count = anchored_.size();
    for (const uint32_t group : groups) count = std::max<size_t>(count, group + 1);
    return count;
  }

  // Parties that move when the group becomes the team.
  int32_t MovesOf(const PartyGroups& groups, uint32_t group, uint32_t team) const {
    int32_t moves = 0;
    for (const uint32_t i : movable_) {
      moves += groups[i] == group && parties_[i].team != team ? 1 : 0;
    }
    return moves;
  }

  // Whether the rules let the group be the team.
  bool MayBe(const PartyGroups& groups, uint32_t group, uint32_t team) {
    if (always_succeeds()) return true;
    int32_t players = 0;
    std::vector<uint32_t> members;
    for (uint32_t i = 0; i < groups.size(); ++i) {
      if (groups[i] != group) continue;
      players += parties_[i].players;
      members.push_back(i);
    }
    if (players < least_sizes_[team]) return false;
    if (!rules_.team_is_legal) return true;
    std::optional<bool>& answer = AnswerFor(groups, group, team);
    if (!answer.has_value()) answer = rules_.team_is_legal(team, members);
    return *answer;
  }

  std::optional<bool>& AnswerFor(const PartyGroups& groups, uint32_t group, uint32_t team) {
    if (answers_.empty()) answers_.resize(size_t{rules_.teams} << movable_.size());
    size_t mask = 0;
    for (size_t i = 0; i < movable_.size(); ++i) {
      mask |= groups[movable_[i]] == group ? size_t{1} << i : 0;
    }
    return answers_[(size_t{team} << movable_.size()) | mask];
  }

  const std::vector<BalanceParty>& parties_;
  const BalanceRules& rules_;
  const std::vector<int32_t>& least_sizes_;
  absl::InlinedVector<uint32_t, kExactParties> movable_;
  std::vector<uint32_t> anchored_;
  std::vector<uint32_t> fresh_;
  int32_t fresh_least_ = std::numeric_limits<int32_t>::max();
  bool differ_ = false;
  // What the rules said of a team and its movable parties, so that they are asked once.
  std::vector<std::optional<bool>> answers_;
};

}  // namespace muster::match::alliance
