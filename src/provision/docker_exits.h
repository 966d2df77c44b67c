#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "lobby/provisioner.h"
#include "provision/engine_api.h"

namespace muster::provision {

// Tells of containers of a deployment that end, from the engine's stream of events. When the stream
// breaks it asks for what came since the last event, and tells of a gap, because an engine that was
// started anew has forgotten.
class DockerExits final : public lobby::Provisioner::Watch {
 public:
  // `api` outlives it.
  DockerExits(EngineApi& api, std::string deployment, lobby::Provisioner::OnExit on_exit,
              lobby::Provisioner::OnGap on_gap);

 private:
  void Run(const std::stop_token& stop);
  void OnEvent(std::string_view line, const std::stop_token& stop);

  EngineApi& api_;
  const std::string deployment_;
  const lobby::Provisioner::OnExit on_exit_;
  const lobby::Provisioner::OnGap on_gap_;

  // The thread's own, by the engine's clock: of the latest event, 0 before the first.
  int64_t last_ns_ = 0;
  // From when on events are asked for: until the first one by this machine's clock, so that nothing
  // may be compared with it.
  int64_t since_ns_ = 0;

  std::jthread thread_;
};

// How the container ended, in words; `exit_code` is used when it is gone.
std::string ExplainContainer(EngineApi& api, const std::string& id, int exit_code,
                             const std::stop_token& stop);

}  // namespace muster::provision
