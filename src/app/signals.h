#pragma once

namespace muster::app {

// Holds SIGTERM and SIGINT back from this thread and all that it starts later. Call before any
// thread exists, so that WaitForStopSignal is the only one to see them.
void BlockStopSignals();

// A reader that closed its end of a pipe or a socket shall fail a write, not end the program.
void IgnoreBrokenPipes();

// As many open files as this user may have: many systems begin with far fewer.
void RaiseFileLimit();

// Waits for SIGTERM or SIGINT and returns its number.
int WaitForStopSignal();

}  // namespace muster::app
