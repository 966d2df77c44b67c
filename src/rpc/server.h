#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "auth/access_control.h"
#include "base/clock.h"
#include "base/ids.h"
#include "match/logic_registry.h"
#include "rpc/call_limits.h"
#include "telemetry/access_metrics.h"
#include "telemetry/call_metrics.h"
#include "telemetry/log.h"
#include "telemetry/match_metrics.h"
#include "telemetry/tracer.h"

namespace muster::rpc {

// A running match function server: the five calls, health ("" and the service's name) and
// reflection. Thread-safe.
class Server {
 public:
  // PEM texts. Without a certificate the listener speaks plain text.
  struct Tls {
    std::string certificate_chain;
    std::string private_key;
    // Not empty: callers must show a certificate of one of these authorities.
    std::string client_authorities;
  };

  struct Options {
    std::string address = "0.0.0.0";
    // 0: any free port.
    int port = 6565;
    CallLimits limits;
    // Threads that run matching; 0: one a core.
    size_t match_workers = 0;
    // Streams that may wait for one of them.
    size_t max_queued_matches = 1000;
    match::LogicOptions logic;
    // A line in the log for each call that ended well.
    bool log_calls = true;
    Tls tls;
    // Seed of all ids; tests set it.
    base::IdSeed id_seed = base::RandomIdSeed();
    // Between the moment health says NOT_SERVING and the moment no new call is taken, so that a
    // balancer can turn away first.
    std::chrono::milliseconds drain_delay{200};
    // How long calls may take to end after that; then they are cancelled.
    std::chrono::milliseconds drain_grace{10'000};
  };

  // What the server works with; all of it outlives the server.
  struct Parts {
    telemetry::Logger& log;
    telemetry::MatchMetrics& match_metrics;
    telemetry::AccessMetrics& access_metrics;
    // Null: calls are not counted.
    telemetry::CallMetrics* call_metrics;
    telemetry::Tracer& tracer;
    // Null: anybody may call. Else health turns SERVING when it is ready.
    auth::AccessControl* access;
    const base::Clock& clock;
  };

  // Starts to serve with the logic that `factory` makes. UNAVAILABLE, naming the address, when it
  // cannot be bound. A logic that cannot be made without rules (INVALID_ARGUMENT) adds nothing to
  // tickets; other errors of the factory end the start.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       const match::LogicFactory& factory,
                                                       const Parts& parts);

  // Stops if Stop was not called.
  virtual ~Server() = default;

  // Where it listens, for example "127.0.0.1:6565", with the port that was bound.
  virtual const std::string& address() const = 0;

  // Turns health to NOT_SERVING, lets calls end for the times of the options, cancels the rest and
  // returns when no handler runs any more. Calls after the first do nothing.
  virtual void Stop() = 0;
};

}  // namespace muster::rpc
