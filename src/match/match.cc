#include "match/match.h"

namespace muster::match {

std::string_view LeftOutName(LeftOut reason) {
  switch (reason) {
    case LeftOut::kOtherPool:
      return "other_pool";
    case LeftOut::kNoPlayers:
      return "no_players";
    case LeftOut::kEmptyPlayerId:
      return "empty_player_id";
    case LeftOut::kRepeatedPlayer:
      return "repeated_player";
    case LeftOut::kTicketSeen:
      return "ticket_seen";
    case LeftOut::kPlayerSeen:
      return "player_seen";
    case LeftOut::kTooLarge:
      return "too_large";
    case LeftOut::kRefusedByLogic:
      return "refused_by_logic";
  }
  return "unknown";
}

}  // namespace muster::match
