#include "app/ctl/match_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>

#include "absl/strings/str_join.h"
#include "app/ctl/io.h"
#include "app/ctl/table.h"
#include "base/strings.h"

namespace muster::app::ctl {
namespace {

using rpc::client::MatchResult;
using rpc::client::TeamResult;

// Names in one cell of the table.
constexpr size_t kTickets = 4;
constexpr size_t kRegions = 2;

size_t PlayersOf(const MatchResult& match) {
  size_t players = 0;
  for (const TeamResult& team : match.teams) players += team.user_ids.size();
  return players;
}

std::string Whole(double number) { return WithCommas(std::llround(number)); }

std::string SpreadOf(const MatchResult& match) {
  std::vector<double> ratings;
  for (const TeamResult& team : match.teams) {
    ratings.insert(ratings.end(), team.ratings.begin(), team.ratings.end());
  }
  if (ratings.empty()) return "";
  const auto [lowest, highest] = std::minmax_element(ratings.begin(), ratings.end());
  return Whole(*highest - *lowest);
}

std::string MeanOf(const TeamResult& team) {
  const double sum = std::accumulate(team.ratings.begin(), team.ratings.end(), 0.0);
  return Whole(sum / static_cast<double>(team.ratings.size()));
}

// Of a server that does not list parties, the players.
std::string MembersOf(const TeamResult& team) {
  if (team.parties.empty()) return absl::StrJoin(team.user_ids, ", ");
  return absl::StrJoin(team.parties, ", ", [](std::string* out, const auto& party) {
    out->append(absl::StrJoin(party, "+"));
  });
}

}  // namespace

std::string TeamSizes(const std::vector<TeamResult>& teams) {
  return absl::StrJoin(teams, " v ", [](std::string* out, const TeamResult& team) {
    out->append(std::to_string(team.user_ids.size()));
  });
}

std::vector<std::string> MatchRowTitles() {
  return {"MATCH", "TICKETS", "PLAYERS", "TEAMS", "SPREAD", "REGIONS", "BACKFILL"};
}

std::vector<std::string> MatchRow(int64_t number, const MatchResult& match) {
  return {std::to_string(number),
          JoinSome(match.ticket_ids, kTickets),
          std::to_string(PlayersOf(match)),
          TeamSizes(match.teams),
          SpreadOf(match),
          JoinSome(match.regions, kRegions),
          match.backfill ? "wanted" : ""};
}

void PrintTeams(int64_t number, const MatchResult& match, std::string_view rating_attribute,
                std::ostream& out) {
  out << "Match " << number << ": " << TeamSizes(match.teams);
  if (!match.regions.empty()) out << " in " << match.regions[0];
  if (match.backfill) out << ", more wanted";
  out << "\n";
  for (size_t i = 0; i < match.teams.size(); ++i) {
    const TeamResult& team = match.teams[i];
    out << "  team " << i + 1;
    if (!team.ratings.empty()) out << ", mean " << rating_attribute << " " << MeanOf(team);
    out << ": " << MembersOf(team) << "\n";
  }
}

}  // namespace muster::app::ctl
