#pragma once

namespace muster::app {

// Holds SIGTERM and SIGINT back from this thread and all that it starts later. Call before any
// thread exists, so that WaitForStopSignal is the only one to see them.
void BlockStopSignals();

// Waits for SIGTERM or SIGINT and returns its number.
int WaitForStopSignal();

}  // namespace muster::app
