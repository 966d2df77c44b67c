#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "match/ticket.h"

namespace muster::lab {

// A role that a game needs, and the share of the players who like it best.
struct RoleShare {
  std::string name;
  int64_t weight = 1;
};

// What the tickets that wait at one moment look like. Ratings are points, as in PopulationOptions.
struct SnapshotOptions {
  // The same seed gives the same tickets on every machine.
  uint64_t seed = 1;
  int64_t tickets = 1000;
  base::Timestamp now = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  // Tickets are 0 to so old, all ages equally likely and in no order: services ask their data bases
  // for waiting tickets, and few of those answer by age.
  std::chrono::milliseconds max_age{10'000};
  int64_t rating_mean = 1500;
  int64_t rating_deviation = 300;
  // By which each player of a ticket differs from the rating of the ticket.
  int64_t member_deviation = 50;
  // How likely a party of 1, 2, 3, .. players is.
  std::vector<int64_t> party_size_weights = {1};
  // `region-1` and so on; 0: tickets without latencies. One, the home, is 20 to 50 ms away, each
  // other 60 to 210 ms further.
  int64_t regions = 0;
  // None: players without the attribute `role`. Else it lists one role, and in every second player
  // another one.
  std::vector<RoleShare> roles;
  // So many percent of all pairs among the ten next by rating cannot stand each other: the ticket
  // with the lower rating lists the players of the other in `blocked_players`. Pairs further apart
  // would not be matched anyhow, and with them the lists would grow with the crowd.
  int64_t blocked_percent = 0;
};

// Tickets `t1`, `t2`, .. with players `t1-1`, `t1-2`, .., whose attribute `mmr` is their rating: a
// number with six decimals, so that hardly two are the same. INVALID_ARGUMENT, naming option and
// value, for tickets outside 0 to 10,000,000, an age outside 0 to a day, deviations outside 0 to
// 1,000,000, a mean outside -1,000,000 to 1,000,000, regions outside 0 to 9, percent outside 0 to
// 100, and party sizes or roles without a weight above 0 or with one outside 0 to 1,000,000.
absl::StatusOr<std::vector<match::Ticket>> MakeSnapshot(const SnapshotOptions& options);

}  // namespace muster::lab
