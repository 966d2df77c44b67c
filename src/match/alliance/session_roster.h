#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "match/alliance/ruleset.h"
#include "match/ticket.h"

// Who plays in a running session, and what it asks of those who would join.
namespace muster::match::alliance {

// Players of one team who came with the same ticket; or all of the team whom no ticket names.
struct RosterParty {
  // One of the backfill ticket's, or null.
  const Ticket* ticket = nullptr;
  // Attributes are those that the ticket gives; `role` is the one that the session's attribute
  // `roles` names for the player, where it does.
  std::vector<Player> players;
};

struct RosterTeam {
  // In the order of the team's first player of each.
  std::vector<RosterParty> parties;
};

// A running session as its backfill ticket describes it, which outlives this. Where the vendor's
// matcher guesses, this does not: a player is in a team if the team lists him, whoever else came
// with his ticket (quirk Q45), whatever the ticket's id looks like (quirk Q43), in the order of the
// lists (quirk Q44). Somebody whom a team lists twice counts once. A sender may leave the teams out
// altogether; then all tickets are in the session, in no team.
class SessionRoster {
 public:
  explicit SessionRoster(const BackfillTicket& session);

  // One for each team of the backfill ticket.
  const std::vector<RosterTeam>& teams() const { return teams_; }
  // Everybody in the session.
  std::vector<Player> Members() const;
  // The ids of tickets that somebody in the session came with, sorted.
  const std::vector<std::string>& ticket_ids() const { return ticket_ids_; }
  // Where the session plays; empty when it does not say.
  const std::string& region() const;

  // The mean of an attribute over all players of the session's tickets; 0 without any. Somebody
  // whom no ticket names does not count.
  double Mean(const std::string& attribute) const;
  // Players who must not join: those that the attribute `blocked_players` names, then those that
  // tickets with somebody in it name (quirk Q49); each once.
  List BlockedPlayers() const;
  // What the attribute `current_platform` lists, of the session and of the tickets with somebody in
  // it; each once.
  List CurrentPlatforms() const;

 private:
  // Where the session's tickets name a player first.
  struct Origin {
    const Ticket* ticket = nullptr;
    const Player* player = nullptr;
  };
  using Origins = absl::flat_hash_map<std::string_view, Origin, base::StringHash, base::StringEq>;

  void AddTeam(const SessionTeam& team, const Origins& origins);
  Player MakePlayer(const std::string& id, const Origin& origin) const;
  // Calls `add` for each value that the attribute lists, of the session and of those tickets.
  template <typename Add>
  void ForEachListed(const std::string& attribute, const Add& add) const;

  const BackfillTicket& session_;
  std::vector<RosterTeam> teams_;
  std::vector<const Ticket*> tickets_;
  std::vector<std::string> ticket_ids_;
};

// What a session compares beside its attributes as they are.
struct SessionLists {
  List blocked_players;
  List current_platforms;
};

// What tickets are compared with: the session's attributes, with these lists in place of its own;
// without `roles` when the matcher itself sets it; and with server and version of the backfill
// ticket where the attributes do not mention them (quirk Q46). `current_platform` stays as it is
// where the rules compare it like any attribute.
Object ComparedAttributes(const Ruleset& rules, bool sets_roles, const BackfillTicket& session,
                          const Object& attributes, const SessionLists& lists);

}  // namespace muster::match::alliance
