#pragma once

#include "match/logic_registry.h"

namespace muster::app {

// The whole of a match function program: reads the process' environment, serves with one of
// `logics` until SIGTERM or SIGINT, drains, and returns the exit code: 0 after a clean stop, 1 when
// the start failed. Call it first thing in main, before any thread exists.
int RunMatchFunction(const match::LogicRegistry& logics);

}  // namespace muster::app
