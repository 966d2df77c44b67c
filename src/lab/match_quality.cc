#include "lab/match_quality.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::lab {
namespace {

// The difference between the largest and the smallest of some values.
class Range {
 public:
  void Add(double value) {
    low_ = empty_ ? value : std::min(low_, value);
    high_ = empty_ ? value : std::max(high_, value);
    empty_ = false;
  }
  double width() const { return high_ - low_; }

 private:
  bool empty_ = true;
  double low_ = 0;
  double high_ = 0;
};

class Measurement {
 public:
  Measurement(const std::vector<match::Ticket>& tickets, std::string_view attribute)
      : tickets_(tickets), attribute_(attribute), matched_(tickets.size(), false) {}

  absl::Status Add(const match::Match& match) {
    Range ratings;
    Range team_means;
    for (const match::Team& team : match.teams) {
      double sum = 0;
      double players = 0;
      for (const match::TicketIndex index : team.tickets) {
        MUSTER_RETURN_IF_ERROR(Take(index));
        const double rating = MeanRating(tickets_[index], attribute_);
        const auto size = static_cast<double>(tickets_[index].players.size());
        ratings.Add(rating);
        sum += rating * size;
        players += size;
      }
      if (players > 0) team_means.Add(sum / players);
    }
    ++quality_.matches;
    spreads_.push_back(ratings.width());
    imbalances_.push_back(team_means.width());
    return absl::OkStatus();
  }

  MatchQuality Result(base::Timestamp now) && {
    quality_.spread_p50 = Percentile(spreads_, 50);
    quality_.spread_p95 = Percentile(std::move(spreads_), 95);
    quality_.imbalance_p50 = Percentile(imbalances_, 50);
    quality_.imbalance_p95 = Percentile(std::move(imbalances_), 95);
    for (size_t i = 0; i < tickets_.size(); ++i) {
      const auto size = static_cast<int64_t>(tickets_[i].players.size());
      quality_.players += size;
      if (matched_[i]) {
        quality_.matched_players += size;
      } else if (tickets_[i].created_at) {
        quality_.oldest_waiting = std::max(quality_.oldest_waiting, now - *tickets_[i].created_at);
      }
    }
    return quality_;
  }

 private:
  absl::Status Take(match::TicketIndex index) {
    if (index >= tickets_.size()) {
      return absl::InternalError(base::StrCat("match ", quality_.matches, " names ticket ", index,
                                              " of ", tickets_.size()));
    }
    if (matched_[index]) {
      return absl::InternalError(base::StrCat("match ", quality_.matches, " names ticket ", index,
                                              ", which is in a match already"));
    }
    matched_[index] = true;
    return absl::OkStatus();
  }

  const std::vector<match::Ticket>& tickets_;
  const std::string_view attribute_;
  std::vector<bool> matched_;
  std::vector<double> spreads_;
  std::vector<double> imbalances_;
  MatchQuality quality_;
};

}  // namespace

double Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return 0;
  const double rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  const size_t index = std::clamp<size_t>(static_cast<size_t>(rank), 1, values.size()) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                   values.end());
  return values[index];
}

double MeanRating(const match::Ticket& ticket, std::string_view attribute) {
  if (ticket.players.empty()) return 0;
  double sum = 0;
  for (const match::Player& player : ticket.players) {
    const match::Value* value = player.attributes.Find(attribute);
    const double* number = value == nullptr ? nullptr : value->number();
    if (number != nullptr) sum += *number;
  }
  return sum / static_cast<double>(ticket.players.size());
}

double MatchQuality::MatchedPercent() const {
  if (players == 0) return 100;
  return 100 * static_cast<double>(matched_players) / static_cast<double>(players);
}

absl::StatusOr<MatchQuality> MeasureQuality(const std::vector<match::Ticket>& tickets,
                                            const std::vector<match::Match>& matches,
                                            std::string_view rating_attribute,
                                            base::Timestamp now) {
  Measurement measurement(tickets, rating_attribute);
  for (const match::Match& match : matches) MUSTER_RETURN_IF_ERROR(measurement.Add(match));
  return std::move(measurement).Result(now);
}

}  // namespace muster::lab
