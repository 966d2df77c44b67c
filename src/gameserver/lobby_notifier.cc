#include "gameserver/lobby_notifier.h"

#include <utility>

#include "base/stop_wait.h"
#include "base/strings.h"
#include "net/url.h"

namespace muster::gameserver {
namespace {

base::HttpRequest MakeRequest(const LobbyNotifier::Options& options) {
  base::HttpRequest request;
  request.method = "POST";
  request.url = base::StrCat(options.lobby_url, "/v1/servers/",
                             net::EncodePathSegment(options.server_id), "/changed");
  request.headers = {{"Authorization", base::StrCat("Bearer ", options.token)}};
  request.timeout = options.timeout;
  request.discard_body = true;
  return request;
}

// Says what is wrong; empty when nothing is.
std::string Problem(const absl::StatusOr<base::HttpResponse>& answer) {
  if (!answer.ok()) return std::string(answer.status().message());
  if (answer->status / 100 == 2) return "";
  return base::StrCat("status ", answer->status);
}

}  // namespace

LobbyNotifier::LobbyNotifier(Options options, base::HttpSender& sender, JsonLog& log)
    : options_(std::move(options)),
      request_(MakeRequest(options_)),
      sender_(sender),
      log_(log),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

LobbyNotifier::~LobbyNotifier() {
  thread_.request_stop();
  thread_.join();
}

void LobbyNotifier::NotifyChanged() {
  base::MutexLock lock(&mu_);
  is_due_ = true;
  changed_.Signal();
}

LobbyNotifier::Counts LobbyNotifier::counts() const {
  base::MutexLock lock(&mu_);
  return counts_;
}

void LobbyNotifier::Run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    base::MutexLock lock(&mu_);
    changed_.Signal();
  });
  while (WaitForChange(stop)) {
    Tell(stop);
    if (!base::WaitUnlessStopped(options_.pause, stop)) return;
  }
}

bool LobbyNotifier::WaitForChange(const std::stop_token& stop) {
  base::MutexLock lock(&mu_);
  while (!is_due_ && !stop.stop_requested()) changed_.Wait(&mu_);
  is_due_ = false;
  return !stop.stop_requested();
}

void LobbyNotifier::Tell(const std::stop_token& stop) {
  const std::string problem = Problem(sender_.Send(request_, stop));
  if (stop.stop_requested()) return;
  if (problem.empty() == failing_) {
    if (failing_) log_.Info("lobby can be told again");
    if (!failing_) log_.Warn("lobby cannot be told of a change", {{"detail", problem}});
    failing_ = !failing_;
  }
  base::MutexLock lock(&mu_);
  ++(problem.empty() ? counts_.sent : counts_.failed);
}

}  // namespace muster::gameserver
