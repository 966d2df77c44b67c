#include "lobby/fleet_servers.h"

#include <algorithm>

namespace muster::lobby {

namespace {

// Of a server whose capacity nobody knows: as much as anybody asks for.
constexpr int kUnbounded = 1'000'000;

}  // namespace

FleetServer* FleetServers::Find(std::string_view id) {
  const auto it = servers_.find(id);
  return it == servers_.end() ? nullptr : it->second.get();
}

FleetServer& FleetServers::Add(const GameServer& record, ServerPhase phase) {
  auto server = std::make_unique<FleetServer>();
  server->record = record;
  server->phase = phase;
  FleetServer& added = *server;
  servers_[record.id] = std::move(server);
  Update(added);
  return added;
}

void FleetServers::Erase(FleetServer& server) {
  Count(server, -1);
  if (server.wakes_at.has_value()) agenda_.erase({*server.wakes_at, server.record.id});
  std::erase(touched_, &server);
  servers_.erase(servers_.find(server.record.id));
}

void FleetServers::Recount(FleetServer& server) {
  Count(server, -1);
  server.standing = StandingOf(server);
  Count(server, 1);
}

void FleetServers::Update(FleetServer& server) {
  Recount(server);
  if (server.touched) return;
  server.touched = true;
  touched_.push_back(&server);
}

void FleetServers::WakeAt(FleetServer& server, base::Timestamp time) {
  if (server.wakes_at == time) return;
  if (server.wakes_at.has_value()) agenda_.erase({*server.wakes_at, server.record.id});
  server.wakes_at = time;
  agenda_.insert({time, server.record.id});
}

std::vector<FleetServer*> FleetServers::TakeDue(base::Timestamp now) {
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    FleetServer& server = *Find(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    server.wakes_at.reset();
    Update(server);
  }
  for (FleetServer* server : touched_) server->touched = false;
  return std::exchange(touched_, {});
}

std::optional<base::Timestamp> FleetServers::next_wake() const {
  if (agenda_.empty()) return std::nullopt;
  return agenda_.begin()->first;
}

FleetServer* FleetServers::Fullest() const {
  return open_.empty() ? nullptr : servers_.find(open_.begin()->second)->second.get();
}

int FleetServers::Capacity(const FleetServer& server) const {
  if (server.tells) return server.look.slots;
  if (server.learned > 0) return server.learned;
  return slots_ > 0 ? slots_ : kUnbounded;
}

// Ours are those the fleet knows of: some may have left without a word, and some of those it does
// not know of may be there. A look tells their number as of then; a slot that was asked for may be
// part of it already. So it is the lesser of two sums that are both no less than the truth.
int FleetServers::Used(const FleetServer& server) const {
  const int asking = static_cast<int>(server.asking.size());
  const int ours = asking + static_cast<int>(server.holders.size() + server.left.size());
  if (!server.tells) return ours;
  const int since_look = server.look.used + server.since_look + asking;
  return std::max(server.look.used, std::min(since_look, server.foreign + ours));
}

Standing FleetServers::StandingOf(const FleetServer& server) const {
  Standing standing;
  standing.starting = server.phase == ServerPhase::kUnlisted ||
                      server.phase == ServerPhase::kLaunching ||
                      server.phase == ServerPhase::kBooting;
  if (server.phase != ServerPhase::kReady) return standing;
  standing.unsure = !server.looked;
  if (!server.answering) return standing;
  const int used = Used(server);
  standing.empty = used == 0;
  if (server.refused) return standing;
  standing.room = std::max(0, Capacity(server) - used);
  standing.open = standing.room > 0 && server.calls < kMaxSlotCalls;
  return standing;
}

void FleetServers::Count(const FleetServer& server, int sign) {
  const Standing& standing = server.standing;
  starting_ += standing.starting ? sign : 0;
  empty_ += standing.empty ? sign : 0;
  unsure_ += standing.unsure ? sign : 0;
  room_ += sign * standing.room;
  if (!standing.open) return;
  if (sign > 0) {
    open_.insert({standing.room, server.record.id});
  } else {
    open_.erase({standing.room, server.record.id});
  }
}

}  // namespace muster::lobby
