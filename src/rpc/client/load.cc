#include "rpc/client/load.h"

#include <cmath>

#include "base/status_macros.h"
#include "base/strings.h"
#include "rpc/client/connection.h"
#include "rpc/client/load_shared.h"

namespace muster::rpc::client {
namespace {

constexpr int kMaxInFlight = 10'000;
constexpr std::chrono::seconds kConnectTimeout(2);

absl::Status Check(const LoadOptions& options) {
  if (options.in_flight < 1 || options.in_flight > kMaxInFlight) {
    return absl::InvalidArgumentError(
        base::StrCat("in flight ", options.in_flight, " is not from 1 to ", kMaxInFlight));
  }
  if (options.count < 0 || options.duration.count() < 0 ||
      (options.count == 0 && options.duration.count() == 0)) {
    return absl::InvalidArgumentError("neither a count nor a duration above 0");
  }
  if (!(options.calls_per_second >= 0) || !std::isfinite(options.calls_per_second)) {
    return absl::InvalidArgumentError(
        base::StrCat("calls per second ", options.calls_per_second, " is not 0 or more"));
  }
  if (options.method != LoadMethod::kStatCodes && options.tickets.empty()) {
    return absl::InvalidArgumentError("no tickets");
  }
  return absl::OkStatus();
}

}  // namespace

double LoadReport::PerSecond(int64_t events) const {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  return seconds > 0 ? static_cast<double>(events) / seconds : 0;
}

absl::StatusOr<LoadReport> RunLoad(const ClientOptions& client_options,
                                   const LoadOptions& options) {
  MUSTER_RETURN_IF_ERROR(Check(options));
  const std::shared_ptr<grpc::Channel> channel = OpenChannel(client_options);
  if (!channel->WaitForConnected(DeadlineIn(kConnectTimeout))) {
    return absl::UnavailableError(base::StrCat("no connection to ", client_options.target));
  }
  LoadShared shared(client_options, options, channel);
  for (int i = 0; i < options.in_flight; ++i) {
    if (options.method == LoadMethod::kMakeMatches) {
      StartStreamWorker(&shared);
    } else {
      StartUnaryWorker(&shared);
    }
  }
  shared.WaitFor(options.in_flight);
  return shared.Report();
}

}  // namespace muster::rpc::client
