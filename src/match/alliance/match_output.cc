#include "match/alliance/match_output.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace muster::match::alliance {
namespace {

constexpr std::array<std::string_view, 8> kHidden = {
    "blocked_players", "blocked_players_detail", "client_version", "latencies",
    "match_attempt",   "member_attributes",      "server_name",    "sub_game_mode"};

// A value and how many tickets list it.
struct Listed {
  const Value* value = nullptr;
  size_t tickets = 0;
  size_t last_ticket = 0;
};

// Values in the order they are first seen.
class ValueCounts {
 public:
  void Add(const Value& value, size_t ticket) {
    const auto [found, added] = places_.try_emplace(value, counts_.size());
    if (added) return counts_.push_back({&value, 1, ticket});
    Listed& known = counts_[found->second];
    if (known.last_ticket != ticket) ++known.tickets;
    known.last_ticket = ticket;
  }
  const std::vector<Listed>& counts() const { return counts_; }

 private:
  absl::flat_hash_map<Value, size_t> places_;
  std::vector<Listed> counts_;
};

bool IsChosen(const Listed& listed, size_t tickets, OptionType type, bool all_common) {
  switch (type) {
    case OptionType::kAll:
    case OptionType::kUnique:
      return true;
    case OptionType::kAny:
      return listed.tickets == tickets || (!all_common && listed.tickets > 1);
    case OptionType::kDisable:
      return false;
  }
  return false;
}

const std::string& TextOf(const Object& attributes, std::string_view name) {
  static const std::string none;
  const Value* const value = attributes.Find(name);
  return value == nullptr || value->text() == nullptr ? none : *value->text();
}

bool IsOption(const std::vector<MatchOption>& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(),
                     [name](const MatchOption& option) { return option.name == name; });
}

}  // namespace

bool IsShownAsItIs(std::string_view name, Profile profile) {
  if (profile == Profile::kHosted && name == "current_platform") return false;
  return std::find(kHidden.begin(), kHidden.end(), name) == kHidden.end();
}

Value ChosenValues(const std::vector<const Value*>& listed, OptionType type, bool all_common) {
  ValueCounts counts;
  bool last_is_list = false;
  for (size_t ticket = 0; ticket < listed.size(); ++ticket) {
    if (listed[ticket] == nullptr) continue;
    const List* const list = listed[ticket]->list();
    last_is_list = list != nullptr;
    if (list == nullptr) counts.Add(*listed[ticket], ticket);
    if (list != nullptr) {
      for (const Value& value : *list) counts.Add(value, ticket);
    }
  }
  List chosen;
  for (const Listed& each : counts.counts()) {
    if (IsChosen(each, listed.size(), type, all_common)) chosen.push_back(*each.value);
  }
  if (chosen.empty()) return {};
  if (chosen.size() == 1 && !last_is_list) return chosen.front();
  return chosen;
}

void TicketNotes::Add(Slot slot, const Ticket& ticket) {
  const Value* const blocked =
      ticket.attributes.empty() ? nullptr : ticket.attributes.Find("blocked_players");
  const bool blocks = blocked != nullptr && blocked->list() != nullptr;
  if (!blocks && !keep_user_ids_) return;
  Note& note = notes_[slot];
  if (blocks) {
    for (const Value& id : *blocked->list()) {
      if (id.text() != nullptr) note.blocked_players.push_back(id);
    }
  }
  if (!keep_user_ids_) return;
  for (const Player& player : ticket.players) note.user_ids.push_back(player.id);
}

const List& TicketNotes::BlockedPlayers(Slot slot) const {
  static const List none;
  const auto found = notes_.find(slot);
  return found == notes_.end() ? none : found->second.blocked_players;
}

const std::vector<std::string>& TicketNotes::UserIds(Slot slot) const {
  static const std::vector<std::string> none;
  const auto found = notes_.find(slot);
  return found == notes_.end() ? none : found->second.user_ids;
}

Match MatchOutput::Make(const Composition& match) {
  Match out;
  tickets_.clear();
  int64_t players = 0;
  out.teams.reserve(match.teams.size());
  for (const std::vector<Slot>& team : match.teams) {
    out.teams.push_back({ids_.Next(), team});
    for (const Slot slot : team) players += legality_.pool()[slot].players;
    tickets_.insert(tickets_.end(), team.begin(), team.end());
  }
  const AllianceRule& alliance = *match.terms.alliance;
  out.backfill = legality_.rules().auto_backfill &&
                 players < int64_t{alliance.max_teams} * alliance.max_players;
  out.region_preferences = Regions(match, tickets_);
  const Object& oldest = legality_.pool().TraitsOf(match.oldest).attributes;
  out.server_name = TextOf(oldest, "server_name");
  out.client_version = TextOf(oldest, "client_version");
  if (legality_.pool().traits().has_attributes() || notes_.any() || match.terms.mode) {
    out.attributes = Attributes(match, tickets_);
  }
  if (alliance.combination.active()) AddRoles(match, &out);
  return out;
}

std::vector<std::string> MatchOutput::Regions(const Composition& match,
                                              const Slots& tickets) const {
  const TicketPool& pool = legality_.pool();
  const auto knows_where = [&pool](Slot slot) { return pool[slot].latency_count > 0; };
  const auto guide = knows_where(match.oldest)
                         ? std::find(tickets.begin(), tickets.end(), match.oldest)
                         : std::find_if(tickets.begin(), tickets.end(), knows_where);
  if (guide == tickets.end()) return default_regions_;
  std::vector<std::string> regions;
  for (const RegionLatency& each : pool.AcceptedRegions(*guide)) {
    const bool legal = std::all_of(tickets.begin(), tickets.end(), [&](Slot slot) {
      return slot == match.oldest ||
             legality_.AcceptsRegion(slot, each.region, pool[match.oldest].age_ms);
    });
    if (!legal) continue;
    const auto place = each.region == match.terms.region ? regions.begin() : regions.end();
    regions.insert(place, pool.RegionName(each.region));
  }
  return regions;
}

Object MatchOutput::Attributes(const Composition& match, const Slots& tickets) const {
  const TicketPool& pool = legality_.pool();
  const Ruleset& rules = legality_.rules();
  Object attributes;
  List blocked;
  for (const Slot slot : tickets) {
    for (const auto& [name, value] : pool.TraitsOf(slot).attributes) {
      if (!IsShownAsItIs(name, rules.profile) || IsOption(rules.options, name)) continue;
      if (attributes.Find(name) == nullptr) attributes.Set(name, value);
    }
    const List& more = notes_.BlockedPlayers(slot);
    blocked.insert(blocked.end(), more.begin(), more.end());
  }
  if (!blocked.empty()) attributes.Set("blocked_players", std::move(blocked));
  for (const MatchOption& option : rules.options) {
    std::vector<const Value*> listed;
    for (const Slot slot : tickets) {
      listed.push_back(pool.TraitsOf(slot).attributes.Find(option.name));
    }
    Value chosen = ChosenValues(listed, option.type, any_all_common_);
    if (!chosen.is_null()) attributes.Set(option.name, std::move(chosen));
  }
  for (const char* const name : {"server_name", "client_version"}) {
    const std::string& text = TextOf(pool.TraitsOf(match.oldest).attributes, name);
    if (!text.empty()) attributes.Set(name, text);
  }
  if (match.terms.mode) {
    attributes.Set("sub_game_mode", List{rules.sub_game_modes[*match.terms.mode].name});
  }
  return attributes;
}

void MatchOutput::AddRoles(const Composition& match, Match* out) const {
  const AllianceRule& alliance = *match.terms.alliance;
  std::vector<Object::Entry> all;
  for (size_t team = 0; team < match.teams.size(); ++team) {
    const std::vector<Role>& roles = alliance.combination.TeamRoles(team);
    const auto chosen = legality_.ChooseRoles(alliance, team, match.teams[team], true);
    if (!chosen) continue;
    size_t next = 0;
    for (const Slot slot : match.teams[team]) {
      const std::vector<std::string>& users = notes_.UserIds(slot);
      for (size_t player = 0; player < legality_.pool()[slot].players; ++player) {
        const std::string& role = roles[(*chosen)[next++]].name;
        out->player_updates.push_back({slot, player, Object({{"role", role}})});
        all.emplace_back(users[player], role);
      }
    }
  }
  out->attributes.Set("roles", Object(std::move(all)));
}

}  // namespace muster::match::alliance
