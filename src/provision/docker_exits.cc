#include "provision/docker_exits.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "provision/engine_bodies.h"
#include "provision/engine_json.h"
#include "provision/exit_reason.h"
#include "provision/server_identity.h"

namespace muster::provision {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// Before the engine is tried again: at first, and at most when it stays away.
constexpr std::chrono::milliseconds kPause{300};
constexpr std::chrono::milliseconds kMaxPause{3'000};
// Of small questions in between.
constexpr std::chrono::milliseconds kAskTimeout{5'000};

std::string EventsPath(const std::string& deployment, int64_t since_ns) {
  const std::string filter = OwnFilter(deployment, "\"type\":[\"container\"],\"event\":[\"die\"]");
  return base::StrCat("/events?since=",
                      absl::StrFormat("%d.%09d", since_ns / kNsPerSecond, since_ns % kNsPerSecond),
                      "&filters=", filter);
}

}  // namespace

std::string ExplainContainer(EngineApi& api, const std::string& id, int exit_code,
                             const std::stop_token& stop) {
  const std::string path = base::StrCat("/containers/", id);
  const auto answer = api.Call({.path = path + "/json", .timeout = kAskTimeout}, stop);
  if (!answer.ok()) return ExitReason(exit_code, /*out_of_memory=*/false, "");
  const absl::StatusOr<Container> container = ParseContainer(*answer);
  if (!container.ok()) return ExitReason(exit_code, /*out_of_memory=*/false, "");
  const auto log =
      api.Call({.path = path + "/logs?stdout=1&stderr=1&tail=5", .timeout = kAskTimeout}, stop);
  return ExitReason(container->exit_code, container->out_of_memory,
                    log.ok() ? ParseLogFrames(*log) : "");
}

DockerExits::DockerExits(EngineApi& api, std::string deployment, lobby::Provisioner::OnExit on_exit,
                         lobby::Provisioner::OnGap on_gap)
    : api_(api),
      deployment_(std::move(deployment)),
      on_exit_(std::move(on_exit)),
      on_gap_(std::move(on_gap)),
      since_ns_(std::chrono::nanoseconds(base::Clock::System().Now().time_since_epoch()).count()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void DockerExits::Run(const std::stop_token& stop) {
  const base::Clock& clock = base::Clock::System();
  bool gap = false;
  std::chrono::milliseconds pause = kPause;
  while (!stop.stop_requested()) {
    const base::MonotonicTime begin = clock.MonotonicNow();
    // Only when the engine is there again can what it has be looked at.
    if (gap && api_.Call({.path = "/_ping", .timeout = kAskTimeout}, stop).ok()) {
      on_gap_();
      gap = false;
    }
    if (!gap) {
      // An engine that goes in good order ends the stream in good order.
      const absl::Status end =
          api_.Stream(EventsPath(deployment_, since_ns_), stop,
                      [this, &stop](std::string_view line) { OnEvent(line, stop); });
      if (stop.stop_requested()) return;
      gap = true;
      const bool stood = clock.MonotonicNow() - begin > kMaxPause;
      if (stood) pause = kPause;
      // Only the first of many in a row.
      if (pause == kPause) {
        api_.Detail(base::StrCat("events: the stream ended: ", end.ToString()));
      }
    }
    if (!base::WaitUnlessStopped(pause, stop)) return;
    pause = std::min(2 * pause, kMaxPause);
  }
}

void DockerExits::OnEvent(std::string_view line, const std::stop_token& stop) {
  const absl::StatusOr<ContainerEvent> event = ParseContainerEvent(line);
  // What came at the asked time comes again.
  if (!event.ok() || event->action != "die" || event->time_ns <= last_ns_) return;
  last_ns_ = event->time_ns;
  since_ns_ = event->time_ns;
  const std::optional<std::string> server_id = ServerIdOfName(deployment_, event->name);
  if (!server_id.has_value()) return;
  on_exit_(*server_id, ExplainContainer(api_, event->id, event->exit_code, stop));
}

}  // namespace muster::provision
