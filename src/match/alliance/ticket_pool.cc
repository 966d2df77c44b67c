#include "match/alliance/ticket_pool.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/hash/hash.h"
#include "base/radix_sort.h"

namespace muster::match::alliance {
namespace {

double NumberOf(const Object& attributes, const std::string& name) {
  const Value* const value = attributes.Find(name);
  const double* const number = value == nullptr ? nullptr : value->number();
  return number == nullptr || !std::isfinite(*number) ? 0 : *number;
}

// Far beyond every real time, and small enough to be added to.
constexpr int64_t kFarMs = int64_t{1} << 61;

int64_t AgeMs(base::Timestamp now, base::Timestamp created_at) {
  const auto clamped = [](base::Timestamp time) {
    return std::clamp<int64_t>(time.time_since_epoch().count(), -kFarMs, kFarMs);
  };
  return clamped(now) - clamped(created_at);
}

uint32_t Count(size_t size) { return static_cast<uint32_t>(size); }

}  // namespace

UserKey KeyOf(std::string_view user_id) { return base::StringHash()(user_id); }

double AddUp(std::span<const Player> players, const std::string& attribute, double sum) {
  for (const Player& player : players) sum += NumberOf(player.attributes, attribute);
  return sum;
}

TicketPool::TicketPool(const Ruleset& rules, const MatchingFlex& flex, TraitsTable* traits,
                       base::Timestamp now)
    : rules_(rules),
      flex_(flex),
      traits_(traits),
      now_(now),
      rule_count_(rules.matching.size()),
      roles_(rules) {}

Slot TicketPool::Add(const Ticket& ticket) {
  return Add(
      {ticket.created_at, ticket.players, &ticket.attributes, ticket.latencies, ticket.priority});
}

Slot TicketPool::Add(const Source& source) {
  PooledTicket& ticket = tickets_.emplace_back();
  ticket.age_ms = AgeMs(now_, source.created_at.value_or(base::Timestamp()));
  ticket.priority = source.priority;
  ticket.players = Count(source.players.size());
  ticket.stage = flex_.StageAt(ticket.age_ms);
  ticket.first_user = Count(users_.size());
  for (const Player& player : source.players) users_.push_back(KeyOf(player.id));
  if (!source.players.empty()) ticket.first_user_key = users_[ticket.first_user];
  ticket.traits = traits_->Intern(*source.attributes);
  ticket.roles = roles_.Intern(source.players);
  AddMeans(source.players);
  AddLatencies(source.latencies, &ticket);
  AddBlocked(*source.attributes, &ticket);
  return Count(tickets_.size()) - 1;
}

void TicketPool::AddMeans(std::span<const Player> players) {
  for (const MatchingRule& rule : rules_.matching) {
    const double sum = AddUp(players, rule.attribute);
    const double mean = players.empty() ? 0 : sum / static_cast<double>(players.size());
    // A sum of finite numbers may still be too large.
    means_.push_back(std::isfinite(mean) ? mean : 0);
  }
}

void TicketPool::AddLatencies(std::span<const Latency> latencies, PooledTicket* ticket) {
  ticket->first_latency = Count(latencies_.size());
  if (latencies.empty()) return;
  for (const Latency& latency : latencies) {
    latencies_.push_back({RegionOf(latency.region), latency.ms});
  }
  const auto first = latencies_.begin() + ticket->first_latency;
  std::sort(first, latencies_.end(), [this](const RegionLatency& a, const RegionLatency& b) {
    return a.ms != b.ms ? a.ms < b.ms : region_names_[a.region] < region_names_[b.region];
  });
  // Of more regions than fit into 16 bits the farthest are left out.
  constexpr size_t kMost = std::numeric_limits<uint16_t>::max();
  if (latencies.size() > kMost) latencies_.resize(ticket->first_latency + kMost);
  const int64_t limit = LatencyLimit(rules_.regions, ticket->age_ms, first->ms);
  const auto accepted = std::find_if(first, latencies_.end(),
                                     [&](const RegionLatency& each) { return each.ms > limit; });
  ticket->latency_count = static_cast<uint16_t>(latencies_.end() - first);
  ticket->accepted_regions = static_cast<uint16_t>(accepted - first);
}

void TicketPool::AddBlocked(const Object& attributes, PooledTicket* ticket) {
  if (attributes.empty() || rules_.blocked_players == BlockedPlayers::kCanMatch) return;
  const Value* const blocked = attributes.Find("blocked_players");
  if (blocked == nullptr || blocked->list() == nullptr) return;
  ticket->first_blocked = Count(blocked_.size());
  for (const Value& id : *blocked->list()) {
    if (id.text() != nullptr) blocked_.push_back(KeyOf(*id.text()));
  }
  const auto first = blocked_.begin() + ticket->first_blocked;
  std::sort(first, blocked_.end());
  blocked_.erase(std::unique(first, blocked_.end()), blocked_.end());
  ticket->blocked_count = Count(blocked_.size()) - ticket->first_blocked;
}

RegionId TicketPool::RegionOf(const std::string& name) {
  const auto [found, added] = region_ids_.try_emplace(name, Count(region_names_.size()));
  if (added) region_names_.push_back(name);
  return found->second;
}

RegionId TicketPool::FindRegion(std::string_view name) const {
  const auto found = region_ids_.find(name);
  return found == region_ids_.end() ? kNoRegion : found->second;
}

std::span<const RegionLatency> TicketPool::Latencies(Slot slot) const {
  return {latencies_.data() + tickets_[slot].first_latency, tickets_[slot].latency_count};
}

std::span<const RegionLatency> TicketPool::AcceptedRegions(Slot slot) const {
  return {latencies_.data() + tickets_[slot].first_latency, tickets_[slot].accepted_regions};
}

bool TicketPool::UsersAreDistinct() const {
  if (users_are_distinct_.first != users_.size()) {
    std::vector<UserKey> sorted = users_;
    std::sort(sorted.begin(), sorted.end());
    users_are_distinct_ = {users_.size(),
                           std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()};
  }
  return users_are_distinct_.second;
}

std::span<const UserKey> TicketPool::Users(Slot slot) const {
  return {users_.data() + tickets_[slot].first_user, tickets_[slot].players};
}

std::span<const UserKey> TicketPool::Blocked(Slot slot) const {
  return {blocked_.data() + tickets_[slot].first_blocked, tickets_[slot].blocked_count};
}

std::vector<Slot> TicketPool::ServiceOrder() const {
  std::vector<base::RadixItem> items(tickets_.size());
  bool one_priority = true;
  for (Slot slot = 0; slot < items.size(); ++slot) {
    // The oldest has the greatest age.
    items[slot] = {base::RadixKey(-tickets_[slot].age_ms), slot};
    one_priority = one_priority && tickets_[slot].priority == tickets_.front().priority;
  }
  std::vector<base::RadixItem> scratch;
  const auto by_key = [](const auto& a, const auto& b) { return a.key < b.key; };
  if (!std::is_sorted(items.begin(), items.end(), by_key)) base::RadixSort(&items, &scratch);
  if (!one_priority) {
    for (base::RadixItem& item : items) {
      item.key = base::RadixKey(-int64_t{tickets_[item.index].priority});
    }
    base::RadixSort(&items, &scratch);
  }
  std::vector<Slot> order(items.size());
  std::transform(items.begin(), items.end(), order.begin(),
                 [](const base::RadixItem& item) { return item.index; });
  return order;
}

}  // namespace muster::match::alliance
