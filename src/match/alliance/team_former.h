#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "match/alliance/candidates.h"
#include "match/alliance/match_terms.h"
#include "match/alliance/pool_index.h"
#include "match/alliance/tick_deadline.h"

namespace muster::match::alliance {

// Regions as bits, in the order of their names, so that it does not matter who named them first; of
// more than 64 the rest are not used.
using RegionSet = uint64_t;

class RegionBits {
 public:
  explicit RegionBits(const TicketPool& pool);

  // Those that the ticket accepts; all when it has no latencies.
  RegionSet Of(const TicketPool& pool, Slot slot) const;
  bool Has(RegionSet regions, RegionId region) const {
    return region < bit_of_.size() && bit_of_[region] < 64 && (regions >> bit_of_[region] & 1) != 0;
  }
  // By bit; at most 64.
  const std::vector<RegionId>& regions() const { return regions_; }

 private:
  std::vector<RegionId> regions_;
  std::vector<uint32_t> bit_of_;
};

// Tickets that fill one team, before it is known whom they play.
struct FormedTeam {
  absl::InlinedVector<Slot, 5> tickets;
  // Those that all tickets accept.
  RegionSet regions = 0;
  const AllianceRule* alliance = nullptr;
  int64_t players = 0;
};

// Puts tickets into full teams: as many as it can, of neighbours. Large parties choose first, since
// few others complete them; one that finds only partners taken by another team takes one away if
// that team finds another (an augmenting path), so no party waits for a choice that could have been
// made differently. Not thread-safe.
class TeamFormer {
 public:
  // All outlive this. `all` is sorted by the means of `key_rule` and holds every ticket of the
  // tick.
  TeamFormer(const Legality& legality, const Alliances& alliances, std::optional<size_t> key_rule,
             PoolIndex& all);

  // Teams of the tickets in `service_order`. Among parties of one size those that `promised` names,
  // by slot, choose first.
  std::vector<FormedTeam> Form(std::span<const Slot> service_order,
                               const std::vector<bool>& promised, TickDeadline& deadline);

 private:
  using TeamId = uint32_t;
  static constexpr TeamId kNoTeam = static_cast<TeamId>(-1);
  // Nearest tickets of a lane that are looked at.
  static constexpr size_t kNeighbours = 16;
  static constexpr size_t kMaxPath = 256;
  static constexpr int kMaxSteps = 60;
  // Teams this close together, in units of the rating, are left alone.
  static constexpr double kTightEnough = 10;
  static constexpr int kTightenPasses = 3;

  // A ticket that may be taken, and for whom: the seed, or the team of an earlier one.
  struct PathStep {
    Slot ticket = 0;
    uint32_t from = 0;
  };

  void Reset(std::span<const Slot> service_order);
  std::vector<Slot> SeedOrder(std::span<const Slot> service_order,
                              const std::vector<bool>& promised) const;
  bool FormAround(Slot seed, bool one_partner_only);
  bool FormIn(Slot seed, RegionId region, bool one_partner_only);
  bool Complete(size_t first_lane, bool one_partner_only);
  bool TryJoin(Slot slot);
  void Leave();
  bool TakePartner(Slot seed);
  bool FindPath(Slot seed, RegionId region, std::vector<PathStep>* path);
  bool Visit(Slot ticket, uint32_t from, std::vector<PathStep>* path);
  bool FitsInstead(const FormedTeam& team, Slot out, Slot in) const;
  bool FitsWith(const FormedTeam& team, Slot slot, Slot except) const;
  void Adopt(const FormedTeam& team);
  PoolIndex& FreeTickets();
  void Take(Slot slot, TeamId team);
  void Exchange(TeamId id, Slot out, Slot in);
  void Tighten(TickDeadline& deadline);
  bool TightenTeam(TeamId id);
  bool TrySwap(TeamId id, Slot out, Slot in);
  double GapTo(const FormedTeam& team, Slot out, Slot in) const;
  RegionSet RegionsOf(Slot slot) const { return regions_.Of(legality_.pool(), slot); }
  MatchTerms TermsOf(Slot slot, RegionId region) const;

  const Legality& legality_;
  const Alliances& alliances_;
  const std::optional<size_t> key_rule_;
  const RegionBits regions_;
  Candidates candidates_;
  PoolIndex& all_;
  // Those without a team; made when somebody looks for partners.
  std::optional<PoolIndex> free_;
  std::span<const Slot> service_order_;
  FormedTeam forming_;
  int steps_left_ = 0;
  std::vector<FormedTeam> teams_;
  std::vector<TeamId> team_of_;
  // From these no free ticket can be reached: a search that fails never becomes possible later.
  std::vector<bool> visited_;
};

}  // namespace muster::match::alliance
