#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "match/match.h"
#include "match/ticket.h"

namespace muster::lab {

// The value that `percent` of the values do not exceed, the nearest rank: always one of the values.
// 0 for none.
double Percentile(std::vector<double> values, double percent);

// The mean of a player attribute over the ticket. What is missing or no number counts as 0, as the
// rules have it; 0 without players.
double MeanRating(const match::Ticket& ticket, std::string_view attribute);

// How good the matches of a tick are.
struct MatchQuality {
  int64_t matches = 0;
  int64_t players = 0;
  int64_t matched_players = 0;
  // Of a match: the largest less the smallest mean rating of its tickets, in points.
  double spread_p50 = 0;
  double spread_p95 = 0;
  // Of a match: the largest less the smallest mean rating of its teams' players, in points.
  double imbalance_p50 = 0;
  double imbalance_p95 = 0;
  // The age of the oldest ticket without a match; 0 when there is none.
  std::chrono::milliseconds oldest_waiting{0};

  // Of all players, those matched; 100 without players.
  double MatchedPercent() const;
};

// Measures the matches that were made of `tickets` at `now`; matches name tickets by their place.
// INTERNAL, naming match and ticket, when a match names a ticket that is not there, or one that is
// taken.
absl::StatusOr<MatchQuality> MeasureQuality(const std::vector<match::Ticket>& tickets,
                                            const std::vector<match::Match>& matches,
                                            std::string_view rating_attribute, base::Timestamp now);

}  // namespace muster::lab
