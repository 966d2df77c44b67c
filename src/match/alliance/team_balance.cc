#include "match/alliance/team_balance.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "match/alliance/team_naming.h"
#include "match/alliance/team_sums.h"

namespace muster::match::alliance {
namespace {

// Enumerates the ways to group the parties, sizes first: the least difference of sizes that can be
// is found by trying one after the other, which keeps the window for the size of a team narrow.
// PartyTeams without locked parties differ only in who was there before, so a group gets its team
// at the end, and only when the grouping is as good as the best one.
class ExactSplit {
 public:
  ExactSplit(const std::vector<BalanceParty>& parties, const BalanceRules& rules)
      : parties_(parties),
        rules_(rules),
        least_sizes_(LeastSizes(parties, rules)),
        naming_(parties, rules, least_sizes_),
        teams_(PresentTeams(parties)),
        best_(MeasureImbalance(parties, rules.teams)),
        choice_(parties.size(), 0),
        groups_(rules.teams),
        opened_(naming_.anchored().size()) {
    const std::vector<uint32_t>& anchored = naming_.anchored();
    double value = 0;
    double rounding = 0;
    for (size_t i = 0; i < parties.size(); ++i) {
      players_ += parties[i].players;
      value += TotalValue(parties[i]);
      rounding += std::abs(TotalValue(parties[i])) * 1e-12;
      if (!parties[i].locked) continue;
      const auto it = std::lower_bound(anchored.begin(), anchored.end(), parties[i].team);
      choice_[i] = static_cast<uint32_t>(it - anchored.begin());
    }
    means_ = {value / players_ + rounding, value / players_ - rounding};
  }

  PartyTeams Solve() {
    // Where all teams are equal in value only a split that is better in sizes beats the present
    // one.
    const int32_t last = best_.value_gap > 0 ? best_.size_gap : best_.size_gap - 1;
    for (int32_t gap = 0; gap <= std::min(last, best_.size_gap); ++gap) SearchWithin(gap);
    NameUnnamed();
    return std::move(teams_);
  }

 private:
  struct Group : TeamSum {
    int32_t least = 0;
  };

  // Looks at all groupings whose sizes differ by `gap` at most.
  void SearchWithin(int32_t gap) {
    const auto count = static_cast<int32_t>(groups_.size());
    gap_ = gap;
    largest_ = std::min(rules_.max_players, players_ / count + gap);
    const int32_t smallest = (players_ + count - 1) / count - gap;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const bool anchored = i < naming_.anchored().size();
      const int32_t least = anchored ? least_sizes_[naming_.anchored()[i]] : naming_.fresh_least();
      groups_[i] = Group{{}, std::max(least, smallest)};
    }
    free_players_ = 0;
    for (size_t i = 0; i < parties_.size(); ++i) {
      int32_t& players = parties_[i].locked ? groups_[choice_[i]].players : free_players_;
      players += parties_[i].players;
    }
    missing_ = 0;
    for (const Group& group : groups_) missing_ += std::max(0, group.least - group.players);
    if (missing_ <= free_players_) Place(0);
  }

  void Place(size_t party) {
    if (party == parties_.size()) return Judge();
    if (parties_[party].locked) {
      double& value = groups_[choice_[party]].value;
      const double before = value;
      value += TotalValue(parties_[party]);
      Place(party + 1);
      value = before;
      return;
    }
    const size_t opened = opened_;
    const size_t choices = std::min(opened + 1, groups_.size());
    for (size_t group = 0; group < choices; ++group) {
      opened_ = std::max(opened, group + 1);
      PlaceInto(party, static_cast<uint32_t>(group));
    }
    opened_ = opened;
  }

  // Goes on only where a split may come out that is legal in size and no worse than the best one.
  void PlaceInto(size_t party, uint32_t chosen) {
    Group& group = groups_[chosen];
    const int32_t players = parties_[party].players;
    if (group.players + players > largest_) return;
    const int32_t filled = std::clamp(group.least - group.players, 0, players);
    if (missing_ - filled > free_players_ - players) return;
    const TeamSum before = group;
    missing_ -= filled;
    free_players_ -= players;
    group.players += players;
    group.value += TotalValue(parties_[party]);
    choice_[party] = chosen;
    const MeanRange before_means = means_;
    if (group.players == largest_ && chosen >= naming_.anchored().size()) {
      means_.Add(group.value / group.players);
    }
    if (best_.size_gap > gap_ || means_.width() <= best_.value_gap) Place(party + 1);
    means_ = before_means;
    static_cast<TeamSum&>(group) = before;
    missing_ += filled;
    free_players_ += players;
  }

  // A grouping is complete.
  void Judge() {
    const Imbalance imbalance = ImbalanceOf(groups_);
    if (imbalance.size_gap > gap_ || imbalance > best_) return;
    const bool better = imbalance < best_;
    if (better && naming_.always_succeeds()) {
      best_ = imbalance;
      unnamed_ = choice_;
      return;
    }
    NameUnnamed();
    if (!better && (moves_ == 0 || naming_.LeastMoves(choice_) > moves_)) return;
    std::optional<PartyTeams> teams = naming_.Name(choice_);
    if (!teams.has_value()) return;
    const int32_t moves = CountMoves(parties_, *teams);
    if (!better && std::tie(moves, *teams) >= std::tie(moves_, teams_)) return;
    best_ = imbalance;
    moves_ = moves;
    teams_ = *std::move(teams);
  }

  // Most groupings that lead for a while are beaten before anybody needs their teams.
  void NameUnnamed() {
    if (unnamed_.empty()) return;
    teams_ = *naming_.Name(unnamed_);
    moves_ = CountMoves(parties_, teams_);
    unnamed_.clear();
  }

  const std::vector<BalanceParty>& parties_;
  const BalanceRules& rules_;
  const std::vector<int32_t> least_sizes_;
  TeamNaming naming_;
  int32_t players_ = 0;

  // The best split so far; its teams are still to be named when `unnamed_` is not empty.
  PartyTeams teams_;
  Imbalance best_;
  int32_t moves_ = 0;
  PartyGroups unnamed_;

  // The grouping at hand.
  PartyGroups choice_;
  absl::InlinedVector<Group, 8> groups_;
  size_t opened_ = 0;
  // Bounds of the final means: nobody can be on one side of the mean of all unless somebody is on
  // the other, and a group that is full keeps its mean.
  MeanRange means_;
  int32_t gap_ = 0;
  int32_t largest_ = 0;
  int32_t free_players_ = 0;
  // Players that groups need to reach their least sizes.
  int32_t missing_ = 0;
};

// A split that is always legal and is changed step by step.
class LocalSearch {
 public:
  LocalSearch(const std::vector<BalanceParty>& parties, const BalanceRules& rules)
      : parties_(parties),
        rules_(rules),
        least_sizes_(LeastSizes(parties, rules)),
        teams_(PresentTeams(parties)),
        sums_(SumTeams(parties, teams_, rules.teams)),
        imbalance_(ImbalanceOf(sums_)),
        matters_(rules.teams, true) {
    for (uint32_t i = 0; i < parties.size(); ++i) {
      players_ += parties[i].players;
      if (!parties[i].locked) movable_.push_back(i);
    }
  }

  PartyTeams Solve() {
    StartGreedily();
    MarkTeamsThatMatter();
    bool improved = true;
    while (improved && !IsSpent()) improved = ImproveOnce();
    return std::move(teams_);
  }

 private:
  bool IsSpent() const { return improvements_ >= kMaxImprovements || trials_ >= kMaxTrials; }

  // Takes the greedy split if it is legal and better than the present one.
  void StartGreedily() {
    const std::optional<PartyTeams> greedy = GreedyTeams();
    if (!greedy.has_value()) return;
    std::vector<TeamSum> sums = SumTeams(parties_, *greedy, rules_.teams);
    const Imbalance imbalance = ImbalanceOf(sums);
    if (imbalance >= imbalance_) return;
    for (uint32_t team = 0; team < rules_.teams; ++team) {
      if (sums[team].players < least_sizes_[team] || !RulesAllow(*greedy, team)) return;
    }
    teams_ = *greedy;
    sums_ = std::move(sums);
    imbalance_ = imbalance;
  }

  std::optional<PartyTeams> GreedyTeams() const {
    std::vector<uint32_t> order = movable_;
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      const auto key = [&](uint32_t i) {
        return std::pair(parties_[i].players, TotalValue(parties_[i]));
      };
      return key(a) > key(b);
    });
    PartyTeams teams = PresentTeams(parties_);
    std::vector<TeamSum> sums(rules_.teams);
    for (const BalanceParty& party : parties_) {
      if (party.locked) AddTo(sums[party.team], party);
    }
    for (const uint32_t i : order) {
      const auto weakest = std::min_element(sums.begin(), sums.end(), [](auto& a, auto& b) {
        return std::tie(a.players, a.value) < std::tie(b.players, b.value);
      });
      // The weakest team is the smallest: no other has room either.
      if (weakest->players + parties_[i].players > rules_.max_players) return std::nullopt;
      AddTo(*weakest, parties_[i]);
      teams[i] = static_cast<uint32_t>(weakest - sums.begin());
    }
    return teams;
  }

  // Tries each move and each swap once, from whatever split it has reached by then.
  bool ImproveOnce() {
    const int before = improvements_;
    for (size_t i = 0; i < movable_.size(); ++i) {
      const uint32_t party = movable_[i];
      for (uint32_t team = 0; team < rules_.teams; ++team) Try({party, team, party});
      for (size_t j = i + 1; j < movable_.size(); ++j) {
        Try({party, teams_[movable_[j]], movable_[j]});
      }
      if (IsSpent()) break;
    }
    return improvements_ > before;
  }

  // A party goes to a team; `other`, unless it is the same party, comes from there.
  struct Change {
    uint32_t party = 0;
    uint32_t team = 0;
    uint32_t other = 0;
  };

  void Try(const Change& change) {
    const uint32_t from = teams_[change.party];
    if (from == change.team || IsSpent() || (!matters_[from] && !matters_[change.team])) return;
    ++trials_;
    const std::pair<TeamSum, TeamSum> old(sums_[from], sums_[change.team]);
    Shift(change, sums_[from], sums_[change.team]);
    if (SizesAllow(from) && SizesAllow(change.team) && ImbalanceOf(sums_) < imbalance_ &&
        Take(change, from)) {
      return;
    }
    sums_[from] = old.first;
    sums_[change.team] = old.second;
  }

  // A change helps only if one of its teams is at an end of what makes up the imbalance.
  void MarkTeamsThatMatter() {
    const TeamExtremes ends = ExtremesOf(sums_);
    const int32_t least_gap = players_ % static_cast<int32_t>(rules_.teams) == 0 ? 0 : 1;
    for (size_t team = 0; team < sums_.size(); ++team) {
      const TeamSum& sum = sums_[team];
      const double mean = sum.players > 0 ? sum.value / sum.players : 0;
      const bool by_value = mean <= ends.means.weakest || mean >= ends.means.strongest;
      const bool by_size = sum.players == ends.smallest || sum.players == ends.largest;
      matters_[team] = by_value || (by_size && imbalance_.size_gap > least_gap);
    }
  }

  void Shift(const Change& change, TeamSum& from, TeamSum& to) const {
    const BalanceParty& party = parties_[change.party];
    from = {from.players - party.players, from.value - TotalValue(party)};
    AddTo(to, party);
    if (change.other == change.party) return;
    const BalanceParty& other = parties_[change.other];
    to = {to.players - other.players, to.value - TotalValue(other)};
    AddTo(from, other);
  }

  bool SizesAllow(uint32_t team) const {
    const int32_t players = sums_[team].players;
    return players >= least_sizes_[team] && players <= rules_.max_players;
  }

  // Makes the change if it helps when the values are added up in the order of the list, and the
  // rules allow it. The sums are then those of the new split.
  bool Take(const Change& change, uint32_t from) {
    PartyTeams teams = teams_;
    teams[change.other] = from;
    teams[change.party] = change.team;
    std::vector<TeamSum> sums = SumTeams(parties_, teams, rules_.teams);
    const Imbalance imbalance = ImbalanceOf(sums);
    if (imbalance >= imbalance_) return false;
    if (!RulesAllow(teams, from) || !RulesAllow(teams, change.team)) return false;
    teams_ = std::move(teams);
    sums_ = std::move(sums);
    imbalance_ = imbalance;
    ++improvements_;
    MarkTeamsThatMatter();
    return true;
  }

  bool RulesAllow(const PartyTeams& teams, uint32_t team) const {
    if (!rules_.team_is_legal) return true;
    std::vector<uint32_t> members;
    for (uint32_t i = 0; i < teams.size(); ++i) {
      if (teams[i] == team) members.push_back(i);
    }
    return members.empty() || rules_.team_is_legal(team, members);
  }

  const std::vector<BalanceParty>& parties_;
  const BalanceRules& rules_;
  const std::vector<int32_t> least_sizes_;
  std::vector<uint32_t> movable_;
  int32_t players_ = 0;
  PartyTeams teams_;
  std::vector<TeamSum> sums_;
  Imbalance imbalance_;
  std::vector<bool> matters_;
  int improvements_ = 0;
  int trials_ = 0;
};

}  // namespace

Imbalance MeasureImbalance(const std::vector<BalanceParty>& parties, uint32_t teams) {
  return ImbalanceOf(SumTeams(parties, PresentTeams(parties), teams));
}

std::vector<uint32_t> BalanceTeams(const std::vector<BalanceParty>& parties,
                                   const BalanceRules& rules) {
  const auto movable = std::count_if(parties.begin(), parties.end(),
                                     [](const BalanceParty& party) { return !party.locked; });
  if (movable == 0 || rules.teams < 2) return PresentTeams(parties);
  if (static_cast<size_t>(movable) <= kExactParties) return ExactSplit(parties, rules).Solve();
  return LocalSearch(parties, rules).Solve();
}

}  // namespace muster::match::alliance
