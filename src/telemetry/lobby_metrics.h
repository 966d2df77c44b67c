#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "telemetry/metric_registry.h"

namespace muster::telemetry {

// What a scrape shows of the lobby.
struct LobbyGauges {
  bool is_owner = false;
  double waiting_requests = 0;
  double servers_starting = 0;
  double servers_ready = 0;
  double servers_draining = 0;
  double slots = 0;
  double slots_used = 0;
  double connections = 0;
  double web_sockets = 0;
  double pending_server_calls = 0;
  // Counts of what was let go, since the start.
  double bus_dropped = 0;
  double unreadable_records = 0;
};

// What happened in a lobby; docs/metrics.md lists the series. Thread-safe.
class LobbyMetrics {
 public:
  // `registry` outlives the object. `refusals`: values of the label `reason` of connections that
  // the HTTP server turned away, each named by its place.
  LobbyMetrics(MetricRegistry& registry, const std::vector<std::string_view>& refusals);
  ~LobbyMetrics();
  LobbyMetrics(const LobbyMetrics&) = delete;
  LobbyMetrics& operator=(const LobbyMetrics&) = delete;

  // `call` is one of a bounded number of names, `status` of HTTP.
  void CallEnded(std::string_view call, int status, std::chrono::nanoseconds duration);
  void Refused(size_t refusal);
  void RateLimited();
  void SocketMessage(bool sent);
  // A request's life, from its ask.
  void RequestDone(std::chrono::milliseconds waited);
  void RequestFailed();
  void ServerStarted(std::chrono::milliseconds took);
  void ServerFailed();
  void ServerEnded();
  // A call of the store or the engine began to fail.
  void Trouble(std::string_view what);

  // From now on `look` tells the state at each scrape. What it uses outlives the last scrape.
  void Show(std::function<LobbyGauges()> look);

 private:
  struct Series;
  MetricRegistry& registry_;
  const std::shared_ptr<Series> series_;
};

}  // namespace muster::telemetry
