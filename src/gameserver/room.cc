#include "gameserver/room.h"

#include <utility>

#include "nlohmann/json.hpp"

namespace muster::gameserver {
namespace {

using Json = nlohmann::ordered_json;

std::shared_ptr<const std::string> Shared(std::string frame) {
  return std::make_shared<const std::string>(std::move(frame));
}

std::string PlayerFrame(std::string_view type, const std::string& player) {
  return Json{{"type", type}, {"player", player}}.dump();
}

}  // namespace

bool Room::Reserve(std::string_view player) {
  base::MutexLock lock(&mu_);
  if (closed_ && !slots_.Holds(player)) return false;
  const bool reserved = slots_.Reserve(player);
  TellIfChanged();
  return reserved;
}

bool Room::Holds(std::string_view player) const {
  base::MutexLock lock(&mu_);
  return slots_.Holds(player);
}

Slots::Released Room::Release(std::string_view player) {
  base::MutexLock lock(&mu_);
  const Slots::Released released = slots_.Release(player);
  TellIfChanged();
  return released;
}

void Room::Expire() {
  base::MutexLock lock(&mu_);
  slots_.Expire();
  TellIfChanged();
}

Room::Occupancy Room::occupancy() const {
  base::MutexLock lock(&mu_);
  return {slots_.size(), slots_.used(), slots_.connected()};
}

bool Room::Enter(const std::string& player, SocketPtr socket) {
  base::MutexLock lock(&mu_);
  if (!slots_.Connect(player)) return false;
  const Json welcome = {{"type", "welcome"}, {"player", player}, {"slots", slots_.size()}};
  socket->Send(Shared(welcome.dump()));
  SocketPtr& current = sockets_[player];
  if (current != nullptr) {
    current->Close(net::server::CloseCode::kPolicyViolation, "the player connected again");
  } else {
    TellOthers(player, PlayerFrame("player_joined", player));
  }
  current = std::move(socket);
  return true;
}

void Room::Say(const std::string& player, const SocketPtr& socket, std::string_view text) {
  base::MutexLock lock(&mu_);
  if (!IsCurrent(player, socket)) return;
  ++messages_;
  TellOthers(player, Json{{"type", "message"}, {"from", player}, {"data", text}}.dump());
}

void Room::Leave(const std::string& player, const SocketPtr& socket) {
  base::MutexLock lock(&mu_);
  if (!IsCurrent(player, socket)) return;
  sockets_.erase(player);
  slots_.Disconnect(player);
  TellOthers(player, PlayerFrame("player_left", player));
}

void Room::Close() {
  base::MutexLock lock(&mu_);
  closed_ = true;
}

bool Room::CloseIfUnused(const std::function<bool()>& others_close) {
  base::MutexLock lock(&mu_);
  if (!closed_) closed_ = slots_.used() == 0 && others_close();
  return closed_;
}

bool Room::closed() const {
  base::MutexLock lock(&mu_);
  return closed_;
}

uint64_t Room::messages() const {
  base::MutexLock lock(&mu_);
  return messages_;
}

bool Room::IsCurrent(const std::string& player, const SocketPtr& socket) const {
  const auto found = sockets_.find(player);
  return found != sockets_.end() && found->second == socket;
}

void Room::TellOthers(const std::string& player, const std::string& frame) {
  const auto shared = Shared(frame);
  for (const auto& [other, socket] : sockets_) {
    if (other != player) socket->Send(shared);
  }
}

void Room::TellIfChanged() {
  if (slots_.used() == told_) return;
  told_ = slots_.used();
  on_change_();
}

}  // namespace muster::gameserver
