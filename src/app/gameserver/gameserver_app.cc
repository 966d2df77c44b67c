#include "app/gameserver/gameserver_app.h"

#include <unistd.h>

#include <csignal>
#include <string>
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
using muster::gameserver::WriteToStandardOutput;

constexpr std::string_view kHelp =
    "muster-gameserver: the reference game server. Its configuration is its environment.\n"
    "  --version  writes the version\n"
    "  --help     writes this\n";

// What an argument asks for instead of a server.
absl::StatusOr<std::string> AnswerTo(std::string_view argument) {
  if (argument == "--version") return base::StrCat(base::kVersion, "\n");
  if (argument == "--help") return std::string(kHelp);
  return absl::InvalidArgumentError(
      base::StrCat("argument `", argument, "` is neither --version nor --help"));
}

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

absl::Status Run(std::span<const char* const> arguments, JsonLog& log) {
  if (arguments.empty()) return Serve(log);
  MUSTER_ASSIGN_OR_RETURN(const std::string answer, AnswerTo(arguments.front()));
  WriteToStandardOutput(answer);
  return absl::OkStatus();
}

}  // namespace

int RunGameServer(std::span<const char* const> arguments) {
  BlockStopSignals();
  IgnoreBrokenPipes();
  JsonLog log(base::Clock::System(), WriteToStandardOutput);
  const absl::Status status = Run(arguments, log);
  if (status.ok()) return 0;
  log.Error("start failed", {{"detail", base::FromAbsl(status.message())}});
  return 1;
}

}  // namespace muster::app::gameserver
