#include "match/alliance/quality.h"

#include <algorithm>
#include <utility>

#include "match/alliance/plan_polish.h"
#include "match/alliance/team_former.h"
#include "match/alliance/team_pairing.h"

namespace muster::match::alliance {
namespace {

constexpr int kPolishPasses = 3;

TeamBuilderOptions LargestFirst(TeamBuilderOptions options) {
  options.larger_parties_first = true;
  return options;
}

}  // namespace

Quality::Quality(const Legality& legality, const Alliances& alliances, TermsFinder& terms,
                 const TeamBuilderOptions& options)
    : legality_(legality),
      alliances_(alliances),
      key_rule_(SelectiveRule(legality)),
      oldest_first_(legality, terms, options),
      fill_(legality, terms, LargestFirst(options)),
      candidates_(legality),
      plan_(legality, alliances) {}

bool Quality::TeamsAreAlike() const {
  const Ruleset& rules = legality_.rules();
  const auto alike = [](const AllianceRule& rule) { return rule.combination.teams.size() <= 1; };
  return rules.sub_game_modes.empty() && alike(rules.alliance) &&
         std::all_of(rules.alliance_flexing.begin(), rules.alliance_flexing.end(),
                     [&](const AllianceFlexingRule& flexed) { return alike(flexed.alliance); });
}

std::vector<Slot> Quality::Free() const {
  std::vector<Slot> free;
  for (const Slot slot : service_order_) {
    if (plan_.IsFree(slot)) free.push_back(slot);
  }
  return free;
}

void Quality::FormAndPair(TickDeadline& deadline) {
  if (!TeamsAreAlike()) return;
  const std::vector<Slot> free = Free();
  TeamFormer former(legality_, alliances_, key_rule_, *index_);
  TeamPairing pairing(legality_, key_rule_, &plan_);
  pairing.Pair(former.Form(free, is_promised_, deadline), is_promised_, deadline);
}

void Quality::FillFromFree(TickDeadline& deadline) {
  const std::vector<Slot> free = Free();
  fill_.Run(free, deadline, [this](Composition& match) { plan_.Add(match); });
}

// Whether a free ticket could be in a match at all; when in doubt, yes.
bool Quality::AnyFreeHasCandidates() {
  const Ruleset& rules = legality_.rules();
  if (!rules.sub_game_modes.empty() || !rules.alliance_flexing.empty() ||
      rules.regions.disable_bidirectional_after_ms > 0 ||
      (key_rule_ && !legality_.flex().AlwaysCompares(*key_rule_))) {
    return true;
  }
  for (const Slot slot : Free()) {
    const int64_t age_ms = legality_.pool()[slot].age_ms;
    if (alliances_.At(age_ms, std::nullopt).min_teams == 1) return true;
    const auto accepted = legality_.pool().AcceptedRegions(slot);
    const bool anywhere = legality_.pool()[slot].latency_count == 0;
    for (size_t i = 0; i < accepted.size() + (anywhere ? 1 : 0); ++i) {
      const MatchTerms terms{&alliances_.At(age_ms, std::nullopt),
                             anywhere ? kNoRegion : accepted[i].region, std::nullopt};
      candidates_.Start(*index_, key_rule_, slot, terms, Candidates::Of::kAny);
      for (size_t lane = 0; lane < candidates_.lane_count(); ++lane) {
        if (candidates_.At(lane, 0) != nullptr) return true;
      }
    }
  }
  return false;
}

void Quality::NotePromises(TickDeadline& deadline) {
  oldest_first_.Run(service_order_, deadline, [this](Composition& match) {
    for (const std::vector<Slot>& team : match.teams) {
      for (const Slot slot : team) {
        is_promised_[slot] = true;
        promised_[slot] = static_cast<uint32_t>(promises_.size());
      }
    }
    promises_.push_back(match);
  });
  kept_.assign(promises_.size(), false);
}

void Quality::KeepPromises(TickDeadline& deadline) {
  while (true) {
    std::optional<Slot> stuck;
    for (const Slot slot : service_order_) {
      if (!plan_.IsFree(slot) || !is_promised_[slot]) continue;
      // No time to look for a better way.
      if (deadline.IsOver(100)) return TakeOverTheRest();
      const bool placed = FindPlace(slot, Ask::kUnpromised) || FindPlace(slot, Ask::kTogether) ||
                          FindPlace(slot, Ask::kChain);
      if (!placed && !stuck) stuck = slot;
    }
    if (!stuck) return;
    TakeOver(promises_[promised_[*stuck]]);
    FormAndPair(deadline);
    FillFromFree(deadline);
  }
}

// Everybody who was promised a match and has none gets it as it was; whose match that breaks up
// gets his own in turn. Each promise is taken over once.
void Quality::TakeOverTheRest() {
  std::vector<Slot> waiting = Free();
  while (!waiting.empty()) {
    const Slot slot = waiting.back();
    waiting.pop_back();
    if (!plan_.IsFree(slot) || !is_promised_[slot]) continue;
    const Composition& promise = promises_[promised_[slot]];
    for (const std::vector<Slot>& team : promise.teams) {
      for (const Slot member : team) {
        if (plan_.IsFree(member)) continue;
        for (const std::vector<Slot>& broken : plan_.match(plan_.MatchOf(member)).teams) {
          waiting.insert(waiting.end(), broken.begin(), broken.end());
        }
      }
    }
    TakeOver(promise);
  }
}

// Calls `visit` for tickets of the lanes that `wanted` names, near `slot` in a region it accepts,
// the nearest of each lane first; stops when that says true.
template <typename Wanted, typename Visit>
bool Quality::VisitNeighbours(Slot slot, const Wanted& wanted, const Visit& visit) {
  const auto accepted = legality_.pool().AcceptedRegions(slot);
  PoolIndex::Choice choice;
  for (size_t i = 0; i < std::max<size_t>(accepted.size(), 1); ++i) {
    index_->ListsFor(slot, accepted.empty() ? kNoRegion : accepted[i].region, false, &choice);
    for (const PoolIndex::ListId list : choice.lists) {
      for (const PoolIndex::Segment& segment : index_->Segments(list)) {
        if (wanted(segment.lane) && VisitSegment(segment, slot, visit)) return true;
      }
    }
  }
  return false;
}

template <typename Visit>
bool Quality::VisitSegment(const PoolIndex::Segment& segment, Slot slot, const Visit& visit) {
  PoolIndex::Position above = index_->FirstNotBelow(segment, index_->Key(slot));
  PoolIndex::Position below = index_->LastRunBelow(segment, index_->Key(slot));
  for (size_t i = 0; i < kNeighbours; ++i) {
    if (above != PoolIndex::kNowhere) {
      if (visit(index_->At(above))) return true;
      above = index_->Up(segment, above);
    }
    if (below != PoolIndex::kNowhere) {
      if (visit(index_->At(below))) return true;
      below = index_->Down(segment, below);
    }
  }
  return false;
}

bool Quality::FindPlace(Slot slot, Ask ask) {
  const LaneId mine = index_->LaneOf(slot);
  const uint32_t players = legality_.pool()[slot].players;
  if (ask == Ask::kTogether) {
    return VisitNeighbours(
        slot, [&](LaneId lane) { return index_->lanes()[lane].players > players; },
        [&](Slot other) {
          return !plan_.IsFree(other) && !is_promised_[other] && ReplaceTogether(other, slot);
        });
  }
  return VisitNeighbours(
      slot, [&](LaneId lane) { return lane == mine; },
      [&](Slot other) {
        if (other == slot || plan_.IsFree(other)) return false;
        if (ask == Ask::kUnpromised) return !is_promised_[other] && plan_.Replace(other, slot);
        if (!is_promised_[other] || kept_[promised_[other]] || !plan_.Replace(other, slot)) {
          return false;
        }
        if (FindPlace(other, Ask::kUnpromised) || FindPlace(other, Ask::kTogether)) return true;
        plan_.Replace(slot, other);
        return false;
      });
}

// Puts `slot` and a free ticket, together as large as `other`, into its place.
bool Quality::ReplaceTogether(Slot other, Slot slot) {
  const TicketPool& pool = legality_.pool();
  const uint32_t missing = pool[other].players - pool[slot].players;
  int tries = kTogetherTries;
  return VisitNeighbours(
      other, [&](LaneId lane) { return index_->lanes()[lane].players == missing; },
      [&](Slot friendly) {
        if (friendly == slot || !plan_.IsFree(friendly) || --tries < 0) return false;
        return plan_.ReplaceWithTwo(other, slot, friendly);
      });
}

void Quality::TakeOver(const Composition& match) {
  for (const std::vector<Slot>& team : match.teams) {
    for (const Slot slot : team) {
      if (!plan_.IsFree(slot)) plan_.Remove(plan_.MatchOf(slot));
      kept_[promised_[slot]] = true;
    }
  }
  plan_.Add(match);
}

void Quality::Polish(TickDeadline& deadline) {
  if (!key_rule_) return;
  PlanPolish(legality_, *index_, *key_rule_, is_promised_, &plan_).Run(kPolishPasses, deadline);
}

// Whether every ticket is a team of its own.
bool Quality::TicketsAreTeams() const {
  return std::all_of(service_order_.begin(), service_order_.end(), [this](Slot slot) {
    const PooledTicket& ticket = legality_.pool()[slot];
    return int64_t{ticket.players} == alliances_.At(ticket.age_ms, std::nullopt).max_players;
  });
}

size_t Quality::Run(std::span<const Slot> service_order, TickDeadline& deadline,
                    const TakeMatch& take) {
  service_order_ = service_order;
  index_.emplace(legality_, service_order, key_rule_);
  is_promised_.assign(legality_.pool().size(), false);
  promised_.assign(legality_.pool().size(), 0);
  // Neighbours that play each other leave hardly anybody over, and mostly such as oldest_first
  // could not match either: then it need not be run.
  const bool ask_late = TicketsAreTeams();
  if (!ask_late) NotePromises(deadline);
  FormAndPair(deadline);
  FillFromFree(deadline);
  if (ask_late && AnyFreeHasCandidates()) NotePromises(deadline);
  KeepPromises(deadline);
  const bool cut_short = deadline.IsOver();
  Polish(deadline);
  Emit(take);
  return cut_short ? Free().size() : 0;
}

// In the order in which the oldest tickets are served.
void Quality::Emit(const TakeMatch& take) {
  std::vector<Plan::MatchId> order;
  order.reserve(plan_.matches().size());
  for (Plan::MatchId id = 0; id < plan_.matches().size(); ++id) {
    if (!plan_.match(id).teams.empty()) order.push_back(id);
  }
  std::sort(order.begin(), order.end(), [this](Plan::MatchId a, Plan::MatchId b) {
    return index_->Rank(plan_.match(a).oldest) < index_->Rank(plan_.match(b).oldest);
  });
  for (const Plan::MatchId id : order) take(plan_.match(id));
}

}  // namespace muster::match::alliance
