#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace prometheus {
class Collectable;
class Exposer;
}  // namespace prometheus

namespace muster::telemetry {

// Serves series over HTTP in Prometheus' text format until it is destroyed.
class MetricsEndpoint {
 public:
  struct Options {
    std::string address = "0.0.0.0";
    // 0: any free port.
    int port = 8080;
    // Path under which the series are served; starts with `/`.
    std::string path = "/metrics";
  };

  // UNAVAILABLE, naming the address, when it cannot be bound.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(
      const Options& options, std::shared_ptr<prometheus::Collectable> series);
  ~MetricsEndpoint();

  // Where it listens, for example "127.0.0.1:8080", with the port that was bound.
  const std::string& address() const { return address_; }

 private:
  MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                  std::shared_ptr<prometheus::Collectable> series, std::string address, int port);

  // Connects to the listener, so that it looks up.
  void Poke() const;

  const std::shared_ptr<prometheus::Collectable> series_;
  const std::string address_;
  const int port_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace muster::telemetry
