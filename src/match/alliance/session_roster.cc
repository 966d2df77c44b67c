#include "match/alliance/session_roster.h"

#include <algorithm>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "match/alliance/ticket_pool.h"

namespace muster::match::alliance {
namespace {

bool ComparesPlatformsPlainly(const Ruleset& rules) {
  return rules.profile == Profile::kCore &&
         std::none_of(rules.options.begin(), rules.options.end(),
                      [](const MatchOption& option) { return option.name == "current_platform"; });
}

}  // namespace

SessionRoster::SessionRoster(const BackfillTicket& session) : session_(session) {
  Origins origins;
  for (const Ticket& ticket : session.tickets) {
    for (const Player& player : ticket.players) {
      origins.try_emplace(player.id, Origin{&ticket, &player});
    }
  }
  for (const SessionTeam& team : session.teams) AddTeam(team, origins);
  absl::flat_hash_set<const Ticket*> present;
  for (const RosterTeam& team : teams_) {
    for (const RosterParty& party : team.parties) present.insert(party.ticket);
  }
  for (const Ticket& ticket : session.tickets) {
    if (!session.teams.empty() && !present.contains(&ticket)) continue;
    tickets_.push_back(&ticket);
    ticket_ids_.push_back(ticket.id);
  }
  std::sort(ticket_ids_.begin(), ticket_ids_.end());
}

void SessionRoster::AddTeam(const SessionTeam& team, const Origins& origins) {
  std::vector<RosterParty>& parties = teams_.emplace_back().parties;
  absl::flat_hash_set<std::string_view, base::StringHash, base::StringEq> seen;
  absl::flat_hash_map<const Ticket*, size_t> party_of;
  for (const std::string& id : team.user_ids) {
    if (!seen.insert(id).second) continue;
    const auto found = origins.find(std::string_view(id));
    const Origin origin = found == origins.end() ? Origin() : found->second;
    const auto [party, added] = party_of.try_emplace(origin.ticket, parties.size());
    if (added) parties.push_back({origin.ticket, {}});
    parties[party->second].players.push_back(MakePlayer(id, origin));
  }
}

Player SessionRoster::MakePlayer(const std::string& id, const Origin& origin) const {
  Player made{id, origin.player == nullptr ? Object() : origin.player->attributes};
  const Value* const roles = session_.attributes.Find("roles");
  if (roles == nullptr || roles->object() == nullptr) return made;
  const Value* const role = roles->object()->Find(id);
  if (role != nullptr && role->text() != nullptr) made.attributes.Set("role", *role);
  return made;
}

std::vector<Player> SessionRoster::Members() const {
  std::vector<Player> members;
  if (teams_.empty()) {
    for (const Ticket* const ticket : tickets_) {
      members.insert(members.end(), ticket->players.begin(), ticket->players.end());
    }
  }
  for (const RosterTeam& team : teams_) {
    for (const RosterParty& party : team.parties) {
      members.insert(members.end(), party.players.begin(), party.players.end());
    }
  }
  return members;
}

const std::string& SessionRoster::region() const {
  static const std::string none;
  return session_.region_preferences.empty() ? none : session_.region_preferences.front();
}

double SessionRoster::Mean(const std::string& attribute) const {
  double sum = 0;
  size_t players = 0;
  for (const Ticket& ticket : session_.tickets) {
    sum = AddUp(ticket.players, attribute, sum);
    players += ticket.players.size();
  }
  return players == 0 ? 0 : sum / static_cast<double>(players);
}

template <typename Add>
void SessionRoster::ForEachListed(const std::string& attribute, const Add& add) const {
  const auto visit = [&](const Object& attributes) {
    const Value* const value = attributes.Find(attribute);
    if (value == nullptr) return;
    if (value->list() == nullptr) return add(*value, false);
    for (const Value& item : *value->list()) add(item, true);
  };
  visit(session_.attributes);
  for (const Ticket* const ticket : tickets_) visit(ticket->attributes);
}

List SessionRoster::BlockedPlayers() const {
  List blocked;
  absl::flat_hash_set<std::string> seen;
  ForEachListed("blocked_players", [&](const Value& id, bool in_list) {
    if (!in_list || id.text() == nullptr || !seen.insert(*id.text()).second) return;
    blocked.push_back(id);
  });
  return blocked;
}

List SessionRoster::CurrentPlatforms() const {
  List platforms;
  ForEachListed("current_platform", [&](const Value& platform, bool /*in_list*/) {
    if (platform.text() == nullptr || platform.text()->empty()) return;
    if (std::find(platforms.begin(), platforms.end(), platform) != platforms.end()) return;
    platforms.push_back(platform);
  });
  return platforms;
}

Object ComparedAttributes(const Ruleset& rules, bool sets_roles, const BackfillTicket& session,
                          const Object& attributes, const SessionLists& lists) {
  const bool keeps_platforms = ComparesPlatformsPlainly(rules);
  std::vector<Object::Entry> compared;
  for (const Object::Entry& entry : attributes) {
    const std::string& name = entry.first;
    if (name == "blocked_players" || (sets_roles && name == "roles")) continue;
    if (name == "current_platform" && !keeps_platforms) continue;
    compared.push_back(entry);
  }
  if (!lists.blocked_players.empty())
    compared.emplace_back("blocked_players", lists.blocked_players);
  if (!lists.current_platforms.empty() && !keeps_platforms) {
    compared.emplace_back("current_platform", lists.current_platforms);
  }
  const auto add_field = [&](const char* name, const std::string& value) {
    if (attributes.Find(name) == nullptr && !value.empty()) compared.emplace_back(name, value);
  };
  add_field("server_name", session.server_name);
  add_field("client_version", session.client_version);
  return Object(std::move(compared));
}

}  // namespace muster::match::alliance
