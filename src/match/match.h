#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "match/ticket.h"
#include "match/value.h"

namespace muster::match {

// Tickets that play on one side. The players of a ticket always stay together, so a team is a list
// of tickets; who turns it into a message expands it to players and parties.
struct Team {
  std::string id;
  std::vector<TicketIndex> tickets;
};

// Attributes to set on one player of a ticket that goes out with an answer.
struct PlayerUpdate {
  TicketIndex ticket = 0;
  // The player's place in the ticket.
  size_t player = 0;
  Object attributes;
};

// A new match. Its tickets are those of its teams, in that order.
struct Match {
  std::vector<Team> teams;
  // Best region first.
  std::vector<std::string> region_preferences;
  Object attributes;
  // There is room for more players later.
  bool backfill = false;
  std::string server_name;
  std::string client_version;
  // What the logic decided for single players, such as their role. Ordered as the tickets are.
  std::vector<PlayerUpdate> player_updates;
};

// Tickets to add to one team of a running session.
struct TeamAddition {
  static constexpr size_t kNewTeam = static_cast<size_t>(-1);

  // Which of the backfill ticket's teams they join, or kNewTeam.
  size_t team = kNewTeam;
  // The id of the new team; unused for a team that exists.
  std::string new_team_id;
  std::vector<TicketIndex> tickets;
};

// An id for a team of the backfill ticket that came without one.
struct TeamId {
  // The team's place in the backfill ticket.
  size_t team = 0;
  std::string id;
};

// A proposal to add tickets to a running session. Teams that are not named stay as they are.
struct BackfillProposal {
  std::string id;
  BackfillIndex backfill = 0;
  std::vector<TeamAddition> additions;
  // By place. Whether the team also stands in `additions` makes no difference.
  std::vector<TeamId> team_ids;
  // Places of the backfill ticket's teams that go away, since nobody is in them; ascending. None of
  // them stands in `additions` or `team_ids`, and the places named there are still those of the
  // backfill ticket.
  std::vector<size_t> dropped_teams;
  // Attributes of the session, those it had included.
  Object attributes;
  // As in Match, for the added tickets.
  std::vector<PlayerUpdate> player_updates;
  base::Timestamp created_at;
};

// Why a ticket was not taken. The names are the values of the metrics' label `reason`.
enum class LeftOut {
  kOtherPool,
  kNoPlayers,
  kEmptyPlayerId,
  kRepeatedPlayer,
  kTicketSeen,
  kPlayerSeen,
  kTooLarge,
  kRefusedByLogic,
};

inline constexpr size_t kLeftOutReasons = static_cast<size_t>(LeftOut::kRefusedByLogic) + 1;

// For example "other_pool".
std::string_view LeftOutName(LeftOut reason);

}  // namespace muster::match
