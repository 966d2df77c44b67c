#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "rpc/client/client_options.h"

namespace muster::rpc::client {

// The states of grpc.health.v1, with its numbers.
enum class HealthState { kUnknown = 0, kServing = 1, kNotServing = 2, kServiceUnknown = 3 };

// As in the protocol, for example "NOT_SERVING".
std::string_view HealthStateName(HealthState state);

// Asks grpc.health.v1.Health/Check once. An empty `service` means the whole server. Errors are the
// call's: NOT_FOUND for a service the server does not know, UNAVAILABLE when there is no server.
// Protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
absl::StatusOr<HealthState> CheckHealth(const ClientOptions& options, std::string_view service);

}  // namespace muster::rpc::client
