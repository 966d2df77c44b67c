#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "gameserver/slots.h"
#include "net/server/web_socket.h"

namespace muster::gameserver {

// The place of the players with a slot: it greets them, tells them of each other, and passes what
// one says to the others. Thread-safe.
//
// Frames: {"type":"welcome","player":U,"slots":n} to who came, {"type":"player_joined","player":U}
// and {"type":"player_left","player":U} to the others, and {"type":"message","from":U,"data":TEXT}
// for each text message of another, with the text as it came as a string.
class Room {
 public:
  using SocketPtr = std::shared_ptr<net::server::WebSocket>;
  struct Occupancy {
    size_t slots = 0;
    size_t used = 0;
    size_t connected = 0;
  };

  // `on_change` is called, on any thread, when the number of used slots changed; it must be short
  // and not call back.
  Room(Slots::Options options, const base::Clock& clock, std::function<void()> on_change)
      : on_change_(std::move(on_change)), slots_(options, clock) {}

  // As those of Slots. A closed room reserves for nobody new.
  bool Reserve(std::string_view player);
  bool Holds(std::string_view player) const;
  Slots::Released Release(std::string_view player);
  void Expire();
  Occupancy occupancy() const;

  // Lets the player in through `socket`; a connection that the player had before is closed for it.
  // False, and nothing else, when the player holds no slot.
  bool Enter(const std::string& player, SocketPtr socket);
  // What came through a socket. Of one that was replaced, nothing counts.
  void Say(const std::string& player, const SocketPtr& socket, std::string_view text);
  void Leave(const std::string& player, const SocketPtr& socket);

  // Reserves for nobody new from now on.
  void Close();
  // As Close, when nobody holds a slot and `others_close` agrees, which is asked while nobody can
  // reserve: either all close or none does. It must not call back. Whether the room is closed now.
  bool CloseIfUnused(const std::function<bool()>& others_close);
  bool closed() const;

  // Messages that players sent.
  uint64_t messages() const;

 private:
  bool IsCurrent(const std::string& player, const SocketPtr& socket) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellOthers(const std::string& player, const std::string& frame)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellIfChanged() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::function<void()> on_change_;
  mutable base::Mutex mu_;
  Slots slots_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, SocketPtr> sockets_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  // The used slots when on_change was last called.
  size_t told_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t messages_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace muster::gameserver
