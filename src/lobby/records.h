#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lobby/game_server.h"
#include "lobby/request.h"

// Records as JSON text: how the stores keep them and the event bus carries them. Members that hold
// their default are left out; unknown ones are passed over, so that an older program can read what
// a newer one wrote.
namespace muster::lobby {

std::string EncodeRequest(const Request& request);
// INVALID_ARGUMENT when it is none, or lacks client_id, id or state.
absl::StatusOr<Request> DecodeRequest(std::string_view text);

std::string EncodeServer(const GameServer& server);
// INVALID_ARGUMENT when it is none, or lacks id or state.
absl::StatusOr<GameServer> DecodeServer(std::string_view text);

}  // namespace muster::lobby
