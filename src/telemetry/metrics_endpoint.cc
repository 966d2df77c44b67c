#include "telemetry/metrics_endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/stop_wait.h"
#include "base/strings.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"

namespace muster::telemetry {
namespace {

// Threads that answer scrapes, and how long a client may take to ask: one that stalls must not take
// the metrics away from the others.
constexpr char kThreads[] = "4";
constexpr char kRequestTimeoutMs[] = "2000";

constexpr std::chrono::milliseconds kPokeInterval{20};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    const Options& options, std::shared_ptr<prometheus::Collectable> series) {
  const std::string bind_address = base::JoinHostPort(options.address, options.port);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", bind_address, "num_threads", kThreads,
                                 "request_timeout_ms", kRequestTimeoutMs});
    exposer->RegisterCollectable(series, options.path);
    const int port = exposer->GetListeningPorts().at(0);
    const std::string bound = base::JoinHostPort(options.address, port);
    // The constructor is private, out of make_unique's reach.
    return std::unique_ptr<MetricsEndpoint>(
        new MetricsEndpoint(std::move(exposer), std::move(series), bound, port));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        base::StrCat("metrics: cannot listen on ", bind_address, ": ", error.what()));
  }
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                                 std::shared_ptr<prometheus::Collectable> series,
                                 std::string address, int port)
    : series_(std::move(series)),
      address_(std::move(address)),
      port_(port),
      exposer_(std::move(exposer)) {}

MetricsEndpoint::~MetricsEndpoint() {
  // The listener sees that it shall stop only every two seconds, or when somebody connects.
  const std::jthread waker([this](const std::stop_token& stop) {
    do {
      Poke();
    } while (base::WaitUnlessStopped(kPokeInterval, stop));
  });
  exposer_.reset();
}

void MetricsEndpoint::Poke() const {
  sockaddr_in listener = {};
  listener.sin_family = AF_INET;
  listener.sin_port = htons(static_cast<uint16_t>(port_));
  listener.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  // Whether it succeeds does not matter: without it the stop only takes longer.
  (void)connect(descriptor, reinterpret_cast<const sockaddr*>(&listener), sizeof(listener));
  close(descriptor);
}

}  // namespace muster::telemetry
