#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "rpc/client/client_options.h"

namespace muster::bench {

// What a client saw of one MakeMatches stream.
struct TickSeen {
  // From the first write to the last answer.
  std::chrono::duration<double, std::milli> time{0};
  int64_t answers = 0;
  int64_t bytes = 0;
};

// Sends the requests on one stream as fast as the server takes them, half-closes, and counts the
// answers, which are not parsed, so that the client costs little. The status of a stream that did
// not end well is the result.
absl::StatusOr<TickSeen> RunTickStream(const std::shared_ptr<grpc::Channel>& channel,
                                       const rpc::client::ClientOptions& options,
                                       const std::vector<grpc::ByteBuffer>& requests);

}  // namespace muster::bench
