#include "match/pairs/common_ground.h"

#include <algorithm>

namespace muster::match::pairs {

void CommonGround::Agreed::Add(const Value* value, bool first) {
  const std::string* const text = value == nullptr ? nullptr : value->text();
  if (first && text != nullptr) {
    text_ = *text;
  } else if (text == nullptr || text_ != *text) {
    text_.reset();
  }
}

void CommonGround::Add(const Ticket& ticket) {
  server_name_.Add(ticket.attributes.Find("server_name"), empty_);
  client_version_.Add(ticket.attributes.Find("client_version"), empty_);
  if (!ticket.latencies.empty()) AddLatencies(ticket.latencies);
  empty_ = false;
}

void CommonGround::Clear() {
  empty_ = true;
  has_regions_ = false;
}

void CommonGround::AddLatencies(const std::vector<Latency>& latencies) {
  if (!has_regions_) {
    worst_ = latencies;
    has_regions_ = true;
    return;
  }
  // Both sides are ordered by region, so one walk finds what they share.
  auto other = latencies.begin();
  const auto unshared = [&](Latency& mine) {
    while (other != latencies.end() && other->region < mine.region) ++other;
    if (other == latencies.end() || other->region != mine.region) return true;
    mine.ms = std::max(mine.ms, other->ms);
    return false;
  };
  worst_.erase(std::remove_if(worst_.begin(), worst_.end(), unshared), worst_.end());
}

std::optional<std::vector<std::string>> CommonGround::Regions() const {
  if (!has_regions_) return std::nullopt;
  std::vector<const Latency*> ranked;
  ranked.reserve(worst_.size());
  for (const Latency& latency : worst_) ranked.push_back(&latency);
  // Stable, so that ties stay ordered by name.
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Latency* a, const Latency* b) { return a->ms < b->ms; });
  std::vector<std::string> regions;
  regions.reserve(ranked.size());
  for (const Latency* latency : ranked) regions.push_back(latency->region);
  return regions;
}

}  // namespace muster::match::pairs
