#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace muster::bench {

// What a bare MakeMatches stream is to answer once it has read everything. A client that has seen
// another server's answers asks for as many of the same size.
struct AnswerPlan {
  int64_t answers = 0;
  // Of all answers together, shared out evenly.
  int64_t bytes = 0;
};

// The plan as headers of a call.
std::vector<std::pair<std::string, std::string>> ToHeaders(const AnswerPlan& plan);

// The plan in a call's headers; nothing when they have none.
std::optional<AnswerPlan> PlanOf(const grpc::CallbackServerContext& call);

// A stream that parses every ticket into the generated message, keeps its bytes, and answers as the
// plan says after the last one, without a thought: an answer is the next piece of those bytes.
// Owns itself.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartBareTick(const AnswerPlan& plan);

}  // namespace muster::bench
