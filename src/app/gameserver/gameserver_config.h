#pragma once

#include "absl/status/statusor.h"
#include "base/environment.h"
#include "gameserver/game_server.h"

namespace muster::app::gameserver {

// Reads all that muster-gameserver takes from its environment. INVALID_ARGUMENT with all problems
// in one message.
absl::StatusOr<muster::gameserver::GameServer::Options> ReadGameServerConfig(
    const base::Environment& environment);

}  // namespace muster::app::gameserver
