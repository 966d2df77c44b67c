#pragma once

namespace muster::app::gameserver {

// The whole of muster-gameserver: reads the process' environment, serves until SIGTERM, SIGINT or
// its own end, and returns the exit code: 0 after a clean stop, 1 when the start failed. Call it
// first thing in main, before any thread exists.
int RunGameServer();

}  // namespace muster::app::gameserver
