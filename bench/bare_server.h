#pragma once

#include <memory>

#include "grpcpp/server.h"

namespace muster::bench {

// The reference of the speed goals: the same messages over the same raw callback API with the same
// server options as ours, and no features. It parses every request into the generated message;
// ValidateTicket answers true, EnrichTicket echoes, MakeMatches answers every two tickets with a
// match of one team, or as the call's headers ask (bare_tick.h). Listens on a free port of
// 127.0.0.1, which `port` tells; null when it cannot.
class BareServer {
 public:
  static std::unique_ptr<BareServer> Start(int* port);
  virtual ~BareServer() = default;
  // Blocks; the process ends by signal.
  virtual void Wait() = 0;
};

}  // namespace muster::bench
