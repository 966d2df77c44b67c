#pragma once

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "rpc/client/client_options.h"

// What every client call has in common.
namespace muster::rpc::client {

// A channel that connects at the first call: with TLS when any field of `options.tls` is set, else
// in plain text. Without authorities those that gRPC trusts by itself count. The channel is
// thread-safe.
std::shared_ptr<grpc::Channel> OpenChannel(const ClientOptions& options);

// In gRPC's type of deadline, counted from now.
std::chrono::system_clock::time_point DeadlineIn(std::chrono::milliseconds timeout);

// Gives a fresh context the token, the headers and the deadline of `options`, counted from now.
void PrepareContext(const ClientOptions& options, grpc::ClientContext* context);

// The same code, number for number, and the same message.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace muster::rpc::client
