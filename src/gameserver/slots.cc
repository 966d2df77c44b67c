#include "gameserver/slots.h"

namespace muster::gameserver {

bool Slots::Reserve(std::string_view player) {
  auto found = holders_.find(player);
  if (found == holders_.end()) {
    if (holders_.size() >= options_.slots) return false;
    found = holders_.emplace(player, Holder{}).first;
  }
  found->second.deadline = clock_.MonotonicNow() + options_.reservation_ttl;
  return true;
}

Slots::Released Slots::Release(std::string_view player) {
  const auto found = holders_.find(player);
  if (found == holders_.end()) return Released::kNotHeld;
  if (found->second.presence == Presence::kConnected) return Released::kPlaying;
  holders_.erase(found);
  return Released::kYes;
}

bool Slots::Connect(std::string_view player) {
  const auto found = holders_.find(player);
  if (found == holders_.end()) return false;
  if (found->second.presence == Presence::kExpected) ++connected_;
  found->second.presence = Presence::kConnected;
  return true;
}

void Slots::Disconnect(std::string_view player) {
  const auto found = holders_.find(player);
  if (found == holders_.end() || found->second.presence != Presence::kConnected) return;
  found->second = {Presence::kExpected, clock_.MonotonicNow() + options_.reconnect};
  --connected_;
}

void Slots::Expire() {
  std::erase_if(holders_, [now = clock_.MonotonicNow()](const auto& entry) {
    const Holder& holder = entry.second;
    return holder.presence == Presence::kExpected && holder.deadline <= now;
  });
}

}  // namespace muster::gameserver
