#include "provision/swarm_exits.h"

#include <set>
#include <utility>

#include "base/stop_wait.h"
#include "base/strings.h"
#include "provision/exit_reason.h"

namespace muster::provision {
namespace {

constexpr std::chrono::milliseconds kAskTimeout{10'000};
// The last words of a server are worth no long wait.
constexpr std::chrono::milliseconds kLogTimeout{1'000};
constexpr size_t kMaxStarted = 10'000;

}  // namespace

void StartedServices::Add(const std::string& service_id, const std::string& server_id) {
  base::MutexLock lock(&mu_);
  // Nobody watches.
  if (started_.size() >= kMaxStarted) started_.clear();
  started_.emplace(service_id, server_id);
}

std::map<std::string, std::string> StartedServices::Take() {
  base::MutexLock lock(&mu_);
  return std::exchange(started_, {});
}

SwarmExits::SwarmExits(EngineApi& api, StartedServices& started, std::string deployment,
                       std::chrono::milliseconds look_interval, lobby::Provisioner::OnExit on_exit,
                       lobby::Provisioner::OnGap on_gap)
    : api_(api),
      started_(started),
      deployment_(std::move(deployment)),
      look_interval_(look_interval),
      on_exit_(std::move(on_exit)),
      on_gap_(std::move(on_gap)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void SwarmExits::Run(const std::stop_token& stop) {
  bool gap = false;
  do {
    // Before the look: what is not in it has ended.
    for (const auto& [service_id, server_id] : started_.Take()) {
      known_.try_emplace(service_id, Known{.server_id = server_id});
    }
    const absl::StatusOr<std::vector<SwarmServer>> servers =
        ReadSwarmServers(api_, deployment_, "", kAskTimeout, stop);
    if (stop.stop_requested()) return;
    if (servers.ok()) {
      // A service that came and went in the meantime was never seen.
      if (gap) on_gap_();
      Compare(*servers, stop);
    }
    gap = !servers.ok();
  } while (base::WaitUnlessStopped(look_interval_, stop));
}

void SwarmExits::Compare(const std::vector<SwarmServer>& servers, const std::stop_token& stop) {
  std::set<std::string> there;
  for (const SwarmServer& server : servers) {
    there.insert(server.service_id);
    Known& known = known_[server.service_id];
    known.server_id = server.server_id;
    if (!server.HasEnded() || known.told) continue;
    known.told = true;
    Tell(server, stop);
  }
  std::erase_if(known_, [&](const auto& entry) {
    const auto& [service_id, known] = entry;
    if (there.contains(service_id)) return false;
    if (!known.told) on_exit_(known.server_id, "it was removed");
    return true;
  });
}

void SwarmExits::Tell(const SwarmServer& server, const std::stop_token& stop) {
  const bool ran = server.task->state == "failed" || server.task->state == "complete";
  std::string output;
  if (ran) {
    const auto log = api_.Call(
        {.path = base::StrCat("/tasks/", server.task->id, "/logs?stdout=1&stderr=1&tail=5"),
         .timeout = kLogTimeout},
        stop);
    if (log.ok()) output = ParseLogFrames(*log);
  }
  on_exit_(server.server_id, WithLastLine(server.EndReason(), output));
}

}  // namespace muster::provision
