#pragma once

#include <cstdint>
#include <functional>
#include <vector>

// Splits the parties of a match, once they are chosen, into teams of equal strength.
namespace muster::match::alliance {

// A party, as far as the split is concerned.
struct BalanceParty {
  // At least 1.
  int32_t players = 0;
  // Mean over its players of what is to be balanced, normalised. Finite.
  double value = 0;
  // The team it is in; stays there when `locked`.
  uint32_t team = 0;
  bool locked = false;
};

// How unequal the teams are, compared in this order.
struct Imbalance {
  // Players of the largest team less those of the smallest; empty teams count.
  int32_t size_gap = 0;
  // Largest team mean less the smallest, over the players of a team; empty teams do not count.
  double value_gap = 0;

  // The linter takes the zero of a defaulted comparison for a pointer.
  auto operator<=>(const Imbalance&) const = default;  // NOLINT(modernize-use-nullptr)
};

struct BalanceRules {
  uint32_t teams = 2;
  // A team that is smaller now may stay as small as it is now.
  int32_t min_players = 1;
  int32_t max_players = 1;
  // Whether parties (places in the list, ascending, never none) may be one team; null: any may.
  // Asked only for teams of a legal size. Must say the same each time it is asked the same.
  std::function<bool(uint32_t team, const std::vector<uint32_t>& parties)> team_is_legal;
};

// How unequal the teams are now.
Imbalance MeasureImbalance(const std::vector<BalanceParty>& parties, uint32_t teams);

// The team of each party. Never worse than the present split, which must be legal.
//
// Up to kExactParties movable parties it is the split of the least imbalance; ties by the fewest
// parties that change their team, then by the earliest team for the earliest party of the list.
//
// Beyond, it is the better of the present split (which wins a tie) and a greedy one (largest party
// first, of those the one of most value; into the team of fewest players, of those the one of least
// value), improved by moves and swaps of parties until none helps, or kMaxImprovements were made,
// or kMaxTrials were looked at.
inline constexpr size_t kExactParties = 10;
inline constexpr int kMaxImprovements = 1000;
inline constexpr int kMaxTrials = 200'000;
std::vector<uint32_t> BalanceTeams(const std::vector<BalanceParty>& parties,
                                   const BalanceRules& rules);

}  // namespace muster::match::alliance
