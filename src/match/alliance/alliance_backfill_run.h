#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/alliance/alliance_match_run.h"
#include "match/alliance/session_fill.h"
#include "match/match_logic.h"

namespace muster::match::alliance {

// Collects tickets and running sessions, and fills the sessions at the end: each in turn, as they
// came, with the tickets that it prefers (see SessionCandidates), one after the other as far as
// they can join (see SessionFill), until it is full. A ticket joins one session only. At the
// deadline it ends with what it has so far; a session that it was busy with then counts as not
// looked at too.
//
// Proposals come out at the end of Finish: those of sessions that still have room, then those of
// full ones, each in the order of sessions.
class AllianceBackfillRun final : public BackfillRun {
 public:
  AllianceBackfillRun(std::shared_ptr<const CompiledRules> rules, const RunContext& context,
                      ProposalSink& sink);

  // As AllianceMatchRun. A ticket that wants new sessions only (attribute `new_session_only`: true,
  // or the text in any case) is taken, and joins none.
  std::optional<LeftOut> AddTicket(const Ticket& ticket) override;
  void AddBackfillTicket(const BackfillTicket& backfill) override;
  void Finish() override;

 private:
  class Round;

  // Whether the ticket is one of the session's, or excludes it.
  bool KeepsOut(Slot ticket, const BackfillTicket& session, const SessionRoster& roster) const;
  // The regions that sessions play in, each once.
  std::vector<RegionId> SessionRegions() const;

  const std::shared_ptr<const CompiledRules> rules_;
  const RunContext context_;
  ProposalSink& sink_;
  TraitsTable traits_;
  TicketPool pool_;
  TicketNotes notes_;
  std::vector<std::string> ticket_ids_;
  // Tickets that exclude none are left out.
  absl::flat_hash_map<Slot, std::vector<std::string>> excluded_sessions_;
  std::vector<Slot> candidates_;
  std::vector<BackfillTicket> sessions_;
};

}  // namespace muster::match::alliance
