#pragma once

namespace muster::app::lobby_server {

// The whole of muster-lobby: reads the process' environment, serves until SIGTERM or SIGINT,
// drains, and returns the exit code: 0 after a clean stop, 1 when the start failed. Call it first
// thing in main, before any thread exists.
int RunLobby();

}  // namespace muster::app::lobby_server
