#include "match/alliance/session_fill.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "match/alliance/team_balance.h"

namespace muster::match::alliance {
namespace {

bool NamesNoMode(const Value* value) {
  return value == nullptr || value->is_null() ||
         (value->text() != nullptr && value->text()->empty()) ||
         (value->list() != nullptr && value->list()->empty());
}

List AsList(const Value& value) { return value.list() == nullptr ? List{value} : *value.list(); }

// Adds those that are not there yet.
void Merge(const List& more, List* list) {
  absl::flat_hash_set<Value> seen(list->begin(), list->end());
  for (const Value& value : more) {
    if (seen.insert(value).second) list->push_back(value);
  }
}

// An option of the session once a ticket has joined; null: as it was.
Value JoinOption(const Value* ours, const Value* theirs, OptionType type, bool all_common) {
  const Value chosen = ChosenValues({ours, theirs}, type, all_common);
  if (chosen.is_null()) return {};
  const bool replaces = ours == nullptr || (type == OptionType::kAny && all_common);
  List values = replaces ? List() : AsList(*ours);
  Merge(AsList(chosen), &values);
  const bool was_scalar = ours != nullptr && ours->list() == nullptr;
  if (was_scalar && values.size() == 1) return values.front();
  return values;
}

}  // namespace

SessionFill::SessionFill(const BackfillTick& tick, const BackfillTicket& session)
    : tick_(tick),
      session_(session),
      roster_(session),
      balancer_(tick.legality),
      members_(roster_.Members()),
      teams_(session.teams.size()),
      attributes_(session.attributes),
      lists_{roster_.BlockedPlayers(), roster_.CurrentPlatforms()} {
  for (const MatchingRule& rule : tick_.legality.rules().matching) {
    const double mean = roster_.Mean(rule.attribute);
    means_.push_back(std::isfinite(mean) ? mean : 0);
  }
  initial_ = AddState();
  current_ = AddState();
  for (size_t team = 0; team < teams_.size(); ++team) AddTeam(team);
  terms_ = FindTerms();
}

Slot SessionFill::AddState() {
  const Object compared = ComparedAttributes(tick_.legality.rules(), tick_.pool.roles().active(),
                                             session_, attributes_, lists_);
  const Slot slot = tick_.pool.Add({session_.created_at, members_, &compared, {}, 0});
  for (size_t rule = 0; rule < means_.size(); ++rule) {
    tick_.pool.SetMean(slot, rule, means_[rule]);
  }
  return slot;
}

// Who has joined is compared ticket by ticket, so only options and means make a new state.
void SessionFill::UpdateState() {
  if (!tick_.legality.rules().options.empty()) {
    current_ = AddState();
    return;
  }
  for (size_t rule = 0; rule < means_.size(); ++rule) {
    tick_.pool.SetMean(current_, rule, means_[rule]);
  }
}

void SessionFill::AddTeam(size_t team) {
  FilledTeam& filled = teams_[team];
  for (const RosterParty& party : roster_.teams()[team].parties) {
    Object attributes;
    const Value* const blocked =
        party.ticket == nullptr ? nullptr : party.ticket->attributes.Find("blocked_players");
    if (blocked != nullptr) attributes.Set("blocked_players", *blocked);
    // As young as can be: what a player of the session plays does not flex.
    const Slot slot = tick_.pool.Add({tick_.now, party.players, &attributes, {}, 0});
    filled.tickets.push_back(slot);
    const auto players = static_cast<int32_t>(party.players.size());
    filled.players += players;
    if (party.ticket == nullptr) continue;
    rated_.push_back({players, balancer_.Strength(slot), static_cast<uint32_t>(team), false});
  }
  filled.parties = filled.tickets.size();
}

std::optional<MatchTerms> SessionFill::FindTerms() const {
  MatchTerms terms;
  if (!roster_.region().empty()) {
    terms.region = tick_.pool.FindRegion(roster_.region());
    if (terms.region == kNoRegion) return std::nullopt;
  }
  const bool has_modes = !tick_.legality.rules().sub_game_modes.empty();
  if (has_modes && !NamesNoMode(attributes_.Find("sub_game_mode"))) {
    const std::vector<uint16_t>& modes = tick_.pool.TraitsOf(initial_).modes;
    if (modes.empty()) return std::nullopt;
    terms.mode = modes.front();
  }
  terms.alliance = &tick_.alliances.At(tick_.pool[initial_].age_ms, terms.mode);
  return terms;
}

bool SessionFill::IsFull() const {
  return static_cast<int64_t>(teams_.size()) >= alliance().max_teams &&
         std::all_of(teams_.begin(), teams_.end(), [this](const FilledTeam& team) {
           return team.players >= alliance().max_players;
         });
}

bool SessionFill::HasSeats(size_t team, Slot ticket) const {
  const int64_t taken = team < teams_.size() ? teams_[team].players : 0;
  return taken + tick_.pool[ticket].players <= alliance().max_players;
}

bool SessionFill::TakesRole(size_t team, Slot ticket) const {
  const Combination& combination = alliance().combination;
  if (!combination.active()) return true;
  if (combination.teams.size() > 1 && team >= combination.teams.size()) return false;
  std::vector<Slot> tickets;
  if (team < teams_.size()) tickets = teams_[team].tickets;
  tickets.push_back(ticket);
  return tick_.legality.RolesFit(alliance(), team, tickets, false);
}

bool SessionFill::TakesPlayers(size_t team, Slot ticket) const {
  if (!tick_.legality.GoIntoOneTeam(ticket, ticket)) return false;
  return team >= teams_.size() ||
         std::all_of(teams_[team].tickets.begin(), teams_[team].tickets.end(),
                     [&](Slot other) { return tick_.legality.GoIntoOneTeam(other, ticket); });
}

double SessionFill::GapWith(size_t team, Slot ticket) const {
  std::vector<BalanceParty> parties = rated_;
  parties.push_back({static_cast<int32_t>(tick_.pool[ticket].players), balancer_.Strength(ticket),
                     static_cast<uint32_t>(team), false});
  return MeasureImbalance(parties, static_cast<uint32_t>(teams_.size())).value_gap;
}

template <typename Takes>
std::optional<size_t> SessionFill::ChooseTeam(Slot ticket, const Takes& takes) const {
  std::optional<std::tuple<int64_t, double, size_t>> best;
  for (size_t team = 0; team < teams_.size(); ++team) {
    const int64_t size = teams_[team].players;
    if (best && size > std::get<0>(*best)) continue;
    if (!HasSeats(team, ticket) || !takes(team)) continue;
    const double gap = tick_.legality.rules().rebalance ? GapWith(team, ticket) : 0;
    const auto choice = std::tuple(size, gap, team);
    if (!best || choice < *best) best = choice;
  }
  if (best) return std::get<2>(*best);
  const bool may_open = static_cast<int64_t>(teams_.size()) < alliance().max_teams;
  const size_t next = teams_.size();
  if (may_open && HasSeats(next, ticket) && takes(next)) return next;
  return std::nullopt;
}

bool SessionFill::HasPlaceFor(Slot ticket) const {
  const bool roles_flex = alliance().combination.flexing;
  return ChooseTeam(ticket, [&](size_t team) { return roles_flex || TakesRole(team, ticket); })
      .has_value();
}

bool SessionFill::Join(Slot ticket) {
  const Legality& legality = tick_.legality;
  if (legality.GoTogether(ticket, ticket) != Obstacle::kNone) return false;
  if (legality.SessionLetsIn(current_, ticket, *terms_) != Obstacle::kNone) return false;
  for (const Slot joined : joined_) {
    if (legality.GoTogether(joined, ticket) != Obstacle::kNone) return false;
  }
  const std::optional<size_t> team = ChooseTeam(
      ticket, [&](size_t each) { return TakesPlayers(each, ticket) && TakesRole(each, ticket); });
  if (!team) return false;
  // Before the team grows: it counts the players who are there.
  JoinMeans(ticket);
  JoinAttributes(ticket);
  if (*team == teams_.size()) teams_.emplace_back();
  const auto players = static_cast<int32_t>(tick_.pool[ticket].players);
  teams_[*team].tickets.push_back(ticket);
  teams_[*team].players += players;
  rated_.push_back({players, balancer_.Strength(ticket), static_cast<uint32_t>(*team), false});
  joined_.push_back(ticket);
  UpdateState();
  return true;
}

void SessionFill::JoinMeans(Slot ticket) {
  int64_t present = 0;
  for (const FilledTeam& team : teams_) present += team.players;
  const auto n = static_cast<double>(present);
  const auto m = static_cast<double>(tick_.pool[ticket].players);
  const Stage stage = tick_.pool[initial_].stage;
  for (size_t rule = 0; rule < means_.size(); ++rule) {
    if (tick_.legality.flex().Reference(stage, rule) < 0) continue;
    const double mean = (n * means_[rule] + m * tick_.pool.Mean(ticket, rule)) / (n + m);
    if (std::isfinite(mean)) means_[rule] = mean;
  }
}

void SessionFill::JoinAttributes(Slot ticket) {
  const Object& theirs = tick_.pool.TraitsOf(ticket).attributes;
  for (const MatchOption& option : tick_.legality.rules().options) {
    Value joined = JoinOption(attributes_.Find(option.name), theirs.Find(option.name), option.type,
                              tick_.options.any_options_all_common);
    if (!joined.is_null()) attributes_.Set(option.name, std::move(joined));
  }
  Merge(tick_.notes.BlockedPlayers(ticket), &lists_.blocked_players);
  const Value* const platform = theirs.Find("current_platform");
  if (platform != nullptr) Merge(AsList(*platform), &lists_.current_platforms);
}

}  // namespace muster::match::alliance
