#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/worker_pool.h"
#include "lobby/fleet_inbox.h"
#include "lobby/game_server_client.h"
#include "lobby/provisioner.h"

namespace muster::lobby {

// Makes the calls that the fleet decided on; their results come through the inbox. What a port
// throws is caught and becomes the reason. Of the fleet's loop alone.
class FleetCalls {
 public:
  struct Options {
    int max_starting = 3;
    std::map<std::string, std::string> server_environment;
    std::function<std::string(const std::string& server_id)> token_of;
  };
  using OnList = std::function<void(Fleet* fleet, absl::StatusOr<std::vector<FoundServer>> found)>;

  // The ports outlive the object.
  FleetCalls(Options options, Provisioner& provisioner, GameServerClient& game_servers,
             std::shared_ptr<FleetInbox> inbox);
  // Ends the calls to the engine early, and waits for that. Stops that still wait are made all the
  // same, told to end early from their start: an engine may then have no patience with the server.
  ~FleetCalls();
  FleetCalls(const FleetCalls&) = delete;
  FleetCalls& operator=(const FleetCalls&) = delete;

  // All calls of `decisions`; `revisions` as for Fleet::OnCommitted; `fleet`: whose decisions.
  void Make(const FleetDecisions& decisions, const std::vector<int64_t>& revisions, int64_t fleet);
  // `done` runs on the loop; with null when that fleet is no more.
  void List(int64_t fleet, OnList done);
  void CancelStarts() { starts_stop_.request_stop(); }

  // Servers that the engine is still asked for, whichever fleet decided it.
  const std::set<std::string>& launching() const { return launching_; }

 private:
  void Start(const std::string& server_id);
  void Stop(const std::string& server_id);
  void Reserve(const FleetDecisions::SlotCall& call, int64_t fleet);
  void Release(const FleetDecisions::SlotCall& call, int64_t fleet);
  void Ask(const FleetDecisions::StatusCall& call, int64_t fleet);

  const Options options_;
  Provisioner& provisioner_;
  GameServerClient& game_servers_;
  const std::shared_ptr<FleetInbox> inbox_;
  std::set<std::string> launching_;
  std::stop_source starts_stop_;
  std::stop_source stop_;
  base::WorkerPool starts_;
  // Made when the first server is stopped: it has many threads.
  std::optional<base::WorkerPool> stops_;
  base::WorkerPool lists_;
};

}  // namespace muster::lobby
