#include "match/alliance/alliance_backfill_run.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "base/strings.h"
#include "match/alliance/oldest_first.h"
#include "match/alliance/session_candidates.h"

namespace muster::match::alliance {
namespace {

// Of letting a ticket join, or trying to, and of rebuilding a session, for TickDeadline.
constexpr int64_t kWorkPerJoin = 20;
constexpr int64_t kWorkPerSession = 50;

bool WantsNewSession(const Ticket& ticket) {
  const Value* const wish = ticket.attributes.Find("new_session_only");
  if (wish == nullptr) return false;
  if (wish->bool_value() != nullptr) return *wish->bool_value();
  return wish->text() != nullptr && absl::EqualsIgnoreCase(base::ToAbsl(*wish->text()), "true");
}

}  // namespace

AllianceBackfillRun::AllianceBackfillRun(std::shared_ptr<const CompiledRules> rules,
                                         const RunContext& context, ProposalSink& sink)
    : rules_(std::move(rules)),
      context_(context),
      sink_(sink),
      traits_(rules_->rules, rules_->options.any_options_all_common,
              rules_->options.empty_options_count),
      pool_(rules_->rules, rules_->flex, &traits_, context.now),
      notes_(pool_.roles().active()) {}

std::optional<LeftOut> AllianceBackfillRun::AddTicket(const Ticket& ticket) {
  if (ticket.players.empty()) return LeftOut::kNoPlayers;
  if (ticket.players.size() > rules_->largest_team) return LeftOut::kTooLarge;
  const Slot slot = pool_.Add(ticket);
  notes_.Add(slot, ticket);
  ticket_ids_.push_back(ticket.id);
  if (!ticket.excluded_sessions.empty()) excluded_sessions_[slot] = ticket.excluded_sessions;
  if (!WantsNewSession(ticket)) candidates_.push_back(slot);
  return std::nullopt;
}

void AllianceBackfillRun::AddBackfillTicket(const BackfillTicket& backfill) {
  sessions_.push_back(backfill);
}

std::vector<RegionId> AllianceBackfillRun::SessionRegions() const {
  std::vector<RegionId> regions;
  for (const BackfillTicket& session : sessions_) {
    const bool has_region =
        !session.region_preferences.empty() && !session.region_preferences.front().empty();
    const RegionId region =
        has_region ? pool_.FindRegion(session.region_preferences.front()) : kNoRegion;
    if (!has_region || region != kNoRegion) regions.push_back(region);
  }
  std::sort(regions.begin(), regions.end());
  regions.erase(std::unique(regions.begin(), regions.end()), regions.end());
  return regions;
}

bool AllianceBackfillRun::KeepsOut(Slot ticket, const BackfillTicket& session,
                                   const SessionRoster& roster) const {
  const std::vector<std::string>& ids = roster.ticket_ids();
  if (std::binary_search(ids.begin(), ids.end(), ticket_ids_[ticket])) return true;
  const auto excluded = excluded_sessions_.find(ticket);
  if (excluded == excluded_sessions_.end()) return false;
  return std::any_of(excluded->second.begin(), excluded->second.end(), [&](const auto& id) {
    if (id.empty()) return rules_->options.empty_exclusion_excludes_all;
    return id == session.session_id;
  });
}

// One pass over the sessions.
class AllianceBackfillRun::Round {
 public:
  explicit Round(AllianceBackfillRun& run)
      : run_(run),
        deadline_(run.context_, run.rules_->options.tick_time_limit),
        legality_(run.rules_->rules, run.rules_->flex, run.pool_),
        tick_{legality_,  run.pool_,           run.rules_->alliances,
              run.notes_, run.rules_->options, run.context_.now},
        index_(run.pool_, run.candidates_, run.SessionRegions(),
               {OrderingRule(run.rules_->rules), run.rules_->options.prioritize_larger_parties}),
        candidates_(legality_, index_),
        ids_(run.context_.id_seed) {}

  bool IsOutOfTime() const { return deadline_.IsOutOfTime(); }

  // Returns how many sessions were not looked at.
  size_t Run() {
    for (size_t i = 0; i < run_.sessions_.size(); ++i) {
      if (deadline_.IsOver(kWorkPerSession)) return run_.sessions_.size() - i;
      if (!Fill(static_cast<BackfillIndex>(i))) return run_.sessions_.size() - i;
    }
    return 0;
  }

  void Emit() {
    for (std::vector<BackfillProposal>* const proposals : {&open_, &full_}) {
      for (BackfillProposal& proposal : *proposals) run_.sink_.Emit(std::move(proposal));
    }
  }

 private:
  // False when the deadline came in between.
  bool Fill(BackfillIndex place) {
    const BackfillTicket& session = run_.sessions_[place];
    SessionFill fill(tick_, session);
    if (!fill.terms() || fill.IsFull()) return true;
    candidates_.Start(fill.initial(), *fill.terms());
    while (!fill.IsFull()) {
      const std::optional<Slot> ticket = candidates_.Next(deadline_);
      if (!ticket) break;
      if (run_.KeepsOut(*ticket, session, fill.roster())) continue;
      if (fill.Join(*ticket)) {
        index_.Remove(*ticket);
      } else if (!fill.HasPlaceFor(*ticket)) {
        candidates_.Close(index_.LaneOf(*ticket));
      }
      if (deadline_.IsOver(kWorkPerJoin)) break;
    }
    if (fill.has_changed()) Propose(place, fill);
    return !deadline_.IsOver();
  }

  void Propose(BackfillIndex place, const SessionFill& fill) {
    BackfillProposal proposal = fill.Propose(ids_);
    proposal.backfill = place;
    proposal.created_at = run_.context_.now;
    (fill.IsFull() ? full_ : open_).push_back(std::move(proposal));
  }

  AllianceBackfillRun& run_;
  TickDeadline deadline_;
  const Legality legality_;
  const BackfillTick tick_;
  WaitingIndex index_;
  SessionCandidates candidates_;
  base::IdGenerator ids_;
  std::vector<BackfillProposal> open_;
  std::vector<BackfillProposal> full_;
};

void AllianceBackfillRun::Finish() {
  if (sessions_.empty() || candidates_.empty()) return;
  Round round(*this);
  const size_t missed = round.Run();
  round.Emit();
  if (missed > 0 && round.IsOutOfTime()) sink_.OutOfTime(missed);
}

}  // namespace muster::match::alliance
