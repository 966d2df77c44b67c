#include "match/match_logic.h"

#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "base/strings.h"

namespace muster::match {
namespace {

// For logics without backfill.
class IdleBackfillRun final : public BackfillRun {
 public:
  std::optional<LeftOut> AddTicket(const Ticket&) override { return std::nullopt; }
  void AddBackfillTicket(const BackfillTicket&) override {}
  void Finish() override {}
};

}  // namespace

std::optional<InvalidTicket> MatchLogic::ValidateTicket(const Ticket& ticket) const {
  return ValidatePlayers(ticket);
}

Object MatchLogic::EnrichTicket(const Ticket&) const { return {}; }

std::unique_ptr<BackfillRun> MatchLogic::StartBackfill(const RunContext&, ProposalSink&) const {
  return std::make_unique<IdleBackfillRun>();
}

std::optional<InvalidTicket> ValidatePlayers(const Ticket& ticket) {
  if (ticket.players.empty()) {
    return InvalidTicket{std::string(LeftOutName(LeftOut::kNoPlayers)),
                         "the ticket has no players"};
  }
  // Nearly every ticket; a set would cost more than the rest of the check.
  if (ticket.players.size() == 1 && !ticket.players[0].id.empty()) return std::nullopt;
  absl::flat_hash_set<std::string_view, base::StringHash, base::StringEq> seen;
  for (const Player& player : ticket.players) {
    if (player.id.empty()) {
      return InvalidTicket{std::string(LeftOutName(LeftOut::kEmptyPlayerId)),
                           "a player of the ticket has no id"};
    }
    if (!seen.insert(player.id).second) {
      return InvalidTicket{std::string(LeftOutName(LeftOut::kRepeatedPlayer)),
                           base::StrCat("player ", player.id, " is in the ticket twice")};
    }
  }
  return std::nullopt;
}

}  // namespace muster::match
