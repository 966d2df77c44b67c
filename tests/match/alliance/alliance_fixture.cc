#include "tests/match/alliance/alliance_fixture.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "match/alliance/alliance_logic.h"

namespace muster::match::alliance {
namespace {

using base::StrCat;
using std::chrono::milliseconds;

// The time of each tick. Not on a whole second, lest times cut to seconds go unnoticed.
constexpr base::Timestamp kNow{milliseconds(1'700'000'000'500)};

std::vector<Player> MakePlayers(const std::string& name, const TicketSpec& spec) {
  std::vector<Player> players;
  for (const std::string& id : spec.players) players.push_back({id, {}});
  const size_t wanted = std::max(spec.size, spec.ratings.size());
  for (size_t i = 0; spec.players.empty() && i < wanted; ++i) {
    players.push_back({StrCat(name, i + 1), {}});
  }
  return players;
}

std::vector<Latency> ByRegion(std::vector<Latency> latencies) {
  std::sort(latencies.begin(), latencies.end(),
            [](const Latency& a, const Latency& b) { return a.region < b.region; });
  return latencies;
}

// Each team's tickets as a set, in the order of the match.
Teams NameTeams(const Match& match, const support::TicketIds& names) {
  Teams teams;
  for (const Team& team : match.teams) {
    std::set<std::string>& set = teams.emplace_back();
    for (const TicketIndex index : team.tickets) set.insert(names.at(index));
  }
  return teams;
}

Joining NameAdditions(const BackfillProposal& proposal, const std::string& session,
                      const support::TicketIds& names) {
  Joining joining{session, {}};
  int new_teams = 0;
  for (const TeamAddition& addition : proposal.additions) {
    const bool is_new = addition.team == TeamAddition::kNewTeam;
    std::vector<std::string>& tickets =
        joining.added[is_new ? StrCat("new", ++new_teams) : StrCat("T", addition.team + 1)];
    EXPECT_FALSE(is_new && addition.new_team_id.empty()) << "a new team without an id";
    EXPECT_TRUE(tickets.empty()) << "a team that is named twice";
    for (const TicketIndex index : addition.tickets) tickets.push_back(names.at(index));
  }
  return joining;
}

}  // namespace

Ticket MakeTicket(const std::string& name, const TicketSpec& spec) {
  Ticket ticket;
  ticket.id = name;
  if (spec.age_ms) ticket.created_at = kNow - milliseconds(*spec.age_ms);
  ticket.players = MakePlayers(name, spec);
  for (size_t i = 0; i < ticket.players.size(); ++i) {
    if (i < spec.player_attributes.size()) ticket.players[i].attributes = spec.player_attributes[i];
    if (i < spec.ratings.size()) ticket.players[i].attributes.Set("mmr", spec.ratings[i]);
  }
  ticket.attributes = Object(spec.attributes);
  ticket.latencies = ByRegion(spec.latencies);
  ticket.excluded_sessions = spec.excluded_sessions;
  ticket.priority = spec.priority;
  return ticket;
}

Teams MatchOf(std::initializer_list<std::set<std::string>> teams) { return teams; }
Teams Duel(const std::string& a, const std::string& b) { return MatchOf({{a}, {b}}); }

std::ostream& operator<<(std::ostream& out, const Joining& joining) {
  return out << joining.session << " gets " << testing::PrintToString(joining.added);
}

std::string DistanceRule(std::string_view attribute, int reference, std::string_view more) {
  return StrCat(R"({"attribute":")", attribute, R"(","criteria":"distance","reference":)",
                reference, more, "}");
}

std::string MmrWithin(int reference) {
  return StrCat(R"("matching_rule":[)", DistanceRule("mmr", reference), "]");
}

std::string Option(std::string_view name, std::string_view type) {
  return StrCat(R"("match_options":{"options":[{"name":")", name, R"(","type":")", type, R"("}]})");
}

std::multiset<std::string> TextsOf(const Value* value) {
  if (value == nullptr) return {};
  if (value->text() != nullptr) return {*value->text()};
  std::multiset<std::string> texts;
  if (value->list() == nullptr) return {"(neither text nor list)"};
  for (const Value& element : *value->list()) {
    texts.insert(element.text() == nullptr ? "(no text)" : *element.text());
  }
  return texts;
}

AllianceFixture::AllianceFixture() {
  context_.now = kNow;
  context_.id_seed = {1, 2};
}

void AllianceFixture::UseRules(std::string_view alliance, const std::string& more) {
  const std::vector<std::string> numbers = absl::StrSplit(base::ToAbsl(alliance), ',');
  UseRulesText(StrCat(R"({"alliance":{"min_number":)", numbers.at(0), R"(,"max_number":)",
                      numbers.at(1), R"(,"player_min_number":)", numbers.at(2),
                      R"(,"player_max_number":)", numbers.at(3), "}", more.empty() ? "" : ",", more,
                      "}"));
}

void AllianceFixture::UseRulesText(std::string_view rules_json) {
  absl::StatusOr<std::shared_ptr<const MatchLogic>> logic = MakeAllianceLogic(rules_json, options_);
  ASSERT_TRUE(logic.ok()) << logic.status().ToString() << " for " << rules_json;
  logic_ = *std::move(logic);
  Clear();
}

void AllianceFixture::Add(const std::string& name, const TicketSpec& spec) {
  tickets_.push_back(MakeTicket(name, spec));
}

void AllianceFixture::AddSession(const std::string& name, const SessionSpec& spec) {
  BackfillTicket session;
  session.id = name;
  session.session_id = StrCat(name, "-session");
  session.created_at = kNow - milliseconds(spec.age_ms);
  for (size_t i = 0; i < spec.teams.size(); ++i) {
    const std::string id = i < spec.team_ids.size() ? spec.team_ids[i] : StrCat("T", i + 1);
    session.teams.push_back({id, spec.teams[i]});
  }
  session.tickets = spec.tickets;
  session.attributes = Object(spec.attributes);
  if (!spec.region.empty()) session.region_preferences = {spec.region};
  session.server_name = spec.server_name;
  session.client_version = spec.client_version;
  sessions_.push_back(std::move(session));
}

void AllianceFixture::Clear() {
  tickets_.clear();
  sessions_.clear();
}

void AllianceFixture::RunMatches() {
  left_out_.clear();
  matches_ = std::make_unique<support::MatchDriver>(*logic_, context_);
  for (const Ticket& ticket : tickets_) {
    if (const std::optional<LeftOut> reason = matches_->Add(ticket)) left_out_[ticket.id] = *reason;
  }
  matches_->Finish();
}

void AllianceFixture::RunBackfill() {
  proposals_ = std::make_unique<support::BackfillDriver>(*logic_, context_);
  for (const BackfillTicket& session : sessions_) proposals_->Add(session);
  for (const Ticket& ticket : tickets_) proposals_->Add(ticket);
  proposals_->Finish();
}

std::vector<Teams> AllianceFixture::MakeMatches() {
  RunMatches();
  std::vector<Teams> all;
  for (const Match& match : matches_->matches()) all.push_back(NameTeams(match, matches_->taken()));
  return all;
}

Match AllianceFixture::OnlyMatch() {
  RunMatches();
  EXPECT_THAT(matches_->matches(), testing::SizeIs(1));
  return matches_->matches().empty() ? Match() : matches_->matches().front();
}

support::TicketIds AllianceFixture::FirstMatchInOrder() {
  RunMatches();
  return matches_->matches().empty() ? support::TicketIds() : matches_->matched().front();
}

const std::vector<Match>& AllianceFixture::RawMatches() {
  RunMatches();
  return matches_->matches();
}

std::vector<Joining> AllianceFixture::MakeProposals() {
  RunBackfill();
  std::vector<Joining> all;
  for (const BackfillProposal& proposal : proposals_->proposals()) {
    all.push_back(NameAdditions(proposal, sessions_.at(proposal.backfill).id, proposals_->taken()));
  }
  return all;
}

BackfillProposal AllianceFixture::OnlyProposal() {
  RunBackfill();
  EXPECT_THAT(proposals_->proposals(), testing::SizeIs(1));
  return proposals_->proposals().empty() ? BackfillProposal() : proposals_->proposals().front();
}

}  // namespace muster::match::alliance
