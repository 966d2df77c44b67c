#include "tests/fakes/fake_game_server_client.h"

#include <algorithm>
#include <stdexcept>

namespace muster::fakes {

using lobby::SlotAnswer;

void FakeGameServerClient::Add(const std::string& control_url, const Server& server) {
  base::MutexLock lock(&mu_);
  servers_[control_url] = server;
}

void FakeGameServerClient::Remove(const std::string& control_url) {
  base::MutexLock lock(&mu_);
  servers_.erase(control_url);
}

void FakeGameServerClient::SetMood(const std::string& control_url, Mood mood) {
  base::MutexLock lock(&mu_);
  servers_[control_url].mood = mood;
}

void FakeGameServerClient::Leave(const std::string& control_url, const std::string& client_id) {
  base::MutexLock lock(&mu_);
  servers_[control_url].held.erase(client_id);
}

FakeGameServerClient::Server FakeGameServerClient::Find(const std::string& control_url) const {
  base::MutexLock lock(&mu_);
  const auto it = servers_.find(control_url);
  return it == servers_.end() ? Server{} : it->second;
}

std::map<std::string, FakeGameServerClient::Server> FakeGameServerClient::servers() const {
  base::MutexLock lock(&mu_);
  return servers_;
}

SlotAnswer FakeGameServerClient::Take(const std::string& control_url,
                                      const std::string& client_id) {
  base::MutexLock lock(&mu_);
  const auto it = servers_.find(control_url);
  if (it == servers_.end()) return SlotAnswer::kNoAnswer;
  Server& server = it->second;
  ++server.reserve_calls;
  if (server.mood == Mood::kThrows) throw std::runtime_error("the client broke");
  if (server.mood == Mood::kHangs) return SlotAnswer::kNoAnswer;
  if (server.mood == Mood::kRefuses) return SlotAnswer::kNotHeld;
  const int used = static_cast<int>(server.held.size()) + server.foreign;
  const bool has_room = server.held.contains(client_id) || used < server.slots;
  if (has_room) server.held.insert(client_id);
  server.most_used =
      std::max(server.most_used, static_cast<int>(server.held.size()) + server.foreign);
  if (server.mood == Mood::kTakesInSilence || server.mood == Mood::kGivesInSilence) {
    return SlotAnswer::kNoAnswer;
  }
  return has_room ? SlotAnswer::kHeld : SlotAnswer::kNotHeld;
}

SlotAnswer FakeGameServerClient::Give(const std::string& control_url, const std::string& client_id,
                                      bool erase) {
  base::MutexLock lock(&mu_);
  const auto it = servers_.find(control_url);
  if (it == servers_.end()) return SlotAnswer::kNoAnswer;
  Server& server = it->second;
  if (server.mood == Mood::kHangs || server.mood == Mood::kTakesInSilence) {
    return SlotAnswer::kNoAnswer;
  }
  const bool held = server.held.contains(client_id);
  if (erase) ++server.release_calls;
  if (erase && server.mood == Mood::kKeepsSilent) return SlotAnswer::kNoAnswer;
  if (erase && server.mood != Mood::kKeeps) server.held.erase(client_id);
  const bool kept = !erase || server.mood == Mood::kKeeps;
  return held && kept ? SlotAnswer::kHeld : SlotAnswer::kNotHeld;
}

void FakeGameServerClient::Reserve(const std::string& control_url, const std::string& client_id,
                                   std::chrono::milliseconds /*timeout*/, OnSlot done) {
  done(Take(control_url, client_id), "timed out");
}

void FakeGameServerClient::Check(const std::string& control_url, const std::string& client_id,
                                 std::chrono::milliseconds /*timeout*/, OnSlot done) {
  done(Give(control_url, client_id, false), "timed out");
}

void FakeGameServerClient::Release(const std::string& control_url, const std::string& client_id,
                                   std::chrono::milliseconds /*timeout*/, OnSlot done) {
  done(Give(control_url, client_id, true), "timed out");
}

void FakeGameServerClient::Ask(const std::string& control_url,
                               std::chrono::milliseconds /*timeout*/, OnOccupancy done) {
  absl::StatusOr<std::optional<lobby::Occupancy>> answer = absl::UnavailableError("timed out");
  {
    base::MutexLock lock(&mu_);
    const auto it = servers_.find(control_url);
    const bool up = it != servers_.end() && it->second.looks_until_up-- <= 0 &&
                    it->second.mood != Mood::kHangs && it->second.mood != Mood::kTakesInSilence;
    if (up && !it->second.tells) answer = std::nullopt;
    if (up && it->second.tells) {
      const int used = static_cast<int>(it->second.held.size()) + it->second.foreign;
      answer = lobby::Occupancy{.slots = it->second.slots, .used = used};
    }
  }
  done(answer);
}

}  // namespace muster::fakes
