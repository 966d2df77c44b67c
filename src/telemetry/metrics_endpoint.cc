#include "telemetry/metrics_endpoint.h"

#include <exception>
#include <utility>

#include "base/strings.h"
#include "prometheus/exposer.h"
#include "prometheus/registry.h"

namespace muster::telemetry {
namespace {

// Threads that answer scrapes.
constexpr size_t kThreads = 1;

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    const Options& options, std::shared_ptr<prometheus::Registry> registry) {
  const std::string bind_address = base::StrCat(options.address, ":", options.port);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(bind_address, kThreads);
    exposer->RegisterCollectable(registry, options.path);
    const std::string bound =
        base::StrCat(options.address, ":", exposer->GetListeningPorts().at(0));
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
