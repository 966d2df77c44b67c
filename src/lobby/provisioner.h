#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lobby/request.h"

namespace muster::lobby {

// A game server to start.
struct ServerSpec {
  std::string server_id;
  // What it is told beside what the provisioner adds: SERVER_TOKEN, LOBBY_URL, MAX_PLAYERS, ...
  // The provisioner adds SERVER_ID, GAME_PORT and CONTROL_PORT.
  std::map<std::string, std::string> environment;
};

// A server of this deployment that the engine has, running or not.
struct FoundServer {
  std::string server_id;
  bool running = false;
  // Complete when it runs and its ports are known; else only server_id is set.
  Place place;
  // See GameServer::version.
  std::string version;
};

// Starts and stops game servers. Every server carries its id and the deployment's name where
// List() finds them again, so that none is forgotten. Calls block, each for a bounded time, and end
// early with CANCELLED when `stop` is requested; thread-safe.
class Provisioner {
 public:
  // `reason` in words: "exited with 137 (out of memory)", with the last line of its output when
  // there is one.
  using OnExit = std::function<void(const std::string& server_id, const std::string& reason)>;
  // Exits may have been missed: look at List().
  using OnGap = std::function<void()>;

  // Ends it; returns when no callback is running.
  class Watch {
   public:
    virtual ~Watch() = default;
  };

  virtual ~Provisioner() = default;

  // For example "docker".
  virtual std::string_view name() const = 0;
  // What servers are made from, in short: command or image with what was configured for it. See
  // GameServer::version.
  virtual std::string version() const = 0;

  // Returns when the server runs and its ports are known, which is before it answers on them. A
  // failed start leaves nothing behind. Errors a new attempt may mend are UNAVAILABLE (the engine
  // does not answer), DEADLINE_EXCEEDED or RESOURCE_EXHAUSTED; those that somebody must mend
  // NOT_FOUND (no such image or program), INVALID_ARGUMENT or PERMISSION_DENIED; any other
  // INTERNAL. The message is fit for a player's eyes: no addresses, no secrets.
  virtual absl::StatusOr<Place> Start(const ServerSpec& spec, std::stop_token stop) = 0;

  // Asks the server to end, waits for a bounded time, ends it by force, and removes all that is
  // left of it. OK when there is no such server.
  virtual absl::Status Stop(const std::string& server_id, std::stop_token stop) = 0;

  // All servers of this deployment that the engine has.
  virtual absl::StatusOr<std::vector<FoundServer>> List(std::stop_token stop) = 0;

  // From now on tells of servers of this deployment that ended, also of those that were adopted and
  // of those that Stop ended; on a thread of the provisioner. Callbacks must be short.
  virtual std::unique_ptr<Watch> WatchExits(OnExit on_exit, OnGap on_gap) = 0;
};

}  // namespace muster::lobby
