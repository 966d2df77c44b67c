#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/provisioner.h"
#include "provision/engine_api.h"
#include "provision/swarm_servers.h"

namespace muster::provision {

// Services that were started since the last look, so that one that comes and goes between two looks
// is seen. Thread-safe.
class StartedServices {
 public:
  void Add(const std::string& service_id, const std::string& server_id);
  // Those that were added since; server ids by service ids.
  std::map<std::string, std::string> Take();

 private:
  base::Mutex mu_;
  std::map<std::string, std::string> started_ ABSL_GUARDED_BY(mu_);
};

// Tells of services of a deployment whose task ended, whose node was lost, or that were removed. It
// compares what is there at every look, because a Swarm has no events of tasks.
class SwarmExits final : public lobby::Provisioner::Watch {
 public:
  // `api` and `started`, which it alone takes from, outlive it.
  SwarmExits(EngineApi& api, StartedServices& started, std::string deployment,
             std::chrono::milliseconds look_interval, lobby::Provisioner::OnExit on_exit,
             lobby::Provisioner::OnGap on_gap);

 private:
  struct Known {
    std::string server_id;
    bool told = false;
  };

  void Run(const std::stop_token& stop);
  void Compare(const std::vector<SwarmServer>& servers, const std::stop_token& stop);
  void Tell(const SwarmServer& server, const std::stop_token& stop);

  EngineApi& api_;
  StartedServices& started_;
  const std::string deployment_;
  const std::chrono::milliseconds look_interval_;
  const lobby::Provisioner::OnExit on_exit_;
  const lobby::Provisioner::OnGap on_gap_;

  // The thread's own: by the service's id.
  std::map<std::string, Known> known_;

  std::jthread thread_;
};

}  // namespace muster::provision
