#include "match/pairs/common_ground.h"

#include <algorithm>
#include <utility>

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

void CommonGround::Clear() { *this = CommonGround(); }

void CommonGround::AddLatencies(const std::vector<Latency>& latencies) {
  if (!has_regions_) {
    for (const Latency& latency : latencies) worst_ms_[latency.region] = latency.ms;
    has_regions_ = true;
    return;
  }
  // Both sides are ordered by region, so one walk finds what they share.
  auto other = latencies.begin();
  for (auto mine = worst_ms_.begin(); mine != worst_ms_.end();) {
    while (other != latencies.end() && other->region < mine->first) ++other;
    if (other != latencies.end() && other->region == mine->first) {
      mine->second = std::max(mine->second, other->ms);
      ++mine;
    } else {
      mine = worst_ms_.erase(mine);
    }
  }
}

std::optional<std::vector<std::string>> CommonGround::Regions() const {
  if (!has_regions_) return std::nullopt;
  std::vector<std::pair<int64_t, std::string>> ranked;
  for (const auto& [region, ms] : worst_ms_) ranked.emplace_back(ms, region);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> regions;
  regions.reserve(ranked.size());
  for (auto& [ms, region] : ranked) regions.push_back(std::move(region));
  return regions;
}

}  // namespace muster::match::pairs
