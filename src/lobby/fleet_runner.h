#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.h"
#include "lobby/event_bus.h"
#include "lobby/fleet.h"
#include "lobby/game_server_client.h"
#include "lobby/provisioner.h"
#include "lobby/store.h"

namespace muster::lobby {

// What became of the fleet's work, for metrics and logs. Called on threads of the runner; must be
// short. All have an empty default.
class FleetObserver {
 public:
  virtual ~FleetObserver() = default;
  // This replica became, or ceased to be, the owner.
  virtual void OnOwner(bool /*owner*/) {}
  virtual void OnServerStarted(const std::string& /*server_id*/,
                               std::chrono::milliseconds /*took*/) {}
  virtual void OnServerFailed(const std::string& /*server_id*/, const std::string& /*reason*/) {}
  virtual void OnServerEnded(const std::string& /*server_id*/, const std::string& /*reason*/) {}
  // Once a server; it is tried again.
  virtual void OnServerStopFailed(const std::string& /*server_id*/, const std::string& /*reason*/) {
  }
  // At Stop, of the owner: so many servers stay; `in_time`: all that were to be stopped are.
  virtual void OnServersLeft(int /*count*/, bool /*in_time*/) {}
  virtual void OnRequestDone(const Request& /*request*/) {}
  virtual void OnRequestFailed(const Request& /*request*/) {}
  // The store or the engine began to fail (not OK), or works again.
  virtual void OnTrouble(std::string_view /*what*/, const absl::Status& /*status*/) {}
};

// Owns the fleet while it holds the lease "fleet": reads the store, lets Fleet decide, commits, and
// makes the calls. Replicas without the lease wait for it. Losing it, or not being able to renew it
// in time, ends all decisions at once; what is already under way may end, and cannot be written.
//
// A message on the work channel makes it read the store, or look at the server whose id the message
// is. Requests that became done or failed, or were removed (then as cancelled), are published on
// the requests channel after they were committed. A new owner, or one who does not know what became
// of a commit, publishes those that became so within the last minutes again. While the store or the
// engine fails it tries again, less and less often. What the ports throw is caught and kept as the
// reason. Thread-safe.
class FleetRunner {
 public:
  struct Options {
    FleetOptions fleet;
    // Environment of each server, beside SERVER_TOKEN.
    std::map<std::string, std::string> server_environment;
    // The token of a server.
    std::function<std::string(const std::string& server_id)> token_of;
    std::chrono::milliseconds lease_ttl{10'000};
    // Between two comparisons with the engine's list.
    std::chrono::milliseconds list_interval{30'000};
    // What becomes of servers at Stop.
    bool stop_used_servers = false;
    bool stop_empty_servers = true;
    std::chrono::milliseconds stop_timeout{20'000};
  };

  // Everything outlives the runner.
  struct Ports {
    Store& store;
    EventBus& bus;
    Provisioner& provisioner;
    GameServerClient& game_servers;
    FleetObserver& observer;
    const base::Clock& clock;
  };

  // Starts its threads.
  FleetRunner(const Options& options, Ports ports, base::IdSeed seed);
  // Stops.
  ~FleetRunner();
  FleetRunner(const FleetRunner&) = delete;
  FleetRunner& operator=(const FleetRunner&) = delete;

  // Stops servers as the options say, if this replica is the owner, gives the lease back and joins
  // its loop; at most stop_timeout. Servers are stopped also while the store fails, as long as the
  // lease holds; when the requests cannot be read, only if all servers are to be stopped. May be
  // called twice.
  void Stop();

  bool is_owner() const;
  // Of the owner; empty elsewhere.
  FleetView View() const;
  // FAILED_PRECONDITION when this replica is not the owner, UNAVAILABLE when it is busy for too
  // long; else as Fleet::Drain.
  absl::Status Drain(const std::string& server_id, bool at_once);

 private:
  class Loop;
  struct Running;
  const std::unique_ptr<Running> running_;
};

}  // namespace muster::lobby
