#include "telemetry/metrics_endpoint.h"

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

// Threads that answer scrapes, and how long a client may take to ask: one that stalls must not take
// the metrics away from the others.
constexpr char kThreads[] = "4";
constexpr char kRequestTimeoutMs[] = "2000";

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    const Options& options, std::shared_ptr<prometheus::Registry> registry) {
  const std::string bind_address = base::JoinHostPort(options.address, options.port);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", bind_address, "num_threads", kThreads,
                                 "request_timeout_ms", kRequestTimeoutMs});
    exposer->RegisterCollectable(registry, options.path);
    const std::string bound =
        base::JoinHostPort(options.address, exposer->GetListeningPorts().at(0));
    // The constructor is private, out of make_unique's reach.
    return std::unique_ptr<MetricsEndpoint>(
        new MetricsEndpoint(std::move(exposer), std::move(registry), bound));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        base::StrCat("metrics: cannot listen on ", bind_address, ": ", error.what()));
  }
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                                 std::shared_ptr<prometheus::Registry> registry,
                                 std::string address)
    : registry_(std::move(registry)), address_(std::move(address)), exposer_(std::move(exposer)) {}

MetricsEndpoint::~MetricsEndpoint() = default;

}  // namespace muster::telemetry
