#pragma once

#include <chrono>

namespace muster::lobby {

struct FleetOptions {
  // Empty servers kept for whoever comes next, starting ones included.
  int min_ready = 0;
  // Never more servers than these, starting and ending ones included.
  int max_servers = 100;
  // Servers that are started at once.
  int max_starting = 3;
  // Players a server takes; 0: what it says itself, or what its refusals teach.
  int slots = 0;
  // An empty server is stopped after so long.
  std::chrono::milliseconds idle_timeout{300'000};
  // From the engine's word that it runs to the first answer; then it has failed.
  std::chrono::milliseconds start_timeout{30'000};
  // Of one call to a game server. A quarter of it while another server has room: one that hangs
  // then costs less than one timeout.
  std::chrono::milliseconds call_timeout{5'000};
  // Between calls to a new server that does not answer yet, the first ones quicker, and before a
  // full one is asked again.
  std::chrono::milliseconds call_pause{2'000};
  // So many times in a row a server that was ready may leave calls unanswered; then it is gone.
  int call_attempts = 3;
  // The longest time between two looks at a server's occupancy when no event came.
  std::chrono::milliseconds look_interval{1'000};
  // Attempts of a request before it is refused, and for how long at first; doubled each time.
  int request_attempts = 3;
  std::chrono::milliseconds first_retry{5'000};
  std::chrono::milliseconds last_retry{300'000};
  // After a failed start, before the next one; doubled each time, up to last_retry.
  std::chrono::milliseconds start_pause{1'000};
  // How long records of ended things stay, unless they are asked for.
  std::chrono::milliseconds record_ttl{3'600'000};
};

}  // namespace muster::lobby
