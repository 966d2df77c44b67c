#pragma once

#include <span>

namespace muster::app::gameserver {

// The whole of muster-gameserver: reads the process' environment, serves until SIGTERM, SIGINT or
// its own end, and returns the exit code: 0 after a clean stop, 1 when the start failed. With
// --version or --help it writes the version or what can be said, and returns 0; any other of
// `arguments`, which do not hold the program's name, fails the start. Call it first thing in main,
// before any thread exists.
int RunGameServer(std::span<const char* const> arguments);

}  // namespace muster::app::gameserver
