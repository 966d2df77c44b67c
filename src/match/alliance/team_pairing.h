#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "match/alliance/plan.h"
#include "match/alliance/team_former.h"

namespace muster::match::alliance {

// Makes matches of formed teams: neighbours by strength play each other. Within one region and one
// set of traits the teams are sorted by their mean, and a dynamic program over that order finds the
// most players in matches of consecutive teams, then the least differences. Where two teams make a
// match, a team that is left over then takes a partner away from another one that finds a new one
// itself, in whatever region (an augmenting path). Not thread-safe.
class TeamPairing {
 public:
  TeamPairing(const Legality& legality, std::optional<size_t> key_rule, Plan* plan)
      : legality_(legality), key_rule_(key_rule), regions_(legality.pool()), plan_(*plan) {}

  // Adds matches to the plan; the tickets of teams that play nobody stay free. Between two of
  // these, rather those of teams without a ticket that `promised` names, by slot.
  void Pair(const std::vector<FormedTeam>& teams, const std::vector<bool>& promised,
            TickDeadline& deadline);

 private:
  using TeamId = uint32_t;
  static constexpr TeamId kNobody = static_cast<TeamId>(-1);
  // Teams of about the same strength that a team looks at on each side, in each region.
  static constexpr size_t kNeighbours = 6;
  // Matches of more teams are left to whoever fills from free tickets.
  static constexpr size_t kMostTeams = 16;
  // Teams that one search may turn loose.
  static constexpr size_t kMaxLoose = 48;

  struct Entry {
    const FormedTeam* team = nullptr;
    RegionId region = kNoRegion;
    double mean = 0;
    // What matches must not mix, beside the alliance.
    TraitsId traits = 0;
    // Smallest and greatest mean of its tickets; and the ticket that is served first.
    double low = 0;
    double high = 0;
    Slot oldest = 0;
    bool promised = false;
    // With whom it plays; itself when its match has other than two teams.
    TeamId partner = kNobody;
    // The best place in the service order of its group.
    Slot first_of_group = 0;
  };
  // The best way to deal with the first so many teams of a group.
  struct Best {
    int64_t players = 0;
    double cost = 0;
    // Teams of the last match; 0: the last team plays nobody.
    size_t last = 0;
  };
  // A team that was turned loose: who took its partner, and where they play.
  struct Loose {
    TeamId team = 0;
    size_t from = 0;
    TeamId partner = kNobody;
    RegionId region = kNoRegion;
  };

  Entry MakeEntry(const FormedTeam& team, const std::vector<bool>& promised) const;
  RegionId HomeOf(const FormedTeam& team) const;
  bool SameGroup(const Entry& a, const Entry& b) const;
  void SortIntoGroups();
  void PairGroup(size_t begin, size_t end, TickDeadline& deadline);
  bool IsNear(TeamId a, TeamId b) const;
  bool MayPlay(size_t begin, size_t end, RegionId region);
  bool MayMeet(TeamId a, TeamId b, RegionId wanted);
  RegionId RegionFor(TeamId a, TeamId b, RegionId region) const;
  void PairLeftOver(TickDeadline& deadline);
  bool FindPartner(TeamId team);
  bool Look(size_t from, TeamId other, RegionId region);
  void SortByRegion();
  void ApplyPath(size_t last);
  void Join(TeamId a, TeamId b, RegionId region);
  void MakeMatches();

  const Legality& legality_;
  const std::optional<size_t> key_rule_;
  const RegionBits regions_;
  Plan& plan_;
  std::vector<Entry> entries_;
  std::vector<Best> best_;
  Composition trial_;
  // Matches of other than two teams, as ranges of entries.
  std::vector<std::pair<size_t, size_t>> ranges_;
  // For each bit of a region the teams that accept it, by mean.
  std::vector<std::vector<TeamId>> by_region_;
  std::vector<Loose> loose_;
  std::vector<bool> visited_;
};

}  // namespace muster::match::alliance
