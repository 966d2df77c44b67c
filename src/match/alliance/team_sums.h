#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "match/alliance/team_balance.h"

// Sums over the teams of a split. A helper of team_balance.cc.
namespace muster::match::alliance {

// The team of each party.
using PartyTeams = std::vector<uint32_t>;

// A team while it is put together. Values are added up in the order of the list, always, so that
// equal teams compare equal.
struct TeamSum {
  int32_t players = 0;
  double value = 0;
};

inline double TotalValue(const BalanceParty& party) { return party.players * party.value; }

inline void AddTo(TeamSum& sum, const BalanceParty& party) {
  sum.players += party.players;
  sum.value += TotalValue(party);
}

// Means that teams of a split reach.
struct MeanRange {
  double weakest = std::numeric_limits<double>::infinity();
  double strongest = -std::numeric_limits<double>::infinity();

  void Add(double mean) {
    weakest = std::min(weakest, mean);
    strongest = std::max(strongest, mean);
  }
  double width() const { return strongest - weakest; }
};

// What the imbalance of a split is made of.
struct TeamExtremes {
  int32_t smallest = std::numeric_limits<int32_t>::max();
  int32_t largest = 0;
  MeanRange means;
};

// `sums`: a list, not empty, of TeamSum or of what derives from it.
template <typename Sums>
TeamExtremes ExtremesOf(const Sums& sums) {
  TeamExtremes extremes;
  for (const TeamSum& sum : sums) {
    extremes.smallest = std::min(extremes.smallest, sum.players);
    extremes.largest = std::max(extremes.largest, sum.players);
    if (sum.players > 0) extremes.means.Add(sum.value / sum.players);
  }
  return extremes;
}

template <typename Sums>
Imbalance ImbalanceOf(const Sums& sums) {
  if (sums.empty()) return {};
  const TeamExtremes extremes = ExtremesOf(sums);
  // PartyTeams without any player have no mean.
  const double value_gap = extremes.largest > 0 ? extremes.means.width() : 0;
  return {extremes.largest - extremes.smallest, value_gap};
}

inline std::vector<TeamSum> SumTeams(const std::vector<BalanceParty>& parties,
                                     const PartyTeams& teams, uint32_t count) {
  std::vector<TeamSum> sums(count);
  for (size_t i = 0; i < parties.size(); ++i) {
    AddTo(sums[teams[i]], parties[i]);
  }
  return sums;
}

inline PartyTeams PresentTeams(const std::vector<BalanceParty>& parties) {
  PartyTeams teams;
  teams.reserve(parties.size());
  for (const BalanceParty& party : parties) teams.push_back(party.team);
  return teams;
}

// Parties that change their team.
inline int32_t CountMoves(const std::vector<BalanceParty>& parties, const PartyTeams& teams) {
  int32_t moves = 0;
  for (size_t i = 0; i < parties.size(); ++i) moves += teams[i] != parties[i].team ? 1 : 0;
  return moves;
}

// The least size of each team: the minimum, or what the team has now, if that is less.
inline std::vector<int32_t> LeastSizes(const std::vector<BalanceParty>& parties,
                                       const BalanceRules& rules) {
  std::vector<int32_t> least(rules.teams, 0);
  for (const BalanceParty& party : parties) least[party.team] += party.players;
  for (int32_t& size : least) size = std::min(size, rules.min_players);
  return least;
}

}  // namespace muster::match::alliance
