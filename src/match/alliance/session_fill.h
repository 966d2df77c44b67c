#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "match/alliance/balancer.h"
#include "match/alliance/legality.h"
#include "match/alliance/match_output.h"
#include "match/alliance/match_terms.h"
#include "match/alliance/session_roster.h"
#include "match/logic_options.h"
#include "match/match.h"
#include "match/ticket.h"

namespace muster::match::alliance {

// What all sessions of a tick share. What it refers to outlives them.
struct BackfillTick {
  const Legality& legality;
  // Of `legality`; each session puts itself and its parties in, anew whenever a ticket joins.
  TicketPool& pool;
  const Alliances& alliances;
  const TicketNotes& notes;
  const LogicOptions& options;
  base::Timestamp now;
};

// A running session that tickets join, one at a time. Not thread-safe.
class SessionFill {
 public:
  // `session` and `tick` outlive this.
  SessionFill(const BackfillTick& tick, const BackfillTicket& session);

  // The session as it was at the start, as Legality::SessionLetsIn wants it.
  Slot initial() const { return initial_; }
  // Under which rules tickets join: the region, the alliance at the session's age, the mode that
  // its attributes name. Nothing when no ticket can join: none has named the region, or the rules
  // know none of its modes.
  const std::optional<MatchTerms>& terms() const { return terms_; }

  const SessionRoster& roster() const { return roster_; }
  // There are as many teams as may be, none with a free place.
  bool IsFull() const;
  // Whether tickets of the same size and roles have a place in some team; once false, always false.
  // Where roles open up for old tickets they are left out of it.
  bool HasPlaceFor(Slot ticket) const;

  // Lets a ticket join that the session let in at the start; false when it cannot: the session as
  // it is now lets it in (so it is compared with the new means, quirk Q47), it goes together with
  // each ticket that has joined, and a team takes it. That is the smallest team with enough free
  // places whose players it may play with and whose roles it can fill; else a new one, while there
  // are fewer than the alliance's most. Of equally small teams it is the one that brings the teams'
  // strengths closest together, where the rules rebalance; then the first.
  bool Join(Slot ticket);

  bool has_changed() const { return !joined_.empty(); }
  // The proposal, but for its place and time. Existing teams without an id get one, and those with
  // nobody in them are dropped, unless a team's place decides on its roles.
  BackfillProposal Propose(base::IdGenerator& ids) const;

 private:
  struct FilledTeam {
    // The session's parties, then tickets that have joined.
    std::vector<Slot> tickets;
    size_t parties = 0;
    int64_t players = 0;
  };

  void AddTeam(size_t team);
  std::optional<MatchTerms> FindTerms() const;
  const AllianceRule& alliance() const { return *terms_->alliance; }
  Slot AddState();
  void UpdateState();
  bool HasSeats(size_t team, Slot ticket) const;
  bool TakesRole(size_t team, Slot ticket) const;
  bool TakesPlayers(size_t team, Slot ticket) const;
  template <typename Takes>
  std::optional<size_t> ChooseTeam(Slot ticket, const Takes& takes) const;
  // The gap between the strongest and the weakest team if the ticket joined this one.
  double GapWith(size_t team, Slot ticket) const;
  void JoinAttributes(Slot ticket);
  void JoinMeans(Slot ticket);
  Object MeanAttributes() const;
  void AddRoles(BackfillProposal* proposal) const;
  void AddTeamRoles(size_t team, BackfillProposal* proposal,
                    std::vector<Object::Entry>* roles) const;

  const BackfillTick& tick_;
  const BackfillTicket& session_;
  const SessionRoster roster_;
  const Balancer balancer_;
  const std::vector<Player> members_;
  std::vector<FilledTeam> teams_;
  // Parties whose ratings are known, and tickets that have joined.
  std::vector<BalanceParty> rated_;
  // As they go out, but for means and roles.
  Object attributes_;
  SessionLists lists_;
  // Of Ruleset::matching.
  std::vector<double> means_;
  std::vector<Slot> joined_;
  Slot initial_ = 0;
  // The session as it is now.
  Slot current_ = 0;
  std::optional<MatchTerms> terms_;
};

}  // namespace muster::match::alliance
