#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/ids.h"
#include "base/strings.h"
#include "match/match_logic.h"
#include "match/pairs/pair_rules.h"

namespace muster::match::pairs {

// Adds one ticket to each session that asks, first come first served on both sides. A ticket is not
// offered to a session that it excludes, that one of its players is in, or that has no room for it;
// it then waits for the next session. Room is known only with an alliance rule.
class PairBackfillRun final : public BackfillRun {
 public:
  // Pairs looked at, for every ticket of either kind. It keeps the whole run linear when nearly all
  // tickets exclude nearly all sessions; what is not reached waits for the next tick.
  static constexpr int64_t kLooksPerTicket = 64;

  PairBackfillRun(const PairRules& rules, const RunContext& context, ProposalSink& sink);

  std::optional<LeftOut> AddTicket(const Ticket& ticket) override;
  void AddBackfillTicket(const BackfillTicket& backfill) override;
  void Finish() override {}

 private:
  struct WaitingTicket {
    TicketIndex index = 0;
    std::vector<std::string> player_ids;
    std::vector<std::string> excluded_sessions;
  };

  struct WaitingSession {
    BackfillIndex index = 0;
    std::string session_id;
    std::vector<size_t> team_sizes;
    absl::flat_hash_set<std::string, base::StringHash, base::StringEq> user_ids;
    Object attributes;
  };

  bool Accepts(const WaitingSession& session, const WaitingTicket& ticket) const;
  bool HasRoom(const WaitingSession& session, size_t players) const;
  // Where the players go; nothing when no team has room.
  std::optional<size_t> ChooseTeam(const WaitingSession& session, size_t players) const;
  void Propose(WaitingSession session, const WaitingTicket& ticket);

  const PairRules rules_;
  const base::Timestamp now_;
  ProposalSink& sink_;
  base::IdGenerator ids_;
  TicketIndex next_ticket_ = 0;
  BackfillIndex next_backfill_ = 0;
  int64_t looks_left_ = 0;
  std::list<WaitingTicket> tickets_;
  std::list<WaitingSession> sessions_;
};

}  // namespace muster::match::pairs
