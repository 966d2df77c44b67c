#include "app/gameserver/gameserver_app.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

#include "app/gameserver/gameserver_config.h"
#include "app/signals.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "base/version.h"
#include "gameserver/game_server.h"
#include "gameserver/json_log.h"
#include "gameserver/plain_http_sender.h"

namespace muster::app::gameserver {
namespace {

using muster::gameserver::GameServer;
using muster::gameserver::JsonLog;
using muster::gameserver::PlainHttpSender;

absl::Status Serve(JsonLog& log) {
  MUSTER_ASSIGN_OR_RETURN(const GameServer::Options options,
                          ReadGameServerConfig(base::Environment::Process()));
  PlainHttpSender sender(base::StrCat("muster-gameserver/", base::kVersion));
  // The server's own end takes the way of everybody else's.
  const auto on_end = [&log](std::string_view why) {
    log.Info("ending", {{"why", why}});
    kill(getpid(), SIGTERM);
  };
  MUSTER_ASSIGN_OR_RETURN(const auto server,
                          GameServer::Start(options, {base::Clock::System(), log, sender, on_end}));
  log.Info("ready", {{"game_port", server->player_port()},
                     {"control_port", server->control_port()},
                     {"slots", static_cast<int64_t>(options.slots.slots)},
                     {"version", base::kVersion},
                     {"pid", getpid()}});
  const int signal = WaitForStopSignal();
  log.Info("stopping", {{"signal", signal}});
  server->Stop();
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int RunGameServer() {
  BlockStopSignals();
  IgnoreBrokenPipes();
  JsonLog log(base::Clock::System(), muster::gameserver::WriteToStandardOutput);
  const absl::Status status = Serve(log);
  if (status.ok()) return 0;
  log.Error("start failed", {{"detail", base::FromAbsl(status.message())}});
  return 1;
}

}  // namespace muster::app::gameserver
