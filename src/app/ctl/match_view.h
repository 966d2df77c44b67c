#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/client/match_function_client.h"

// Matches as people want to see them.
namespace muster::app::ctl {

// "5 v 5".
std::string TeamSizes(const std::vector<rpc::client::TeamResult>& teams);

// The titles of MatchRow's cells.
std::vector<std::string> MatchRowTitles();

// One match in a table. The spread is the highest rating minus the lowest; empty without ratings.
std::vector<std::string> MatchRow(int64_t number, const rpc::client::MatchResult& match);

// One match in a line, and a line for each team: its mean rating, when it has one, and its players,
// those of one party joined by `+`.
void PrintTeams(int64_t number, const rpc::client::MatchResult& match,
                std::string_view rating_attribute, std::ostream& out);

}  // namespace muster::app::ctl
