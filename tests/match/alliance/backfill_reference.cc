#include "tests/match/alliance/backfill_reference.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "gtest/gtest.h"

namespace muster::match::alliance {
namespace {

using Texts = std::set<std::string>;

constexpr double kCaresNot = -1;

Texts TextsIn(const Object& attributes, const std::string& name) {
  const Value* const value = attributes.Find(name);
  Texts texts;
  if (value != nullptr && value->text() != nullptr) texts.insert(*value->text());
  if (value == nullptr || value->list() == nullptr) return texts;
  for (const Value& item : *value->list()) texts.insert(*item.text());
  return texts;
}

Texts Shared(const Texts& a, const Texts& b) {
  Texts shared;
  for (const std::string& text : a) {
    if (b.contains(text)) shared.insert(text);
  }
  return shared;
}

bool Meet(const Texts& a, const Texts& b) { return !Shared(a, b).empty(); }

Texts IdsOf(const Ticket& ticket) {
  Texts ids;
  for (const Player& player : ticket.players) ids.insert(player.id);
  return ids;
}

// A player's rating; 0 when unknown.
double Rating(const Player& player, const std::string& attribute) {
  const Value* const value = player.attributes.Find(attribute);
  return value == nullptr || value->number() == nullptr ? 0 : *value->number();
}

double MeanOf(const std::vector<Player>& players, const std::string& attribute) {
  double sum = 0;
  for (const Player& player : players) sum += Rating(player, attribute);
  return players.empty() ? 0 : sum / static_cast<double>(players.size());
}

struct Team {
  Texts users;
  // The users on the lists of those who came with a ticket.
  Texts blocked;
  size_t players = 0;
  std::vector<size_t> joined;
};

class Session {
 public:
  Session(const ReferenceInput& input, size_t index)
      : in_(input), rules_(input.rules), index_(index), session_(input.sessions[index]) {
    age_ms_ = Age(session_.created_at);
    alliance_ = rules_.alliance;
    int64_t longest = -1;
    for (const AllianceFlexingRule& flexed : rules_.alliance_flexing) {
      if (age_ms_ <= flexed.duration_s * 1000 || flexed.duration_s < longest) continue;
      longest = flexed.duration_s;
      alliance_ = flexed.alliance;
    }
    Rebuild();
  }

  // Uses up tickets of `waiting`.
  ReferenceProposal Fill(std::set<size_t>* waiting) {
    using Key = std::tuple<int32_t, double, int64_t, int64_t, size_t>;
    std::vector<Key> candidates;
    for (const size_t i : *waiting) {
      const Ticket& ticket = in_.tickets[i];
      if (!LetsIn(i)) continue;
      const int64_t tie = region_.empty() ? -Age(ticket.created_at) : *LatencyTo(ticket, region_);
      const auto players = static_cast<int64_t>(ticket.players.size());
      candidates.emplace_back(-ticket.priority, Score(ticket), tie,
                              in_.larger_parties_first ? -players : 0, i);
    }
    std::sort(candidates.begin(), candidates.end());
    for (const Key& key : candidates) {
      if (!IsFull() && TryToJoin(std::get<4>(key))) waiting->erase(std::get<4>(key));
    }
    return Proposal();
  }

  bool IsFull() const {
    return static_cast<int32_t>(teams_.size()) >= alliance_.max_teams &&
           std::all_of(teams_.begin(), teams_.end(),
                       [&](const Team& team) { return team.players >= MaxPlayers(); });
  }

 private:
  size_t MaxPlayers() const { return static_cast<size_t>(alliance_.max_players); }
  int64_t Age(std::optional<base::Timestamp> at) const {
    return (in_.now - at.value_or(base::Timestamp())).count();
  }

  void Rebuild() {
    if (!session_.region_preferences.empty()) region_ = session_.region_preferences[0];
    for (const SessionTeam& team : session_.teams) {
      Team& made = teams_.emplace_back();
      made.users = Texts(team.user_ids.begin(), team.user_ids.end());
      made.players = made.users.size();
      users_.insert(made.users.begin(), made.users.end());
    }
    blocked_ = TextsIn(session_.attributes, "blocked_players");
    std::vector<Player> known;
    for (const Ticket& ticket : session_.tickets) {
      known.insert(known.end(), ticket.players.begin(), ticket.players.end());
    }
    for (Team& team : teams_) {
      for (const std::string& user : team.users) AddOrigin(user, &team);
    }
    for (const MatchingRule& rule : rules_.matching) {
      initial_means_.push_back(MeanOf(known, rule.attribute));
    }
    means_ = initial_means_;
    for (const MatchOption& option : rules_.options) {
      carried_.push_back(session_.attributes.Find(option.name) != nullptr);
      options_.push_back(TextsIn(session_.attributes, option.name));
    }
  }

  // The first ticket that names a player is the one he came with.
  void AddOrigin(const std::string& user, Team* team) {
    for (const Ticket& ticket : session_.tickets) {
      if (!IdsOf(ticket).contains(user)) continue;
      const Texts list = TextsIn(ticket.attributes, "blocked_players");
      parties_.insert(ticket.id);
      team->blocked.insert(list.begin(), list.end());
      blocked_.insert(list.begin(), list.end());
      return;
    }
  }

  // The largest difference at an age.
  double Reference(const MatchingRule& rule, int64_t age_ms) const {
    double reference = rule.criteria == Criteria::kDistance ? rule.reference : kCaresNot;
    int64_t longest = -1;
    for (const FlexingRule& flexed : rules_.flexing) {
      if (flexed.attribute != rule.attribute || age_ms <= flexed.duration_s * 1000) continue;
      if (flexed.duration_s < longest) continue;
      longest = flexed.duration_s;
      reference = flexed.criteria == Criteria::kDistance ? flexed.reference : kCaresNot;
    }
    return reference;
  }

  bool DistancesFit(const Ticket& ticket, const std::vector<double>& means) const {
    for (size_t i = 0; i < rules_.matching.size(); ++i) {
      const MatchingRule& rule = rules_.matching[i];
      const double ours = Reference(rule, age_ms_);
      if (ours == kCaresNot) continue;
      const double distance = std::abs(MeanOf(ticket.players, rule.attribute) - means[i]);
      const double theirs = Reference(rule, Age(ticket.created_at));
      if (distance > ours || (theirs != kCaresNot && distance > theirs)) return false;
    }
    return true;
  }

  double Score(const Ticket& ticket) const {
    double score = 0;
    for (size_t i = 0; i < rules_.matching.size(); ++i) {
      const MatchingRule& rule = rules_.matching[i];
      if (Reference(rule, age_ms_) == kCaresNot) continue;
      const double distance = std::abs(MeanOf(ticket.players, rule.attribute) - initial_means_[i]);
      score +=
          rule.normalization_max == 0 ? distance : distance / rule.normalization_max * rule.weight;
    }
    return score;
  }

  // How far the region is, if the ticket accepts it.
  std::optional<int64_t> LatencyTo(const Ticket& ticket, const std::string& region) const {
    if (ticket.latencies.empty()) return std::nullopt;
    int64_t best = ticket.latencies[0].ms;
    for (const Latency& latency : ticket.latencies) best = std::min(best, latency.ms);
    const int64_t age_ms = std::max<int64_t>(Age(ticket.created_at), 0);
    const int64_t rate = rules_.regions.expansion_rate_ms;
    const int64_t steps = std::max<int64_t>((age_ms + rate - 1) / rate - 1, 0);
    const int64_t limit =
        best + rules_.regions.initial_range_ms + steps * rules_.regions.expansion_range_ms;
    for (const Latency& latency : ticket.latencies) {
      const bool capped = rules_.regions.max_ms != 0 && latency.ms > rules_.regions.max_ms;
      if (latency.region == region && latency.ms <= limit && !capped) return latency.ms;
    }
    return std::nullopt;
  }

  // Against the session as it was.
  bool LetsIn(size_t index) const {
    const Ticket& ticket = in_.tickets[index];
    const auto& excluded = ticket.excluded_sessions;
    if (parties_.contains(ticket.id)) return false;
    if (std::find(excluded.begin(), excluded.end(), session_.session_id) != excluded.end()) {
      return false;
    }
    if (!region_.empty() && !LatencyTo(ticket, region_)) return false;
    const Value* const ours = session_.attributes.Find("m");
    const Value* const theirs = ticket.attributes.Find("m");
    if (ours != nullptr && !rules_.ignore_plain_attributes &&
        (theirs == nullptr || !(*theirs == *ours))) {
      return false;
    }
    return DistancesFit(ticket, initial_means_);
  }

  // Whether two tickets that join may be in one session.
  bool GoTogether(const Ticket& a, const Ticket& b) const {
    const Value* const mine = a.attributes.Find("m");
    const Value* const theirs = b.attributes.Find("m");
    const bool compared = !rules_.ignore_plain_attributes && mine != nullptr && theirs != nullptr;
    return !Meet(IdsOf(a), IdsOf(b)) && (!compared || *mine == *theirs);
  }

  bool OptionsFit(const Ticket& ticket) const {
    for (size_t i = 0; i < rules_.options.size(); ++i) {
      const bool theirs_carried = ticket.attributes.Find(rules_.options[i].name) != nullptr;
      const Texts theirs = TextsIn(ticket.attributes, rules_.options[i].name);
      const OptionType type = rules_.options[i].type;
      if (type == OptionType::kDisable) continue;
      if (carried_[i] && !theirs_carried) return false;
      if (type == OptionType::kUnique && Meet(options_[i], theirs)) return false;
      if (type != OptionType::kUnique && theirs_carried != carried_[i]) return false;
      if (type == OptionType::kAll && theirs != options_[i]) return false;
      if (type == OptionType::kAny && carried_[i] && !Meet(theirs, options_[i])) return false;
    }
    return true;
  }

  bool TeamTakes(const Team& team, const Ticket& ticket) const {
    const Texts list = TextsIn(ticket.attributes, "blocked_players");
    if (team.players + ticket.players.size() > MaxPlayers()) return false;
    return rules_.blocked_players != BlockedPlayers::kCanMatchOnDifferentTeam ||
           (!Meet(list, team.users) && !Meet(team.blocked, IdsOf(ticket)));
  }

  bool TryToJoin(size_t index) {
    const Ticket& ticket = in_.tickets[index];
    const Texts list = TextsIn(ticket.attributes, "blocked_players");
    const Texts ids = IdsOf(ticket);
    if (Meet(ids, users_) || !OptionsFit(ticket) || !DistancesFit(ticket, means_)) return false;
    const bool lists_count = rules_.blocked_players != BlockedPlayers::kCanMatch;
    if (lists_count && Meet(ids, list)) return false;
    if (rules_.blocked_players == BlockedPlayers::kCannotMatch &&
        (Meet(ids, blocked_) || Meet(list, users_))) {
      return false;
    }
    for (const size_t joined : joined_) {
      if (!GoTogether(in_.tickets[joined], ticket)) return false;
    }
    Team* const team = ChooseTeam(ticket);
    if (team == nullptr) return false;
    Join(index, list, team);
    return true;
  }

  Team* ChooseTeam(const Ticket& ticket) {
    Team* best = nullptr;
    for (Team& team : teams_) {
      if (TeamTakes(team, ticket) && (best == nullptr || team.players < best->players)) {
        best = &team;
      }
    }
    if (best != nullptr) return best;
    const bool may_open = static_cast<int32_t>(teams_.size()) < alliance_.max_teams;
    if (!may_open || !TeamTakes(Team(), ticket)) return nullptr;
    return &teams_.emplace_back();
  }

  void Join(size_t index, const Texts& list, Team* team) {
    const Ticket& ticket = in_.tickets[index];
    double present = 0;
    for (const Team& each : teams_) present += static_cast<double>(each.players);
    const auto more = static_cast<double>(ticket.players.size());
    for (size_t i = 0; i < rules_.matching.size(); ++i) {
      const MatchingRule& rule = rules_.matching[i];
      if (Reference(rule, age_ms_) == kCaresNot) continue;
      const double theirs = MeanOf(ticket.players, rule.attribute);
      means_[i] = (present * means_[i] + more * theirs) / (present + more);
    }
    for (size_t i = 0; i < rules_.options.size(); ++i) {
      const Texts theirs = TextsIn(ticket.attributes, rules_.options[i].name);
      const OptionType type = rules_.options[i].type;
      if (type == OptionType::kAny) options_[i] = Shared(options_[i], theirs);
      if (type == OptionType::kUnique) options_[i].insert(theirs.begin(), theirs.end());
      if (type == OptionType::kUnique && !theirs.empty()) carried_[i] = true;
    }
    const Texts ids = IdsOf(ticket);
    users_.insert(ids.begin(), ids.end());
    team->users.insert(ids.begin(), ids.end());
    blocked_.insert(list.begin(), list.end());
    team->blocked.insert(list.begin(), list.end());
    team->players += ticket.players.size();
    team->joined.push_back(index);
    joined_.push_back(index);
  }

  ReferenceProposal Proposal() const {
    ReferenceProposal proposal{index_, {}, means_, {}};
    if (joined_.empty()) return {};
    for (const Team& team : teams_) proposal.teams.push_back(team.joined);
    for (const Texts& values : options_) {
      proposal.options.emplace_back(values.begin(), values.end());
    }
    return proposal;
  }

  const ReferenceInput& in_;
  const Ruleset& rules_;
  const size_t index_;
  const BackfillTicket& session_;
  int64_t age_ms_ = 0;
  AllianceRule alliance_;
  std::string region_;
  std::vector<Team> teams_;
  Texts users_;
  Texts blocked_;
  Texts parties_;
  std::vector<double> initial_means_;
  std::vector<double> means_;
  std::vector<bool> carried_;
  std::vector<Texts> options_;
  std::vector<size_t> joined_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const ReferenceProposal& proposal) {
  return out << "session " << proposal.session << ": " << testing::PrintToString(proposal.teams)
             << ", means " << testing::PrintToString(proposal.means) << ", options "
             << testing::PrintToString(proposal.options);
}

std::vector<ReferenceProposal> ReferenceBackfill(const ReferenceInput& input) {
  std::set<size_t> waiting;
  for (size_t i = 0; i < input.tickets.size(); ++i) waiting.insert(i);
  std::vector<ReferenceProposal> open;
  std::vector<ReferenceProposal> full;
  for (size_t i = 0; i < input.sessions.size(); ++i) {
    Session session(input, i);
    ReferenceProposal proposal = session.Fill(&waiting);
    if (!proposal.teams.empty()) (session.IsFull() ? full : open).push_back(std::move(proposal));
  }
  open.insert(open.end(), full.begin(), full.end());
  return open;
}

}  // namespace muster::match::alliance
