#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "match/value.h"

namespace muster::match {

// A ticket's place in its stream: the first ticket that a run is given has index 0, the next 1.
// Runs answer with indices, so that whoever holds the original messages can hand them on untouched.
using TicketIndex = uint32_t;

// A backfill ticket's place in its stream, counted apart from tickets.
using BackfillIndex = uint32_t;

struct Player {
  std::string id;
  Object attributes;
};

// How far a region is from the ticket's players.
struct Latency {
  std::string region;
  int64_t ms = 0;
};

// A wish of one player, or of several who stay together, to be matched. A plain value, safe to copy
// and to keep. Anything the sender left out is empty.
struct Ticket {
  std::string id;
  std::string match_pool;
  std::optional<base::Timestamp> created_at;
  std::vector<Player> players;
  Object attributes;
  // Ordered by region, each region once.
  std::vector<Latency> latencies;
  // Set when the players are a party.
  std::string party_session_id;
  std::string name_space;
  // Sessions that the players must not be placed into.
  std::vector<std::string> excluded_sessions;
  // Higher is served first. The wire has no such field: 0 unless whoever runs the logic sets it.
  int32_t priority = 0;
};

// A team of a session that already runs.
struct SessionTeam {
  std::string id;
  std::vector<std::string> user_ids;
};

// A running session that wants more players.
struct BackfillTicket {
  std::string id;
  std::string match_pool;
  std::optional<base::Timestamp> created_at;
  std::string session_id;
  std::vector<SessionTeam> teams;
  // The tickets that the session was made from, as far as the sender knows them; their players are
  // the same people as in `teams` as a rule, though a sender may fill only one of the two.
  std::vector<Ticket> tickets;
  // Best region first; the session plays in the first.
  std::vector<std::string> region_preferences;
  // Attributes of the match that the session was made from.
  Object attributes;
  std::string server_name;
  std::string client_version;
};

}  // namespace muster::match
